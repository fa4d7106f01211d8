"""A session that is over, as it is told to whoever records it."""

from dataclasses import dataclass
from typing import Literal

Reason = Literal["time", "idle", "hours", "quota", "blocked", "left", "renewed", "stopped"]


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that is over, or that another start of the gate goes on with (``stopped``)."""

    mac: str
    began_ms: int
    ended_ms: int
    up: int
    down: int
    reason: Reason
