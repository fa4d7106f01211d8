"""The hand-over of this box: see :mod:`appliance.web.handover` for what it is and why presses stay presses.

Each result is recorded as ``hardware.tested``. The run itself is no happening: ``handover.json`` in the data
directory keeps it over a restart, and is written by a thread of its own, because presses are noticed on the
desk's thread, which must not wait for the card twice.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, Final

import structlog

from appliance.clock import Clock
from appliance.desk.commands import Record
from appliance.desk.desk import Desk
from appliance.desk.state import State
from appliance.errors import MotcuaError
from appliance.journal.journal import write_durably
from appliance.office.heard import Heard
from appliance.queueing.commands import Cancel
from appliance.queueing.states import TicketState
from appliance.web.bench import Bench
from appliance.web.handover import (
    IDLE_MS,
    MEASURED,
    NOTICED,
    HallInUseError,
    HandoverLook,
    HandoverOverError,
    Kind,
    Mark,
    NotByWordError,
    Result,
    Step,
    UnknownStepError,
    steps_of,
)
from appliance.wire.event import Draft, Event
from appliance.wire.moment import Quality

log = structlog.get_logger(__name__)

FILE_NAME: Final = "handover.json"
RUN: Final = "handover"
BEGUN: Final = "begun"
_ENDS: Final = frozenset({"counter.opened", "ticket.called"})
"""Whoever does this works: what is pressed from then on may be a citizen's."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What is kept over a restart."""

    begun_at: datetime | None = None
    by: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    tickets: Mapping[str, str] = field(default_factory=dict)
    """Label by key."""

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, default=_text).encode() + b"\n"

    @classmethod
    def read(cls, path: Path) -> "_Run":
        """Return the run of a file; a new one when there is none, or none that can be read."""
        try:
            told = json.loads(path.read_bytes())
            marks = {name: _mark(each) for name, each in told["marks"].items()}
            begun = told["begun_at"]
            at = None if begun is None else datetime.fromisoformat(begun)
            return cls(at, str(told["by"]), marks, {str(key): str(of) for key, of in told["tickets"].items()})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("handover.unreadable", reason=str(error))
            return cls()


