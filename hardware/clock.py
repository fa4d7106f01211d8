"""The hardware leaf's only reader of time: one monotonic count of milliseconds."""

import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic time for stamps, gaps and time-outs; it never steps when someone sets the wall clock."""

    def monotonic_ms(self) -> int:
        """Return milliseconds since boot, suspended time included; only differences mean anything."""


class SystemClock:
    """The kernel's CLOCK_BOOTTIME, the same count that the office stamps its events with."""

    def monotonic_ms(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class ManualClock:
    """A clock that moves only when told to.

    Args:
        start_ms: first value shown, in milliseconds.
    """

    def __init__(self, start_ms: int = 0) -> None:
        self._now_ms = start_ms

    def monotonic_ms(self) -> int:
        return self._now_ms

    def advance(self, ms: int) -> None:
        """Move forward by ``ms`` milliseconds.

        Raises:
            ValueError: ``ms`` is negative; a monotonic clock does not go back.
        """
        if ms < 0:
            raise ValueError(f"ms is {ms}; a monotonic clock only moves forward")
        self._now_ms += ms
