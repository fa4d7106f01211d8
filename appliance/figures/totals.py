"""Totals of a business day or of several: what pages, reports and exports show.

Totals add up with ``+``, days with days and counters with counters. They hold no level that may not be shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import reduce
from typing import Any, TypeVar

from appliance.figures.cells import Distribution, together
from appliance.figures.spans import Spans

T = TypeVar("T", "ServiceTotals", "CounterTotals", "RatingTotals")

NOWHERE = ""
"""Stands for a service or counter that the journal does not tell: its events are lost."""


@dataclass(frozen=True, slots=True)
class ServiceTotals:
    """One service; a ticket counts where it stood, so that a transfer counts for the line it left.

    Args:
        issued: numbers given.
        carried: tickets taken over from another day.
        left: cancelled at their owners' wish.
        day_end: cancelled because the day ended.
        cancelled: cancelled by an officer.
        no_shows: calls to which nobody came; who came after all counts as ``returned``, too.
        returned: came back after the call was missed.
        recycled: put back into the line by an officer.
        transferred: sent on to another line or counter.
        called: calls without those that were repeated.
        served: served.
        waits: from the number to the first call, of whoever was not carried from another day.
        servings: from the start (else the call) to the end.
    """

    issued: int = 0
    carried: int = 0
    left: int = 0
    day_end: int = 0
    cancelled: int = 0
    no_shows: int = 0
    returned: int = 0
    recycled: int = 0
    transferred: int = 0
    called: int = 0
    served: int = 0
    waits: Spans = field(default_factory=Spans)
    servings: Spans = field(default_factory=Spans)

    def __add__(self, other: "ServiceTotals") -> "ServiceTotals":
        """Return the totals of both."""
        return _added(self, other)


@dataclass(frozen=True, slots=True)
class RatingTotals:
    """The ratings of one counter.

    Args:
        bound: evaluations of a ticket.
        unbound: evaluations for which no ticket was found; they count for the counter.
        repeats: presses after an evaluation that did not count.
        corrections: presses that took the place of another.
        burst: presses flagged because many came at once; none is dropped for it.
        stuck: presses flagged because the key was stuck shortly before.
        before_call: evaluations begun within 10 s before the counter's next call.
        sources: evaluations by source.
        shown: by length of the scale the distribution that may be shown; a scale under five is not there.
    """

    bound: int = 0
    unbound: int = 0
    repeats: int = 0
    corrections: int = 0
    burst: int = 0
    stuck: int = 0
    before_call: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[int, Distribution] = field(default_factory=dict)

    @property
    def evaluations(self) -> int:
        """How many evaluations count, bound and unbound."""
        return self.bound + self.unbound

    @property
    def before_call_share(self) -> float | None:
        """Share of the evaluations given shortly before the next call, 0-1; None without evaluations."""
        return self.before_call / self.evaluations if self.evaluations else None

    def __add__(self, other: "RatingTotals") -> "RatingTotals":
        """Return the totals of both; the distributions shown add up to one that may be shown."""
        return _added(self, other)


@dataclass(frozen=True, slots=True)
class CounterTotals:
    """One counter.

    Args:
        called: tickets called to it, without repeated calls.
        served: served there.
        no_shows: called there, and nobody came.
        transferred: sent on from there.
        ratings: its ratings.
    """

    called: int = 0
    served: int = 0
    no_shows: int = 0
    transferred: int = 0
    ratings: RatingTotals = field(default_factory=RatingTotals)

    @property
    def response_rate(self) -> float | None:
        """Evaluations of tickets by tickets served, 0-1; None when nobody was served.

        Never more than 1, although who was not served (no-show, transferred) may rate as well.
        """
        return min(1.0, self.ratings.bound / self.served) if self.served else None

    def __add__(self, other: "CounterTotals") -> "CounterTotals":
        """Return the totals of both."""
        return _added(self, other)


@dataclass(frozen=True, slots=True)
class WifiHour:
    """One hour of the public WiFi. Without counts there were too few sessions to say anything.

    Args:
        sessions: devices that were online at any time of it.
        peak_clients: most of them at once.
        refused: times that a device was not let through.
        bytes_down: towards guests.
        bytes_up: from guests.
    """

    sessions: int | None = None
    peak_clients: int | None = None
    refused: int | None = None
    bytes_down: int | None = None
    bytes_up: int | None = None

    def __add__(self, other: "WifiHour") -> "WifiHour":
        """Return the first: an hour that is told twice is one."""
        return self


@dataclass(frozen=True, slots=True)
class Totals:
    """Business days.

    Args:
        days: which, ``2026-11-23``.
        services: by service; :data:`NOWHERE` only if something is lost.
        counters: by counter.
        is_partial: whether events of these days could not be read.
        wifi: hours of the public WiFi that were told of in these days, by ``2026-11-23T08``. The last hour of
            a day is told when the next one has begun.
    """

    days: tuple[str, ...] = ()
    services: Mapping[str, ServiceTotals] = field(default_factory=dict)
    counters: Mapping[str, CounterTotals] = field(default_factory=dict)
    is_partial: bool = False
    wifi: Mapping[str, WifiHour] = field(default_factory=dict)

    @property
    def all_services(self) -> ServiceTotals:
        """All services together."""
        return reduce(ServiceTotals.__add__, self.services.values(), ServiceTotals())

    @property
    def all_counters(self) -> CounterTotals:
        """All counters together."""
        return reduce(CounterTotals.__add__, self.counters.values(), CounterTotals())


def merged(several: Iterable[Totals]) -> Totals:
    """Return the totals of several days as one."""
    days: list[str] = []
    services: Mapping[str, ServiceTotals] = {}
    counters: Mapping[str, CounterTotals] = {}
    is_partial = False
    wifi: Mapping[str, WifiHour] = {}
    for one in several:
        days.extend(one.days)
        services, counters = _plus(services, one.services), _plus(counters, one.counters)
        wifi = _plus(wifi, one.wifi)
        is_partial = is_partial or one.is_partial
    return Totals(tuple(days), services, counters, is_partial, wifi)


def _added(one: T, other: T) -> T:
    values = {each.name: _plus(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)}
    return type(one)(**values)


def _plus(one: Any, other: Any) -> Any:  # noqa: ANN401 - members of totals: numbers, spans, mappings of them
    if isinstance(one, Mapping):
        return {
            name: _plus(one[name], other[name]) if name in one and name in other else found
            for name, found in {**one, **other}.items()
        }
    if isinstance(one, tuple):
        return together((one, other))
    return one + other
