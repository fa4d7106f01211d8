"""The center's time: a server with good time, so the wall clock is enough."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        ...


class SystemClock:
    """The server's own clock, disciplined by its operating system."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return datetime.now(UTC)