class OfficeHandover:
    """See :class:`appliance.web.handover.Handover`.

    Args:
        folder: the data directory.
        desk: knows the hall, records the results.
        clock: the box's.
        bench: knows what is fitted, and lights it.
        heard: tells of presses and keys.
        health: tells of line, clock and center; may block.
    """

    def __init__(
        self,
        folder: Path,
        desk: Desk,
        clock: Clock,
        bench: Bench,
        *,
        heard: Heard,
        health: Callable[[], dict[str, Any]],
    ) -> None:
        self._path = folder / FILE_NAME
        self._desk = desk
        self._clock = clock
        self._bench = bench
        self._heard = heard
        self._health = health
        self._lock = RLock()
        self._run = _Run.read(self._path)
        self._touched_ms: int | None = None
        """When something was done last; None when no presses are noticed."""
        self._writer = ThreadPoolExecutor(1, "handover")
        self._stop_listening = desk.listen(self._on_commit)
        heard.witness(self._noticed)

    def close(self) -> None:
        """Notice no more and finish writing; idempotent."""
        self.end()
        self._heard.witness(lambda _device, _result, _answer: None)
        self._stop_listening()
        self._stop_listening = _nothing
        self._writer.shutdown()

    # --- what is to be seen

    def look(self) -> HandoverLook:
        """See the port."""
        steps, hall = steps_of(self._bench.look()), self._desk.state.hall
        with self._lock:
            run, is_on = self._run, self._is_on()
        return HandoverLook(
            steps=tuple((step, run.marks.get(step.subject)) for step in steps),
            is_on=is_on,
            begun_at=run.begun_at,
            by=run.by,
            tickets=tuple(run.tickets[key] for key in self._waiting(run)),
            is_hall_in_use=bool(hall.posts),
        )

    # --- what is done

    def begin(self, by: str, *, is_anew: bool) -> None:
        """See the port."""
        if self._desk.state.hall.posts:
            raise HallInUseError
        self._desk.ask(Record(Draft("hardware.tested", {"subject": RUN, "result": BEGUN, "by": by})))
        moment = self._clock.now()
        with self._lock:
            waiting = {key: self._run.tickets[key] for key in self._waiting(self._run)}
            if is_anew or self._run.begun_at is None:
                self._run = _Run(moment.at, by, {}, waiting)
            else:
                self._run = replace(self._run, by=by, tickets=waiting)
            self._touched_ms = moment.up_ms
            self._keep()
        self._heard.tell()

    def end(self) -> None:
        """See the port."""
        with self._lock:
            was_on, self._touched_ms = self._touched_ms is not None, None
        if was_on:
            self._heard.tell()

    def attempt(self, subject: str, by: str) -> None:
        """See the port."""
        step = self._step(subject)
        self._bench.test(step.subject, by)
        self._touch()

    def mark(self, subject: str, result: Result, by: str) -> None:
        """See the port."""
        step = self._step(subject)
        is_measured = step.kind in MEASURED and result is not Result.SKIPPED
        if is_measured or (step.kind in NOTICED and result is Result.PASSED):
            raise NotByWordError(subject=step.subject)
        self._desk.ask(self._record(step.subject, result, by))
        self._marked(step.subject, Mark(result, self._clock.now().at, by))

    def measure(self, by: str) -> None:
        """See the port."""
        health, moment = self._health(), self._clock.now()
        uplink = health.get("uplink") or {}
        found = {
            Kind.NETWORK: bool(health.get("addresses")),
            Kind.CLOCK: moment.quality is not Quality.UNSYNCED,
            Kind.ENROLLED: bool(uplink.get("enrolled")),
            Kind.RECEIPT: uplink.get("last_success") is not None,
        }
        for step in steps_of(self._bench.look()):
            if step.kind not in MEASURED:
                continue
            self._step(step.subject)
            result = Result.PASSED if found[step.kind] else Result.FAILED
            is_told = result is Result.FAILED and step.kind in {Kind.ENROLLED, Kind.RECEIPT}
            said, said_vi = (uplink.get("detail"), uplink.get("detail_vi")) if is_told else ("", "")
            with self._lock:
                known = self._run.marks.get(step.subject)
            if known is None or known.result is not result:
                self._desk.ask(self._record(step.subject, result, by))
            self._marked(step.subject, Mark(result, moment.at, by, said or "", said_vi or ""))

    def cancel_tickets(self, by: str) -> int:
        """See the port."""
        with self._lock:
            run = self._run
        cancelled = self._waiting(run)
        for key in cancelled:
            self._desk.ask(Cancel(ticket=key, officer=by))
        with self._lock:
            left = {key: label for key, label in self._run.tickets.items() if key not in run.tickets}
            self._run = replace(self._run, tickets=left)
            self._keep()
        self._heard.tell()
        return len(cancelled)

    # --- what happens

    def _noticed(self, device: str, result: str, answer: Mapping[str, Any]) -> None:
        """Tick a press off; called where presses are answered, on the desk's thread mostly."""
        kind, _, rest = device.partition(":")
        subject = f"keys:{rest.partition(':')[0]}" if kind == "keypad" else device
        if not self._is_on() or subject not in {step.subject for step in steps_of(self._bench.look())}:
            return
        label, key = str(answer.get("label") or ""), answer.get("ticket")
        said = label or result
        with self._lock:
            by = self._run.by
            if kind == "button" and label and isinstance(key, str):
                self._run = replace(self._run, tickets={**self._run.tickets, key: label})
        try:
            self._desk.post(self._record(subject, Result.PASSED, by))
        except MotcuaError as error:
            log.warning("handover.not_recorded", subject=subject, reason=str(error))
            return
        self._marked(subject, Mark(Result.PASSED, self._clock.now().at, by, said, label))

    def _on_commit(self, events: tuple[Event, ...], _state: State) -> None:
        if any(event.kind in _ENDS for event in events):
            self.end()

    def _marked(self, subject: str, mark: Mark) -> None:
        with self._lock:
            self._run = replace(self._run, by=mark.by, marks={**self._run.marks, subject: mark})
            self._touch()
            self._keep()
        self._heard.tell()

    def _touch(self) -> None:
        with self._lock:
            if self._touched_ms is not None:
                self._touched_ms = self._clock.now().up_ms

    def _is_on(self) -> bool:
        with self._lock:
            touched_ms = self._touched_ms
        return touched_ms is not None and self._clock.now().up_ms - touched_ms < IDLE_MS

    def _step(self, subject: str) -> Step:
        if not self._is_on():
            raise HandoverOverError
        for step in steps_of(self._bench.look()):
            if step.subject == subject:
                return step
        raise UnknownStepError(subject=subject[:60])

    def _waiting(self, run: _Run) -> list[str]:
        tickets = self._desk.state.hall.tickets
        found = ((key, tickets.get(key)) for key in run.tickets)
        return [key for key, ticket in found if ticket is not None and ticket.state is TicketState.WAITING]

    def _record(self, subject: str, result: Result, by: str) -> Record:
        return Record(Draft("hardware.tested", {"subject": subject, "result": result.value, "by": by}))

    def _keep(self) -> None:
        data = self._run.to_bytes()
        self._writer.submit(self._write, data)

    def _write(self, data: bytes) -> None:
        try:
            write_durably(self._path, data, 0o600)
        except OSError as error:
            log.warning("handover.not_kept", reason=str(error))


def _mark(told: Mapping[str, str]) -> Mark:
    at = datetime.fromisoformat(told["at"])
    return Mark(Result(told["result"]), at, told["by"], told["said"], told["said_vi"])


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _nothing() -> None:
    pass
