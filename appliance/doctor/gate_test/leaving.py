"""Leaves what a test of the gate found for the office's page."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from appliance.doctor.examination import exit_code
from appliance.doctor.finding import Both, Finding
from appliance.doctor.sheet import VERDICTS
from appliance.sockets.gate_test import MOST_TEXT, Found, GateTest, Sentence

MODE: Final = 0o644


def told(findings: Sequence[Finding], at: str) -> GateTest:
    """Return the findings as the office reads them.

    Args:
        findings: in the order of the sheet.
        at: when the test ended, as in the office's messages.
    """
    found = tuple(
        Found(
            key=each.key,
            level=each.level.value,
            title=_sentence(each.title),
            said=_sentence(each.said),
            todo=None if each.todo is None else _sentence(each.todo),
        )
        for each in findings
    )
    return GateTest(at=at, verdict=_sentence(VERDICTS[exit_code(findings)]), found=found)


def leave(test: GateTest, path: Path) -> None:
    """Put it into a folder of the gate's user, who may not make root write anywhere else.

    Raises:
        OSError: the folder cannot be written to; what was there before still is.
    """
    number, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    draft = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(test.line())
            os.fchmod(file.fileno(), MODE)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _sentence(both: Both) -> Sentence:
    return Sentence(en=both.en[:MOST_TEXT], vi=both.vi[:MOST_TEXT])
