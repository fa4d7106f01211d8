"""When a set-aside epoch may go: everything of it is receipted or stored as evidence, and it is old."""

from collections.abc import Sequence
from pathlib import Path

import structlog

from appliance.journal.aside import FOLDER, ROLLED_BACK, Aside, asides, remove_aside
from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.journal.journal import Mark
from appliance.journal.source import Source
from appliance.wire.chain import Genesis
from appliance.wire.event import check_line

log = structlog.get_logger(__name__)


def prune_asides(folder: Path, marks: Sequence[Mark], before: str) -> list[str]:
    """Remove the set-aside epochs that nobody needs any more; return their ids.

    Args:
        folder: the data directory.
        marks: the last accepted receipt of each epoch.
        before: wire time; an epoch goes only if its last event is older.
    """
    upto = {mark.epoch: mark.upto for mark in marks}
    gone = []
    for aside in asides(folder):
        is_delivered = upto.get(aside.epoch, 0) >= aside.upto
        has_evidence = aside.reason == ROLLED_BACK and not aside.evidence_sent
        if is_delivered and not has_evidence and _is_older(folder, aside, before):
            remove_aside(folder, aside)
            log.info("journal.aside_removed", epoch=aside.epoch)
            gone.append(aside.epoch)
    return gone


def _is_older(folder: Path, aside: Aside, before: str) -> bool:
    if not aside.upto:
        return False
    try:
        source = Source(folder / FOLDER / aside.moved, Genesis.from_line(aside.genesis), aside.upto)
        (line,) = source.lines(aside.upto, aside.upto)
        return check_line(line).at < before
    except (JournalDamagedError, JournalMovedError, LookupError, ValueError):
        return False  # what cannot be read is not judged; a technician decides
