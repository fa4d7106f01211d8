"""The uplink as a whole: one thread that enrols, delivers and serves the stick, and what wakes it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import structlog

from appliance.errors import MotcuaError
from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.journal.journal import Mark
from appliance.uplink.acceptance import Acceptance
from appliance.uplink.center import Center
from appliance.uplink.deliver import Delivery, Outcome
from appliance.uplink.enrol import Order, enrol
from appliance.uplink.errors import (
    IdentityDamagedError,
    NotEnrolledError,
    StickNotEnrolledError,
    UnconfirmedError,
    UplinkClosedError,
)
from appliance.uplink.history import History
from appliance.uplink.identity import Identity, IdentityFolder
from appliance.uplink.issues import Issues
from appliance.uplink.port import Issue, Office
from appliance.uplink.progress import SLOW_S, backoff_s
from appliance.uplink.receipts import ReceiptFile
from appliance.uplink.schedule import Plan, Schedule
from appliance.uplink.seal import Limits, Sealer
from appliance.uplink.stick import Exported, Imported, Stick
from appliance.wire.moment import Moment

log = structlog.get_logger(__name__)

T = TypeVar("T")
_CLOSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Status:
    """What screens and health may show.

    Args:
        enrolled: the center knows this box.
        running: a delivery is going on.
        marks: the mark of each epoch, oldest first.
        unreceipted: events that the center has not receipted; None when they cannot be counted.
        last_success: when nothing was left last, or None since the start.
        last_failure: when a delivery ended otherwise last, or None since the start.
        error: why the last delivery did not end with nothing left; None if it did.
        next_run_at: believed time of the next delivery, aware UTC.
    """

    enrolled: bool
    running: bool
    marks: tuple[Mark, ...]
    unreceipted: int | None
    last_success: Moment | None
    last_failure: Moment | None
    error: MotcuaError | None
    next_run_at: datetime | None

    @property
    def error_key(self) -> str | None:
        """The stable key of the last error."""
        return None if self.error is None else self.error.key


@dataclass(frozen=True)
class _Enrolled:
    """What exists once the center knows this box."""

    acceptance: Acceptance
    delivery: Delivery
    stick: Stick


class _Task:
    """One piece of work for the thread, and who waits for it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()


