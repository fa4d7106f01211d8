"""One delivery: every epoch oldest first, then forked branches, until nothing is left or we must wait."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

import structlog

from appliance.clock import monotonic_s
from appliance.errors import MotcuaError, TransientError
from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.uplink.acceptance import Acceptance
from appliance.uplink.answers import Answer, Fork, Gap, Stored
from appliance.uplink.center import Center
from appliance.uplink.errors import BranchClosedError, NotHeldError
from appliance.uplink.evidence import Evidence
from appliance.uplink.history import History
from appliance.uplink.issues import Issues
from appliance.uplink.port import Issue, Office
from appliance.uplink.progress import (
    SLOW_S,
    Backoff,
    GoOn,
    Halt,
    Leave,
    LostTail,
    Pause,
    Progress,
    PrunedBehind,
    Slow,
    Told,
    after_answer,
    backoff_s,
)
from appliance.uplink.receipts import Advance, Verdict
from appliance.uplink.seal import Limits, Sealed, Sealer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery ended.

    Args:
        delivered: events newly receipted.
        error: why it did not end with nothing left, or None.
        wait_s: seconds until the next try; None leaves it to the schedule.
        next_after_s: when the center wants to see this box again, seconds; None if it did not say.
    """

    delivered: int
    error: MotcuaError | None = None
    wait_s: float | None = None
    next_after_s: int | None = None


@dataclass(slots=True)
class _Run:
    """What happens within one delivery.

    Args:
        left: epochs that are not tried (again) in this run, and why.
        delivered: events newly receipted.
        next_after_s: what the last accepted receipt says.
    """

    left: dict[str, MotcuaError]
    delivered: int = 0
    next_after_s: int | None = None


