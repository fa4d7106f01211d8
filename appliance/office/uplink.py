"""What the uplink asks of the office, over the desk and the data directory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from appliance.clock import Clock, monotonic_s
from appliance.desk.commands import ClearFault, Command, LeaveEpoch, Prune, ReportFault, TrustTime
from appliance.desk.desk import Desk
from appliance.errors import MotcuaError
from appliance.journal.aside import ROLLED_BACK, Aside, asides, evidence_was_sent, find, write_plan
from appliance.journal.journal import Mark, retention_limit
from appliance.journal.retention import prune_asides
from appliance.journal.source import Source, sources
from appliance.wire.moment import Moment, microseconds, parse_wire_time
from appliance.wire.receipt import Receipt

log = structlog.get_logger(__name__)

PRUNE_S = 6 * 3600.0


class OfficeForUplink:
    """See :class:`appliance.uplink.port.Office`.

    Args:
        folder: the data directory.
        desk: records what the uplink learns.
        clock: the box's clock.
        retention_days: how long a receipted event stays.
        marks: the last accepted receipt of each epoch.
        enrolled: called with every receipt: what provisioning left has done its work.
    """

    def __init__(
        self,
        folder: Path,
        desk: Desk,
        clock: Clock,
        retention_days: int,
        *,
        marks: Callable[[], Sequence[Mark]],
        enrolled: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._desk = desk
        self._clock = clock
        self._retention_days = retention_days
        self._marks = marks
        self._enrolled = enrolled
        self._pruned_s: float | None = None

    def sources(self) -> list[Source]:
        return sources(self._folder)

    def asides(self) -> list[Aside]:
        return asides(self._folder)

    def moment(self) -> Moment:
        return self._clock.now()

    def receipt_accepted(self, receipt: Receipt, *, live: bool) -> None:
        self._enrolled()
        if live:
            self._post(TrustTime("receipt", microseconds(parse_wire_time(receipt.at))))
        now_s = monotonic_s()
        if self._pruned_s is None or now_s - self._pruned_s >= PRUNE_S:
            self._pruned_s = now_s
            self._post(Prune(Mark(receipt.epoch, receipt.upto, receipt.head), self._retention_days))
            prune_asides(self._folder, self._marks(), retention_limit(self.moment(), self._retention_days))

    def lost_tail(self, mark: Mark) -> None:
        self._desk.ask(LeaveEpoch(mark))
        aside = find(self._folder, mark.epoch)
        if aside is not None and aside.reason != ROLLED_BACK:
            # Set aside before, and shorter than what the center holds: a backup that lacked its last seconds.
            write_plan(self._folder, replace(aside, upto=mark.upto, head=mark.head, reason=ROLLED_BACK))
            self._post(ReportFault("rolled_back", mark.epoch))

    def pruned_behind(self, mark: Mark) -> None:
        # The same step: what the old epoch has after the mark stays there, as evidence.
        self._desk.ask(LeaveEpoch(mark))

    def evidence_stored(self, aside: Aside) -> None:
        evidence_was_sent(self._folder, aside)

    def issue(self, key: str, subject: str, *, raised: bool) -> None:
        self._post(ReportFault(key, subject) if raised else ClearFault(key, subject))

    def _post(self, command: Command) -> None:
        try:
            self._desk.post(command)
        except MotcuaError as error:
            log.warning("uplink.not_recorded", command=type(command).__name__, reason=str(error))
