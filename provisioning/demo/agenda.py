"""What is to be done later, on the caller's own thread; it can stand still."""

import heapq
import itertools
from collections.abc import Callable


class Agenda:
    """Actions by the time they are due.

    Args:
        clock_s: seconds of a clock that never jumps.
    """

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._order = itertools.count()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._stopped_s: float | None = None
        self._lost_s = 0.0

    @property
    def is_paused(self) -> bool:
        """Whether its time stands still."""
        return self._stopped_s is not None

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do ``action`` in ``delay_s`` seconds of the agenda's time."""
        heapq.heappush(self._heap, (self._now_s() + delay_s, next(self._order), action))

    def toggle(self) -> None:
        """Let time stand still, or go on; what was due stays as far away as it was."""
        now_s = self._clock_s()
        if self._stopped_s is None:
            self._stopped_s = now_s
        else:
            self._lost_s += now_s - self._stopped_s
            self._stopped_s = None

    def run_due(self) -> None:
        """Do everything that is due, in order."""
        if self.is_paused:
            return
        while self._heap and self._heap[0][0] <= self._now_s():
            _, _, action = heapq.heappop(self._heap)
            action()

    def wait_s(self, most_s: float) -> float:
        """Return the seconds until something is due, at most ``most_s``."""
        if self.is_paused or not self._heap:
            return most_s
        return min(most_s, max(0.0, self._heap[0][0] - self._now_s()))

    def _now_s(self) -> float:
        now_s = self._clock_s() if self._stopped_s is None else self._stopped_s
        return now_s - self._lost_s
