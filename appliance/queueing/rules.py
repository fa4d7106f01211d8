"""What an office may configure about its hall. Times are milliseconds unless the name says otherwise."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appliance.queueing.errors import HallRulesError

NO_PRIORITY = "none"
MINUTES_PER_DAY = 24 * 60
_SERIES = re.compile(r"[A-Z]{1,3}\Z")
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class Service:
    """A procedure group with its own line.

    Args:
        id: local id.
        name: Vietnamese name.
        name_en: English name.
        series: the letters in front of its numbers, ``A`` … ``ZZZ``; services may share a series, never a
            number.
        daily_limit: tickets a business day, or ``None`` for no limit.
    """

    id: str
    name: str
    name_en: str = ""
    series: str = "A"
    daily_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """A staffed position; ``services`` in order of preference."""

    id: str
    name: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriorityClass:
    """People who go first by rule: elderly, disabled, pregnant, with merit, with an appointment."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When tickets are issued, by the local clock of the office.

    Args:
        weekly: seven entries, Monday first, each a tuple of (from, until) in minutes since local midnight,
            ``until`` excluded; ``None`` means always.
        days_off: dates (``2026-09-02``) on which nothing is issued.
        extra_days: dates that follow Monday's spans whatever weekday they are (working Saturdays).
    """

    weekly: tuple[tuple[tuple[int, int], ...], ...] | None = None
    days_off: frozenset[str] = frozenset()
    extra_days: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.weekly is None:
            return
        if len(self.weekly) != len("MTWTFSS"):
            raise HallRulesError(
                field="hours.weekly", value=self.weekly, remedy="give seven days, Monday first"
            )
        for spans in self.weekly:
            for start, end in spans:
                if not 0 <= start < end <= MINUTES_PER_DAY:
                    raise HallRulesError(
                        field="hours.weekly",
                        value=(start, end),
                        remedy="from must be before until, in minutes",
                    )

    def spans(self, day: str) -> tuple[tuple[int, int], ...]:
        """Return the spans of a date, empty on a day off."""
        if day in self.days_off:
            return ()
        if self.weekly is None:
            return ((0, MINUTES_PER_DAY),)
        weekday = 0 if day in self.extra_days else date.fromisoformat(day).weekday()
        return self.weekly[weekday]


@dataclass(frozen=True, slots=True)
class HallRules:
    """All rules of a hall.

    Args:
        services: in the order in which screens show them.
        counters: every counter of the office.
        priorities: classes that go first; ``none`` is implied.
        ratio: how many calls of a service may in a row overtake the ticket that has stood longest in its
            line; 0 makes the line strict.
        ageing_ms: from this wait on a service gets its turn whatever the counter prefers, and the ratio is 1.
        min_service_ms: a ticket called at least this long ago counts as served when the counter goes on.
        late_tolerance_ms: how long after a no-show the ticket may come back; ``None`` the whole day.
        late_position: how many of its line stay in front of one who came late; ``None`` means the tail.
        recycle_position: the same for one whom the officer put back.
        transfer_position: the same for one whom a counter sent on.
        max_waiting: people in the hall above which no ticket is issued, or ``None``.
        hours: when tickets are issued; not asked while the clock is untrusted.
    """

    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    priorities: tuple[PriorityClass, ...] = ()
    ratio: int = 2
    ageing_ms: int = 30 * 60_000
    min_service_ms: int = 45_000
    late_tolerance_ms: int | None = 15 * 60_000
    late_position: int | None = 3
    recycle_position: int | None = 3
    transfer_position: int | None = 0
    max_waiting: int | None = None
    hours: Hours = Hours()

    def __post_init__(self) -> None:
        _check_unique("services", [service.id for service in self.services])
        _check_unique("counters", [counter.id for counter in self.counters])
        _check_unique("priorities", [NO_PRIORITY, *(priority.id for priority in self.priorities)])
        known = {service.id for service in self.services}
        for service in self.services:
            if not _SERIES.match(service.series):
                raise HallRulesError(
                    field=f"services.{service.id}.series",
                    value=service.series,
                    remedy="one to three letters A-Z",
                )
        for counter in self.counters:
            if unknown := [name for name in counter.services if name not in known]:
                raise HallRulesError(
                    field=f"counters.{counter.id}.services", value=unknown, remedy="name configured services"
                )
        _check_numbers(self)

    def service(self, service_id: str) -> Service | None:
        """Return a service, or ``None``."""
        return next((service for service in self.services if service.id == service_id), None)

    def counter(self, counter_id: str) -> Counter | None:
        """Return a counter, or ``None``."""
        return next((counter for counter in self.counters if counter.id == counter_id), None)

    def has_priority(self, priority_id: str) -> bool:
        """Whether a ticket may be issued with this class."""
        return priority_id == NO_PRIORITY or any(known.id == priority_id for known in self.priorities)


def _check_unique(field: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise HallRulesError(field=field, value=one, remedy="every id only once (none is taken)")
        if not _ID.match(one):
            raise HallRulesError(field=field, value=one, remedy="1-32 letters, digits, _ or -")
        seen.add(one)


def _check_numbers(rules: HallRules) -> None:
    for name in (
        "ratio", "ageing_ms", "min_service_ms", "late_tolerance_ms",
        "late_position", "recycle_position", "transfer_position", "max_waiting",
    ):  # fmt: skip
        value = getattr(rules, name)
        if value is not None and value < 0:
            raise HallRulesError(field=name, value=value, remedy="not negative")
