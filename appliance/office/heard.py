"""What the box heard from its buttons and keypads lately, and what it made of it: for the bench page."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any

from appliance.clock import Clock
from appliance.desk.state import Answer
from appliance.errors import MotcuaError
from appliance.web.bench import MEANINGLESS, REFUSED, TAKEN, UNANSWERED, HeardLook
from appliance.wire.moment import Moment
from hardware.clock import Clock as PressClock
from hardware.clock import SystemClock

KEPT = 20
REST_MS = 50
GLOW_MS = 600
"""What was pressed or lit is shown so long, or nobody would see a beep of 80 ms."""

Later = Callable[[int, Callable[[], None]], None]
Witness = Callable[[str, str, Mapping[str, Any]], None]
"""Is told a device, what became of its press, and the desk's answer."""


class Heard:
    """See the module; for any thread, and quick enough for the pins' one.

    Args:
        clock: the box's, for the time that people read.
        press_clock: monotonic milliseconds.
    """

    def __init__(self, clock: Clock, press_clock: PressClock | None = None) -> None:
        self._clock = clock
        self._press_clock = press_clock or SystemClock()
        self._lock = Lock()
        self._heard: deque[_Press] = deque(maxlen=KEPT)
        self._pressed_at: dict[str, datetime] = {}
        self._down: set[str] = set()
        self._hidden: set[str] = set()
        self._is_private: Callable[[str, Moment], bool] = lambda _device, _now: False
        self._glows: dict[str, int] = {}
        self._times: Counter[str] = Counter()
        self._later: Later = lambda _ms, _action: None
        self._rest_ms = REST_MS
        self._changed: Callable[[], None] = lambda: None
        self._witness: Witness = lambda _device, _result, _answer: None

    def attach(self, changed: Callable[[], None]) -> None:
        """Have ``changed`` called whenever there is something new to see; it must return at once."""
        self._changed = changed

    def witness(self, noticed: Witness) -> None:
        """Have ``noticed`` called for every press that is not hidden, once it is known what became of it."""
        self._witness = noticed

    def hide(self, is_private: Callable[[str, Moment], bool]) -> None:
        """Remember nothing of a press for which ``is_private`` says yes when it begins, also not later on."""
        self._is_private = is_private

    def begin(self, later: Later, rest_ms: int) -> None:
        """The devices are opened, perhaps anew: nothing is known to be held.

        Args:
            later: does something in so many milliseconds, so that what glowed is looked at again.
            rest_ms: how long a contact must be up before its next press counts.
        """
        with self._lock:
            self._later, self._rest_ms = later, rest_ms
            self._down.clear()
            self._hidden.clear()

    def tell(self) -> None:
        """Something else has changed."""
        self._changed()

    # --- what comes in

    def edge(self, device: str, *, is_down: bool, at_ms: int) -> None:
        """Note that a contact changed; ``at_ms`` is the press clock's."""
        moment = self._clock.now()
        if self._is_hidden(device, moment, is_down=is_down):
            return
        now = moment.at
        with self._lock:
            latest = self._latest(device)
            if latest is None or (is_down and not latest.is_held and at_ms - latest.edge_ms >= self._rest_ms):
                latest = _Press(HeardLook(device, now), at_ms)
                self._heard.append(latest)
            latest.edge(is_down=is_down, at_ms=at_ms)
            if is_down:
                self._down.add(device)
                self._pressed_at[device] = now
            else:
                self._down.discard(device)
            self._glow(device)
        self._changed()

    def key(self, device: str) -> None:
        """Note that a keypad or an evaluator sent a key."""
        moment, at_ms = self._clock.now(), self._press_clock.monotonic_ms()
        if self._is_private(device, moment):
            return
        now = moment.at
        with self._lock:
            self._heard.append(_Press(HeardLook(device, now), at_ms))
            self._pressed_at[device] = now
            self._glow(device)
        self._changed()

    def answered(self, device: str, done: Future[Answer]) -> None:
        """Note what became of it; called when the answer is there."""
        error = done.exception()
        if error is None:
            answer = done.result().result
            label = str(answer.get("label") or "")
            self.settled(device, TAKEN, label, label, answer)
        else:
            self.failed(device, error)

    def failed(self, device: str, error: BaseException) -> None:
        """Note that it was refused or could not be recorded."""
        vi = error.vi() if isinstance(error, MotcuaError) else str(error)
        self.settled(device, REFUSED, str(error), vi)

    def meaningless(self, device: str) -> None:
        """Note that a key means nothing now."""
        self.settled(device, MEANINGLESS, "", "")

    def settled(
        self, device: str, result: str, said: str, said_vi: str, answer: Mapping[str, Any] | None = None
    ) -> None:
        """Note the result of the latest press of a device that has none."""
        with self._lock:
            latest = self._latest(device)
            is_news = latest is not None and latest.look.result == UNANSWERED
            if latest is not None and is_news:
                latest.look = replace(latest.look, result=result, said=said, said_vi=said_vi)
        if is_news:
            self._witness(device, result, answer or {})
        self._changed()

    def lit(self, device: str, *, is_lit: bool) -> None:
        """Note that a lamp or a buzzer was switched."""
        with self._lock:
            if is_lit:
                self._times[device] += 1
                self._glow(device)
        self._changed()

    # --- what is looked at

    def looks(self) -> tuple[HeardLook, ...]:
        """Return what was heard, the latest first."""
        with self._lock:
            return tuple(press.look for press in reversed(self._heard))

    def is_glowing(self, device: str) -> bool:
        """Whether a device is held or lit, or was a moment ago."""
        with self._lock:
            if device in self._down:
                return True
            since_ms = self._glows.get(device)
        return since_ms is not None and self._press_clock.monotonic_ms() - since_ms < GLOW_MS

    def pressed_at(self, device: str) -> datetime | None:
        """Return when a device was pressed last."""
        with self._lock:
            return self._pressed_at.get(device)

    def last_of(self, prefix: str) -> tuple[str, datetime] | None:
        """Return which device of those whose name begins so was pressed last, and when."""
        with self._lock:
            found = [(at, name) for name, at in self._pressed_at.items() if name.startswith(prefix)]
        if not found:
            return None
        at, name = max(found)
        return name, at

    def times(self, device: str) -> int:
        """Return how often a lamp or buzzer was switched on."""
        with self._lock:
            return self._times[device]

    def _is_hidden(self, device: str, moment: Moment, *, is_down: bool) -> bool:
        """Whether an edge belongs to a press of which nothing is remembered, down or up."""
        is_private = is_down and self._is_private(device, moment)
        with self._lock:
            if is_private and device not in self._down:
                self._hidden.add(device)
            elif is_down:
                self._hidden.discard(device)
            return device in self._hidden

    def _latest(self, device: str) -> "_Press | None":
        return next((press for press in reversed(self._heard) if press.look.device == device), None)

    def _glow(self, device: str) -> None:
        self._glows[device] = self._press_clock.monotonic_ms()
        self._later(GLOW_MS + 1, self._changed)


class _Press:
    """One press while it goes on."""

    __slots__ = ("down_ms", "edge_ms", "is_held", "look")

    def __init__(self, look: HeardLook, at_ms: int) -> None:
        self.look = look
        self.is_held = False
        self.down_ms = self.edge_ms = at_ms

    def edge(self, *, is_down: bool, at_ms: int) -> None:
        self.is_held, self.edge_ms = is_down, at_ms
        held_ms = None if is_down else at_ms - self.down_ms
        self.look = replace(self.look, edges=self.look.edges + 1, held_ms=held_ms)
