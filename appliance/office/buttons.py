"""From edges of real buttons to commands, and from durable answers to lamps."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock

import structlog

from appliance.desk.commands import ClearFault, Command, ReportFault
from appliance.desk.desk import Desk
from appliance.desk.state import Answer
from appliance.errors import MotcuaError
from appliance.feedback import debounce
from appliance.feedback.rating import Press
from appliance.feedback.rules import RatingRules
from appliance.office.heard import Heard
from appliance.office.thanks import Thanks
from appliance.queueing.commands import IssueTicket
from hardware.clock import Clock
from hardware.drivers.timers import Timers

log = structlog.get_logger(__name__)

POLL_MS = 1_000
STUCK = "button_stuck"


@dataclass(frozen=True, slots=True)
class RatingButton:
    """What one satisfaction button means."""

    counter: str
    level: int


@dataclass(frozen=True, slots=True)
class IssueButton:
    """What one take-a-number button means."""

    service: str


Meaning = RatingButton | IssueButton


def device_of(name: str) -> str:
    """Return what the bench page calls a button."""
    return f"button:{name}"


class ButtonInputs:
    """Debounces edges and posts what they mean; thanks when it is durable.

    Args:
        desk: where commands go.
        rules: times of the debounce.
        meanings: by button name.
        thanks: what lights and beeps.
        clock: the one that stamped the edges.
        heard: is told of every edge and of what became of it.
    """

    def __init__(
        self,
        desk: Desk,
        rules: RatingRules,
        meanings: Mapping[str, Meaning],
        thanks: Thanks,
        clock: Clock,
        *,
        heard: Heard | None = None,
    ) -> None:
        self._desk = desk
        self._rules = rules
        self._meanings = meanings
        self._thanks = thanks
        self._clock = clock
        self._heard = heard
        self._lock = Lock()
        self._keys: dict[str, debounce.Key] = {}

    def watch(self, held: frozenset[str], timers: Timers) -> None:
        """Begin: buttons that are down already are stuck, not pressed; look again every second.

        Args:
            held: names of the buttons that are down now.
            timers: the shared timer thread.
        """
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            for name in self._meanings:
                if name in self._keys:  # an edge came before we looked: that press is known already
                    continue
                self._keys[name], stuck = debounce.watch(
                    is_down=name in held, at_ms=now_ms, rules=self._rules
                )
                # One that was stuck before the restart may have been freed meanwhile.
                self._post(ClearFault(STUCK, name) if stuck is None else ReportFault(STUCK, name))
        self._poll_again(timers)

    def on_edge(self, name: str, is_down: bool, at_ms: int) -> None:
        """Take an edge; called on the pins' thread."""
        meaning = self._meanings.get(name)
        if meaning is None:
            return
        if self._heard is not None:
            self._heard.edge(device_of(name), is_down=is_down, at_ms=at_ms)
        with self._lock:
            key = self._keys.get(name)
            if key is None:
                key, _ = debounce.watch(is_down=not is_down, at_ms=at_ms, rules=self._rules)
            self._keys[name], pressed = debounce.edge(key, is_down=is_down, at_ms=at_ms, rules=self._rules)
        if pressed is not None:
            self._pressed(name, meaning, is_suspect=pressed.is_suspect)

    def _pressed(self, name: str, meaning: Meaning, *, is_suspect: bool) -> None:
        command: Command
        counter: str | None = None
        match meaning:
            case RatingButton(counter, level):
                command = Press(counter, level, "gpio", stuck=is_suspect)
            case IssueButton(service):
                command = IssueTicket(service=service, source="button")
        try:
            reply = self._desk.post(command)
        except MotcuaError as error:
            self._not_taken(error)
            if self._heard is not None:
                self._heard.failed(device_of(name), error)
        else:
            reply.add_done_callback(lambda done: self._thank(done, name, counter))

    def _thank(self, done: Future[Answer], name: str, counter: str | None) -> None:
        if self._heard is not None:
            self._heard.answered(device_of(name), done)
        error = done.exception()
        if error is not None:
            log.warning("button.refused", reason=str(error))
        elif counter is None:
            self._thanks.for_number()
        else:
            self._thanks.for_rating(counter)

    def _post(self, command: Command) -> None:
        try:
            self._desk.post(command)
        except MotcuaError as error:
            self._not_taken(error)

    def _not_taken(self, error: MotcuaError) -> None:
        # Nothing lights: whoever pressed sees that it was not taken.
        log.warning("button.not_taken", reason=str(error))

    def _poll_again(self, timers: Timers) -> None:
        timers.after(POLL_MS, lambda: self._poll(timers))

    def _poll(self, timers: Timers) -> None:
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            for name, key in self._keys.items():
                self._keys[name], report = debounce.due(key, now_ms, self._rules)
                match report:
                    case debounce.KeyStuck():
                        self._post(ReportFault(STUCK, name))
                    case debounce.KeyFreed():
                        self._post(ClearFault(STUCK, name))
                    case None:
                        pass
        self._poll_again(timers)
