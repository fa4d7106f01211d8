"""The time as the gate's rules look at it."""

from dataclasses import dataclass

from appliance.config.hours import Span


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment.

    Attributes:
        up_ms: of a clock that never jumps; every span is a difference of these.
        day: the business day, ISO.
        hour: ``2026-11-23T08``, local.
        weekday: 0 is Monday.
        minute: since local midnight.
        is_trusted: whether day, hour, weekday and minute are known and not only supposed.
    """

    up_ms: int
    day: str
    hour: str
    weekday: int
    minute: int
    is_trusted: bool


def is_within(week: tuple[tuple[Span, ...], ...], now: Instant) -> bool:
    """Whether guests may be online: always, when nobody knows what time it is.

    Args:
        week: spans by weekday, from Monday.
        now: the moment.
    """
    if not now.is_trusted:
        return True
    return any(span.opens_min <= now.minute < span.closes_min for span in week[now.weekday])