class Uplink:
    """Delivers the journal for as long as the office runs.

    Args:
        folder: the data folder: identity, receipts.
        office: the rest of the box.
        center: takes the batches; closed by :meth:`close`.
        plan: when to deliver.
        device: this box's id, for its own part of the jitter.
        software: version of this software.
        limits: how much one batch may hold.
        uniform: draws between two bounds, for the back-off.
        order: what to enrol with when this box is not enrolled yet; None when provisioning left nothing.
    """

    def __init__(
        self,
        *,
        folder: Path,
        office: Office,
        center: Center,
        plan: Plan,
        device: str,
        software: str,
        limits: Limits,
        uniform: Callable[[float, float], float],
        order: Order | None = None,
    ) -> None:
        self._folder = IdentityFolder(folder)
        self._receipts = ReceiptFile.of(folder)
        self._office = office
        self._center = center
        self._software = software
        self._limits = limits
        self._uniform = uniform
        self._order = order
        self._issues = Issues(office)
        self._schedule = Schedule(plan, device, office.moment, self._due)
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="uplink", daemon=True)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._delivery_waits = False
        self._current: _Task | None = None
        self._enrolled: _Enrolled | None = None
        self._failures = 0
        self._last_success: Moment | None = None
        self._last_failure: Moment | None = None
        self._error: MotcuaError | None = None

    def start(self) -> None:
        """Begin to deliver as planned."""
        self._thread.start()
        self._schedule.start()

    def close(self) -> None:
        """End within two seconds, also in the middle of a request that hangs. Safe to call twice.

        A request without an answer is as if it was never made: the same events are sent again.
        """
        if self._closing.is_set():
            return
        self._closing.set()
        self._schedule.close()
        self._center.close()
        self._tasks.put(None)
        if self._thread.is_alive():
            self._thread.join(_CLOSE_S)
        current = self._current
        if current is not None:
            _fail(current.future, UplinkClosedError())
        self._drain()

    def deliver_now(self) -> "Future[Outcome]":
        """Deliver as soon as the thread is free, whatever was planned; the result is how it ended."""
        return self._post(lambda: self._deliver(everything=True))

    def export(self, folder: Path) -> "Future[Exported]":
        """Write what has no receipt to a mounted stick; the future may raise StickError, NotEnrolledError."""
        return self._post(lambda: self._stick().export(folder))

    def import_receipts(self, folder: Path) -> "Future[Imported]":
        """Take this box's receipts from a mounted stick; the future may raise as that of :meth:`export`."""
        return self._post(lambda: self._stick().import_receipts(folder))

    def stepped(self) -> None:
        """Learn that the believed clock stepped."""
        self._schedule.stepped()

    def status(self) -> Status:
        """Return how things are; any thread may ask."""
        enrolled = self._enrolled
        unreceipted = self._unreceipted(enrolled)
        with self._lock:
            return Status(
                enrolled=enrolled is not None,
                running=self._current is not None,
                marks=() if enrolled is None else tuple(enrolled.acceptance.marks()),
                unreceipted=unreceipted,
                last_success=self._last_success,
                last_failure=self._last_failure,
                error=self._error,
                next_run_at=self._schedule.next_run_at(),
            )

    def _unreceipted(self, enrolled: _Enrolled | None) -> int | None:
        count = 0
        try:
            for source in self._office.sources():
                upto = 0 if enrolled is None else enrolled.acceptance.mark(source.epoch).upto
                count += max(0, History(source).last() - upto)
        except (JournalMovedError, JournalDamagedError):
            return None
        return count

    def _post(self, work: Callable[[], T]) -> "Future[T]":
        task = _Task(work)
        if self._closing.is_set():
            task.future.set_exception(UplinkClosedError())
        else:
            self._tasks.put(task)
            if self._closing.is_set():  # it may have been drained already
                self._drain()
        return task.future

    def _due(self) -> None:
        """Called by the schedule: one delivery waits at most."""
        with self._lock:
            if self._delivery_waits:
                return
            self._delivery_waits = True
        self._tasks.put(_Task(self._scheduled))

    def _scheduled(self) -> Outcome:
        try:
            return self._deliver(everything=False)
        finally:
            with self._lock:
                self._delivery_waits = False

    def _work(self) -> None:
        self._load()
        while not self._closing.is_set():
            task = self._tasks.get()
            if task is None or self._closing.is_set():
                if task is not None:
                    _fail(task.future, UplinkClosedError())
                return
            if task.future.set_running_or_notify_cancel():
                self._current = task
                self._do(task)
                self._current = None

    def _do(self, task: _Task) -> None:
        try:
            result = task.work()
        except Exception as error:
            if not isinstance(error, MotcuaError):
                log.exception("uplink.failed")
            _fail(task.future, error)
        else:
            with suppress(InvalidStateError):
                task.future.set_result(result)

    def _load(self) -> None:
        """Know the marks before the first delivery, if this box is enrolled already."""
        try:
            if self._folder.record() is not None:
                self._compose(self._folder.load())
        except MotcuaError as error:
            log.warning("uplink.not_loaded", error=error.key, reason=str(error))

    def _drain(self) -> None:
        with suppress(Empty):
            while True:
                task = self._tasks.get_nowait()
                if task is not None:
                    _fail(task.future, UplinkClosedError())
        self._tasks.put(None)  # the thread may still be waiting for it

    def _deliver(self, *, everything: bool) -> Outcome:
        try:
            outcome = self._known().delivery.run(everything=everything)
        except MotcuaError as error:
            outcome = Outcome(0, error, self._wait_s(error))
        except Exception:
            # A bug must not end delivery: say so, and come again.
            log.exception("uplink.delivery_failed")
            self._failures += 1
            self._finish(Outcome(0, MotcuaError(detail="internal"), backoff_s(self._failures, self._uniform)))
            raise
        self._finish(outcome)
        return outcome

    def _finish(self, outcome: Outcome) -> None:
        if self._closing.is_set():
            return
        moment = self._office.moment()
        with self._lock:
            self._error = outcome.error
            if outcome.error is None:
                self._last_success, self._failures = moment, 0
            else:
                self._last_failure = moment
        if outcome.error is not None:
            log.warning("uplink.undelivered", error=outcome.error.key, reason=str(outcome.error))
        if outcome.wait_s is not None:
            self._schedule.come_again(outcome.wait_s)
        else:
            self._schedule.carry_on(outcome.next_after_s)

    def _wait_s(self, error: MotcuaError) -> float:
        self._failures += 1
        match error:
            case UnconfirmedError(wait_s=int() as wait_s):
                return wait_s
            case PermissionError() | NotEnrolledError() | IdentityDamagedError():
                return SLOW_S
            case _:
                return backoff_s(self._failures, self._uniform)

    def _known(self) -> _Enrolled:
        """Return what an enrolled box has, enrolling it first if its claim was not used yet."""
        order = self._order
        if order is not None:
            try:
                enrolled = self._compose(enrol(self._folder, self._center, order))
            except MotcuaError as error:
                if isinstance(error, PermissionError):
                    self._lift_not_enrolled()
                if self._enrolled is None:
                    raise
                # The claim for a replacement does not work (yet); the old key may still be good.
                log.warning("uplink.claim_failed", error=error.key, reason=str(error))
                return self._enrolled
            self._order = None
        else:
            enrolled = self._enrolled or self._loaded()
        if not self._closing.is_set():
            self._issues.lower(Issue.NOT_ENROLLED)
        return enrolled

    def _stick(self) -> Stick:
        """Return the stick's part without a try to enrol: whoever uses a stick has no line to do it over."""
        try:
            return (self._enrolled or self._loaded()).stick
        except NotEnrolledError as error:
            raise StickNotEnrolledError(**error.fields) from error

    def _loaded(self) -> _Enrolled:
        try:
            return self._compose(self._folder.load())
        except (NotEnrolledError, IdentityDamagedError):
            self._lift_not_enrolled()
            raise

    def _lift_not_enrolled(self) -> None:
        if not self._closing.is_set():
            self._issues.lift(Issue.NOT_ENROLLED)

    def _compose(self, identity: Identity) -> _Enrolled:
        acceptance = Acceptance(self._office, self._receipts, identity.center)
        sealer = Sealer(identity.key, self._software)
        delivery = Delivery(
            office=self._office,
            center=self._center,
            acceptance=acceptance,
            sealer=sealer,
            limits=self._limits,
            issues=self._issues,
            uniform=self._uniform,
            stopping=self._closing.is_set,
        )
        stick = Stick(self._office, acceptance, identity, sealer, self._limits)
        self._enrolled = _Enrolled(acceptance, delivery, stick)
        return self._enrolled


def _fail(future: "Future[Any]", error: BaseException) -> None:
    with suppress(InvalidStateError):
        future.set_exception(error)