class Delivery:
    """Delivers what the center lacks. Belongs to one thread.

    Args:
        office: the rest of the box.
        center: takes the batches.
        acceptance: the marks.
        sealer: seals with the device's key.
        limits: how much one batch may hold.
        issues: what health hears.
        uniform: draws between two bounds, for the back-off.
        stopping: whether to come to an end; nothing is acted upon afterwards.
        monotonic: seconds of a clock that never jumps.
    """

    def __init__(
        self,
        *,
        office: Office,
        center: Center,
        acceptance: Acceptance,
        sealer: Sealer,
        limits: Limits,
        issues: Issues,
        uniform: Callable[[float, float], float],
        stopping: Callable[[], bool],
        monotonic: Callable[[], float] = monotonic_s,
    ) -> None:
        self._office = office
        self._center = center
        self._acceptance = acceptance
        self._sealer = sealer
        self._limits = limits
        self._issues = issues
        self._uniform = uniform
        self._stopping = stopping
        self._evidence = Evidence(
            office=office,
            center=center,
            acceptance=acceptance,
            sealer=sealer,
            limits=limits,
            stopping=stopping,
        )
        self._monotonic = monotonic
        self._failures = 0
        self._slow: dict[str, tuple[MotcuaError, float]] = {}

    def run(self, *, everything: bool = False) -> Outcome:
        """Deliver until nothing is left or an answer says wait.

        Args:
            everything: try also the epochs that wait for people, which otherwise are tried once an hour.

        Raises:
            MotcuaError: the office or this card failed; come again.
        """
        now_s = self._monotonic()
        self._slow = {} if everything else {e: s for e, s in self._slow.items() if now_s < s[1]}
        run = _Run({epoch: error for epoch, (error, _) in self._slow.items()})
        halt = self._send_epochs(run) or self._send_evidence(run)
        if halt is not None:
            return self._ended(run, halt.error, halt.pause)
        for error in run.left.values():
            if isinstance(error, TransientError):
                return self._ended(run, error, Backoff())
        self._failures = 0
        if run.left:
            # What waits for people does not keep the other epochs from their schedule.
            return Outcome(run.delivered, next(iter(run.left.values())), None, run.next_after_s)
        if not self._stopping():
            self._issues.lower(Issue.BATCH_REFUSED, Issue.CENTER_REWOUND, Issue.HISTORY_UNREADABLE)
        return Outcome(run.delivered, next_after_s=run.next_after_s)

    def _ended(self, run: _Run, error: MotcuaError, pause: Pause) -> Outcome:
        match pause:
            case Backoff():
                self._failures += 1
                wait_s = backoff_s(self._failures, self._uniform)
            case Slow():
                wait_s = SLOW_S
            case Told():
                wait_s = float(pause.seconds)
            case _:
                assert_never(pause)
        return Outcome(run.delivered, error, wait_s, run.next_after_s)

    def _send_epochs(self, run: _Run) -> Halt | None:
        while not self._stopping():
            history = self._next_epoch(run)
            if history is None:
                return None
            try:
                end = self._send_epoch(history, run)
            except (JournalMovedError, NotHeldError, JournalDamagedError) as error:
                end = self._unreadable(error)
            match end:
                case Halt():
                    self._lift(end.issue)
                    return end
                case Leave():
                    self._leave(history.epoch, end, run)
                case _:
                    pass
        return None

    def _leave(self, epoch: str, leave: Leave, run: _Run) -> None:
        self._lift(leave.issue)
        run.left[epoch] = leave.error
        if not isinstance(leave.error, TransientError):
            self._slow[epoch] = leave.error, self._monotonic() + SLOW_S

    def _next_epoch(self, run: _Run) -> History | None:
        for source in self._office.sources():
            history = History(source)
            if history.epoch in run.left:
                continue
            try:
                if history.last() > self._acceptance.mark(history.epoch).upto:
                    return history
            except (JournalMovedError, JournalDamagedError) as error:
                self._leave(history.epoch, self._unreadable(error), run)
        return None

    def _send_epoch(self, history: History, run: _Run) -> Halt | Leave | None:
        progress = Progress.start(self._limits)
        while not self._stopping():
            first, last = self._acceptance.mark(history.epoch).upto + 1, history.last()
            if first > last:
                return None
            sealed = self._sealer.seal(history, first, last, progress.limits, self._office.moment().wire_at)
            answer = self._center.send(sealed.content, sealed.header)
            if self._stopping():
                return None
            verdict = self._judged(answer, history, run)
            match after_answer(progress, answer, verdict, sealed.header):
                case GoOn(progress=progress, issue=issue):
                    self._log(sealed, answer)
                    self._lift(issue)
                case LostTail():
                    return self._lost_tail(history)
                case PrunedBehind():
                    return self._pruned_behind(history)
                case Halt() | Leave() as end:
                    return end
        return None

    def _judged(self, answer: Answer, history: History, run: _Run) -> Verdict | None:
        match answer:
            case Stored() | Gap():
                gap = isinstance(answer, Gap)
                before = self._acceptance.mark(history.epoch).upto
                verdict, receipt = self._acceptance.take(answer.receipt, history, gap=gap, live=True)
            case Fork():
                before = self._acceptance.mark(history.epoch).upto
                verdict, receipt = self._acceptance.take_fork(answer.receipt, history)
            case _:
                return None
        if isinstance(verdict, Advance):
            self._failures = 0
            self._issues.lower(Issue.KEY_REFUSED)
            run.delivered += verdict.mark.upto - before
            run.next_after_s = receipt.next_after_s if receipt else None
        return verdict

    def _lost_tail(self, history: History) -> Leave | None:
        mark = self._acceptance.mark(history.epoch)
        log.error("deliver.lost_tail", epoch=mark.epoch, upto=mark.upto)
        self._office.lost_tail(mark)
        return self._closed(history)

    def _pruned_behind(self, history: History) -> Leave | None:
        mark = self._acceptance.mark(history.epoch)
        log.error("deliver.pruned_behind", epoch=mark.epoch, upto=mark.upto)
        self._issues.lift(Issue.CENTER_REWOUND)
        self._office.pruned_behind(mark)
        return self._closed(history)

    def _closed(self, history: History) -> Leave | None:
        """Leave an epoch that is still not at its end although a new one follows it."""
        mark = self._acceptance.mark(history.epoch)
        for source in self._office.sources():
            if source.epoch == history.epoch and History(source).last() > mark.upto:
                return Leave(BranchClosedError(epoch=mark.epoch, upto=mark.upto))
        return None

    def _send_evidence(self, run: _Run) -> Halt | None:
        for aside in self._evidence.pending():
            if self._stopping():
                return None
            if aside.epoch in run.left:
                continue
            try:
                end = self._evidence.send(aside)
            except (JournalMovedError, NotHeldError, JournalDamagedError) as error:
                end = self._unreadable(error)
            match end:
                case Halt():
                    self._lift(end.issue)
                    return end
                case Leave():
                    self._leave(aside.epoch, end, run)
                case _:
                    pass
        return None

    def _unreadable(self, error: MotcuaError) -> Leave:
        log.warning("deliver.unreadable", error=error.key, reason=str(error))
        return Leave(error, None if isinstance(error, TransientError) else Issue.HISTORY_UNREADABLE)

    def _lift(self, issue: Issue | None) -> None:
        if issue is not None:
            self._issues.lift(issue)

    def _log(self, sealed: Sealed, answer: Answer) -> None:
        header = sealed.header
        log.info(
            "deliver.answered",
            answer=type(answer).__name__,
            epoch=header.epoch,
            first=header.first,
            last=header.last,
            bytes=len(sealed.content),
        )
