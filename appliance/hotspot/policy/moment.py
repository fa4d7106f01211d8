"""The time as the gate's rules look at it."""

from dataclasses import dataclass
from typing import Final

from appliance.config.hours import Span

DAYS: Final = 7
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment.

    Attributes:
        up_ms: of a clock that never jumps; every span is a difference of these.
        day: the business day, ISO.
        hour: ``2026-11-23T08``, local.
        weekday: 0 is Monday.
        minute: since local midnight.
        second: of that minute.
        is_trusted: whether day, hour, weekday, minute and second are known and not only supposed.
    """

    up_ms: int
    day: str
    hour: str
    weekday: int
    minute: int
    is_trusted: bool
    second: int = 0


def is_within(week: tuple[tuple[Span, ...], ...], now: Instant) -> bool:
    """Whether guests may be online: always, when nobody knows what time it is.

    Args:
        week: spans by weekday, from Monday.
        now: the moment.
    """
    if not now.is_trusted:
        return True
    return any(span.opens_min <= now.minute < span.closes_min for span in week[now.weekday])


def opens_in_s(week: tuple[tuple[Span, ...], ...], now: Instant) -> int | None:
    """Return the seconds until guests may be online next; None if they may now, or never.

    Args:
        week: spans by weekday, from Monday.
        now: the moment.
    """
    if is_within(week, now):
        return None
    passed_s = now.minute * 60 + now.second
    # The same weekday twice: its morning may be over today.
    for days in range(DAYS + 1):
        begins = (
            span.opens_min * 60 + days * _DAY_S - passed_s for span in week[(now.weekday + days) % DAYS]
        )
        if found := [each for each in begins if each > 0]:
            return min(found)
    return None
