"""The stamp of an event: believed wall time, its quality, the boot and the time since boot."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_US = 3_600_000_000
_MINUTE_US = 60_000_000
_WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z", re.ASCII)


class Quality(StrEnum):
    """How far the wall time can be trusted."""

    SYNCED = "synced"
    """NTP, a receipt or an officer set it within the last 24 hours."""
    RTC = "rtc"
    """A hardware clock above the floor."""
    UNSYNCED = "unsynced"
    """A guess: never less than the floor."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant as the box knows it.

    Args:
        at_us: believed wall time, microseconds since 1970-01-01 UTC.
        quality: how far to trust it.
        boot: the kernel's boot id (UUID).
        up_ms: CLOCK_BOOTTIME in milliseconds.
    """

    at_us: int
    quality: Quality
    boot: str
    up_ms: int

    @property
    def at(self) -> datetime:
        """The believed wall time, aware UTC."""
        return _EPOCH + timedelta(microseconds=self.at_us)

    @property
    def wire_at(self) -> str:
        """RFC 3339 UTC with exactly six decimals."""
        return f"{self.at.isoformat(timespec='microseconds')[:26]}Z"  # wire_time of what is UTC already

    @property
    def trusted(self) -> bool:
        """Whether the business day may follow this clock."""
        return self.quality is not Quality.UNSYNCED

    def local_day(self) -> str:
        """The date in Hanoi, ``2026-11-23``."""
        return _local_hour(self.at_us // _HOUR_US)[0]

    def local_minutes(self) -> int:
        """Minutes since midnight in Hanoi."""
        return _local_hour(self.at_us // _HOUR_US)[1] * 60 + self.at_us % _HOUR_US // _MINUTE_US


@lru_cache(maxsize=64)
def _local_hour(hour: int) -> tuple[str, int]:
    """Return date and hour in Hanoi of an hour since 1970 UTC; offsets there have long been whole hours."""
    local = (_EPOCH + timedelta(hours=hour)).astimezone(HANOI)
    return local.date().isoformat(), local.hour


@dataclass(frozen=True, slots=True)
class Now:
    """A moment and its place on the office's own timeline.

    ``elapsed_ms`` only grows: differences of ``up_ms`` within a boot; across a restart the old boot's span
    plus the new boot's ``up_ms``. Only its differences mean anything.
    """

    moment: Moment
    elapsed_ms: int


def wire_time(at: datetime) -> str:
    """Return an aware datetime as the wire writes it: UTC, six decimals, ``Z``."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def microseconds(at: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 UTC, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def parse_wire_time(text: str) -> datetime:
    """Return the aware UTC datetime of a wire time.

    Raises:
        ValueError: the text is not of the one form allowed.
    """
    if _WIRE_TIME.fullmatch(text) is None:
        msg = f"not RFC 3339 UTC with six decimals: {text!r:.80}"
        raise ValueError(msg)
    return datetime.fromisoformat(text)


def is_wire_time(value: object) -> bool:
    """Whether a value is a wire time: UTC, six decimals, ``Z``, a real instant."""
    if not isinstance(value, str):
        return False
    try:
        parse_wire_time(value)
    except ValueError:
        return False
    return True
