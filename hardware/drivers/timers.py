"""One thread that does small things later: switches a lamp off, repaints a panel."""

import heapq
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Thread, current_thread
from types import TracebackType
from typing import Self

from hardware.clock import Clock, SystemClock

_logger = logging.getLogger(__name__)
_JOIN_TIMEOUT_S = 5.0


@dataclass(order=True, slots=True)
class _Due:
    at_ms: int
    order: int
    action: Callable[[], None] = field(compare=False)


class Timers:
    """Actions at a later time, all on one shared thread; each must return soon.

    Args:
        clock: monotonic milliseconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = Condition()
        self._due: list[_Due] = []
        self._order = itertools.count()
        self._is_closed = False
        self._thread = Thread(target=self._run, name="timers", daemon=True)

    @classmethod
    def open(cls, *, clock: Clock | None = None) -> Self:
        """Start the thread."""
        timers = cls(clock or SystemClock())
        timers._thread.start()
        return timers

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Do ``action`` on the timer thread in ``delay_ms`` milliseconds, unless closed by then."""
        due = _Due(self._clock.monotonic_ms() + delay_ms, next(self._order), action)
        with self._changed:
            if not self._is_closed:
                heapq.heappush(self._due, due)
                self._changed.notify()

    def close(self) -> None:
        """Stop the thread; actions not yet due are forgotten."""
        with self._changed:
            self._is_closed = True
            self._due.clear()
            self._changed.notify()
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join(_JOIN_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while (action := self._next_action()) is not None:
            try:
                action()
            except Exception:
                _logger.exception("a timed action failed")

    def _next_action(self) -> Callable[[], None] | None:
        """Wait for the next action that is due; None when closed."""
        with self._changed:
            while not self._is_closed:
                wait_ms = self._due[0].at_ms - self._clock.monotonic_ms() if self._due else None
                if wait_ms is not None and wait_ms <= 0:
                    return heapq.heappop(self._due).action
                self._changed.wait(None if wait_ms is None else wait_ms / 1000)
            return None
