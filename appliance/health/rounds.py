"""A thread that goes round the checks and tells what changed."""

import threading
from collections.abc import Callable, Collection
from typing import Protocol

import structlog

from appliance.health.checks import (
    backup_behind,
    card_refused,
    center_ca,
    clock_untrusted,
    disk_space,
    hotspot_closed,
    hotspot_conflict,
    hotspot_engine,
    hotspot_records,
    hotspot_silent,
    journal_size,
    pages_unserved,
    recording_stopped,
    uplink_late,
)
from appliance.health.facts import Facts, Issue

log = structlog.get_logger(__name__)

CHECKS = (
    recording_stopped.check,
    disk_space.check,
    journal_size.check,
    clock_untrusted.check,
    center_ca.check,
    uplink_late.check,
    pages_unserved.check,
    backup_behind.check,
    card_refused.check,
    hotspot_silent.check,
    hotspot_closed.check,
    hotspot_engine.check,
    hotspot_conflict.check,
    hotspot_records.check,
)
RECORDED = frozenset(
    {
        *("disk_space", "journal_size", "center_ca", "uplink_late", "pages_unserved", "backup_behind"),
        *("hotspot_silent", "hotspot_closed", "hotspot_engine", "hotspot_conflict"),
    }
)
"""The issues above that belong into the journal."""
ROUND_S = 30.0


def examine(facts: Facts) -> list[Issue]:
    """Return what is wrong, the worst first."""
    return [issue for check in CHECKS if (issue := check(facts)) is not None]


class Rounds:
    """Goes round until closed; make it with :meth:`open`.

    Args:
        gather: collects the facts; may block.
        office: where issues are told; what the journal says is open decides what has changed, also after a
            restart.
    """

    def __init__(self, gather: Callable[[], Facts], office: "Office") -> None:
        self._gather = gather
        self._office = office
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

    @classmethod
    def open(cls, gather: Callable[[], Facts], office: "Office") -> "Rounds":
        """Start the thread; the first round is at once."""
        rounds = cls(gather, office)
        rounds._thread.start()
        return rounds

    def now(self) -> list[Issue]:
        """Examine now and return what is wrong."""
        return examine(self._gather())

    def close(self) -> None:
        """Stop."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._round()
            except Exception:
                log.exception("health.round_failed")
            if self._closing.wait(ROUND_S):
                return

    def _round(self) -> None:
        found = {(issue.key, issue.subject): issue for issue in self.now() if issue.recorded}
        known = {fault for fault in self._office.open_issues() if fault[0] in RECORDED}
        for fault in found.keys() - known:
            log.warning("health.issue", key=fault[0], suggestion=found[fault].suggestion)
            self._office.raise_issue(*fault)
        for fault in known - found.keys():
            self._office.clear_issue(*fault)


class Office(Protocol):
    """Where issues are told; all return at once."""

    def open_issues(self) -> Collection[tuple[str, str]]:
        """Return the (key, subject) of every issue the journal holds open."""
        ...

    def raise_issue(self, key: str, subject: str) -> None:
        """Record an issue."""
        ...

    def clear_issue(self, key: str, subject: str) -> None:
        """Record that it is right again."""
        ...
