"""The doctor as the staff app asks it: from within the office, with its rights and none of root's."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from appliance.doctor import storage
from appliance.doctor.box import Around, Box
from appliance.doctor.bundle.writing import pack_bundle
from appliance.doctor.examination import examine, exit_code, todo_first
from appliance.doctor.finding import Both, Finding, Level
from appliance.doctor.sheet import VERDICTS
from appliance.web.examiner import CardLook, ExaminedLook, FoundLook

MEASURE_S: Final = 10.0
_VERDICT_KEYS: Final = {
    storage.Verdict.GOOD: "good",
    storage.Verdict.SLOW: "slow",
    storage.Verdict.CHANGE: "change",
    storage.Verdict.NO_CARD: "no_card",
}


class OfficeExaminer:
    """See :class:`appliance.web.examiner.Examiner`.

    Args:
        config: the office.toml of this box.
        around: the rest of the world.
        measure_s: how long the card is measured.
    """

    def __init__(self, config: Path, around: Around | None = None, measure_s: float = MEASURE_S) -> None:
        self._config = config
        self._around = around or Around()
        self._measure_s = measure_s

    def examine(self) -> ExaminedLook:
        """See the port."""
        box = self._box()
        findings = [_within(each) for each in examine(box)]
        verdict = VERDICTS[exit_code(findings)]
        return ExaminedLook(
            at=box.moment.at,
            found=_looks(findings),
            first=_looks(todo_first(findings)),
            verdict=(verdict.en, verdict.vi),
        )

    def bundle(self) -> bytes:
        """See the port."""
        box = self._box()
        return pack_bundle(box, examine(box))[0]

    def measure_card(self) -> CardLook:
        """See the port."""
        box = self._box()
        measured = storage.measure(box.folder, self._measure_s)
        times = measured.journal
        verdict = _VERDICT_KEYS[measured.verdict]
        return CardLook(box.moment.at, verdict, times.count, times.p50, times.p99, times.worst)

    def _box(self) -> Box:
        # A machine remembers what it read, and this one is looked over again and again.
        fresh = replace(self._around, machine=replace(self._around.machine))
        return Box.find(self._config, around=fresh)


def _within(finding: Finding) -> Finding:
    """Return a finding as the office can say it: what it may not see it does not know."""
    if finding.level is not Level.UNSEEN:
        return finding
    said = Both(
        f"this page may not look at it ({finding.said.en})",
        f"trang này không được phép xem ({finding.said.vi})",
    )
    return Finding(finding.key, finding.title, Level.UNKNOWN, said)


def _looks(findings: Iterable[Finding]) -> tuple[FoundLook, ...]:
    return tuple(
        FoundLook(
            key=each.key,
            level=each.level.value,
            title=(each.title.en, each.title.vi),
            said=(each.said.en, each.said.vi),
            todo=None if each.todo is None else (each.todo.en, each.todo.vi),
        )
        for each in findings
    )
