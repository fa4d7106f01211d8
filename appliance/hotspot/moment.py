"""The moment as the gate and its tools believe it: no hardware clock, and nothing before this software."""

from typing import Final

from appliance.clock import BelievedClock, KernelTime, SystemTime
from appliance.wire.moment import Moment

FLOOR_US: Final = 1_764_547_200_000_000
"""2025-12-01: no box is older than its software."""


def clock_over(system: SystemTime) -> BelievedClock:
    """Return a clock over what the machine says."""
    clock = BelievedClock(system, floor_us=FLOOR_US, has_rtc=False)
    clock.observe()
    return clock


def believed() -> Moment:
    """Return the moment."""
    return clock_over(KernelTime()).now()
