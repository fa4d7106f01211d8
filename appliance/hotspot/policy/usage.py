"""What is told about an hour: five counts, or that there were too few to say anything."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from appliance.errors import MotcuaError
from appliance.figures.cells import BLOCK
from appliance.hotspot.errors import (
    DeviceBlockedError,
    HotspotFullError,
    OutsideHoursError,
    QuotaSpentError,
)
from appliance.sockets.gate import Reason

LEAST_SESSIONS: Final = BLOCK
MOST_WAITING: Final = 24 * 14
"""Hours that wait for the office; after two weeks the oldest go."""

REASONS: Final[dict[str, Reason]] = {
    HotspotFullError.key: "full",
    OutsideHoursError.key: "closed",
    QuotaSpentError.key: "spent",
    DeviceBlockedError.key: "blocked",
}


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour that is over. Without counts it had fewer than :data:`LEAST_SESSIONS` sessions."""

    hour: str
    sessions: int | None = None
    peak_clients: int | None = None
    refused: int | None = None
    bytes_down: int | None = None
    bytes_up: int | None = None


@dataclass(slots=True)
class Usage:
    """The running hour, and those that the office has not taken yet.

    ``sessions`` are those that were open at any time of the hour, by their handles: a device that comes and
    goes is one.
    """

    hour: str = ""
    handles: set[str] = field(default_factory=set)
    peak_clients: int = 0
    refused_for: Counter[Reason] = field(default_factory=Counter)
    bytes_down: int = 0
    bytes_up: int = 0
    waiting: dict[str, Hour] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """Refusals of the running hour."""
        return self.refused_for.total()

    def refuse(self, error: MotcuaError) -> None:
        """Count that a device was refused, and why; what is no rule's no is none of it."""
        if error.key in REASONS:
            self.refused_for[REASONS[error.key]] += 1

    def seen(self, handles: set[str], up: int, down: int, hour: str) -> None:
        """Take in who is online now and what came since the last time.

        Args:
            handles: of the open sessions.
            up: bytes from guests.
            down: bytes to guests.
            hour: the running one.
        """
        if hour != self.hour:
            self._over(hour)
        self.handles |= handles
        self.peak_clients = max(self.peak_clients, len(handles))
        self.bytes_up += up
        self.bytes_down += down

    def taken(self, hour: str) -> None:
        """Forget an hour that is recorded."""
        self.waiting.pop(hour, None)

    def _over(self, hour: str) -> None:
        # An hour that comes again, after a step of the clock, must not be told a second time.
        if self.hour and self.handles and self.hour not in self.waiting:
            self.waiting[self.hour] = self._told()
            while len(self.waiting) > MOST_WAITING:
                del self.waiting[next(iter(self.waiting))]
        self.hour, self.handles = hour, set()
        self.refused_for.clear()
        self.peak_clients = self.bytes_down = self.bytes_up = 0

    def _told(self) -> Hour:
        if len(self.handles) < LEAST_SESSIONS:
            return Hour(self.hour)
        return Hour(
            self.hour, len(self.handles), self.peak_clients, self.refused, self.bytes_down, self.bytes_up
        )
