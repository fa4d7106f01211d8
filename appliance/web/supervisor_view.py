"""What a supervisor sees of one or several days: tables and ratings, put together from the day's figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.accounts.person import Person
from appliance.config import Settings
from appliance.figures.cells import BLOCK
from appliance.figures.totals import CounterTotals, ServiceTotals, Totals
from appliance.queueing.hall import Hall
from appliance.web.names import Names


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service, or all of them.

    Args:
        name: its; empty for events that are lost.
        figures: counted.
        waiting: how many wait now; None for days that are over.
    """

    name: str
    figures: ServiceTotals
    waiting: int | None


@dataclass(frozen=True, slots=True)
class CounterRow:
    """One counter, or all of them.

    Args:
        name: its; empty for events that are lost.
        figures: counted.
        state: ``closed``, ``open`` or ``paused``; None for days that are over.
        officer: who sits there now.
        reason: why it is paused, a key.
        label: of the ticket at it.
    """

    name: str
    figures: CounterTotals
    state: str | None = None
    officer: str | None = None
    reason: str | None = None
    label: str | None = None

    @property
    def flagged(self) -> int:
        """Presses that were flagged: many at once, or a key that was stuck."""
        return self.figures.ratings.burst + self.figures.ratings.stuck


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a scale, as far as it may be shown.

    Args:
        number: 1 is the worst.
        label: what the key says; empty for a scale that is not in use any more.
        color: on screens, ``#rrggbb``; empty as the label.
        count: how many evaluations.
        share: of those shown, 0-1.
    """

    number: int
    label: str
    color: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of some days.

    Args:
        days: which.
        is_partial: whether something of them cannot be read.
        services: in the order of the settings.
        all_services: together.
        counters: in the order of the settings.
        all_counters: together.
        scales: distributions that may be shown, the best level first.
        shown: how many evaluations they hold.
        scale: what the keys say, the best level first.
        fewest: below so many evaluations of a counter there is no distribution.
    """

    days: tuple[str, ...]
    is_partial: bool
    services: tuple[ServiceRow, ...]
    all_services: ServiceRow
    counters: tuple[CounterRow, ...]
    all_counters: CounterRow
    scales: tuple[tuple[Level, ...], ...]
    shown: int
    scale: tuple[str, ...]
    fewest: int = BLOCK

    @property
    def staffed(self) -> int:
        """How many counters are open now."""
        return sum(row.state == "open" for row in self.counters)

    @property
    def most_issued(self) -> int:
        """The length of the longest bar."""
        return max((row.figures.issued for row in self.services), default=0)


def report(
    totals: Totals, settings: Settings, lang: str, hall: Hall | None, people: Iterable[Person] = ()
) -> Report:
    """Return the figures of some days.

    Args:
        totals: what was counted.
        settings: in force: names, order and scale.
        lang: the visitor's.
        hall: as it is now, or None for days that are over.
        people: the staff, for the names of who sits at the counters.
    """
    names = Names.of(settings, lang, people)
    waiting = None if hall is None else Counter(hall.tickets[key].service for key in hall.line)
    services = tuple(
        ServiceRow(
            names.service(each),
            totals.services.get(each, ServiceTotals()),
            None if waiting is None else waiting[each],
        )
        for each in _ordered([service.id for service in settings.services], totals.services)
    )
    counters = tuple(
        _counter(each, names, totals.counters.get(each, CounterTotals()), hall)
        for each in _ordered([counter.id for counter in settings.counters], totals.counters)
    )
    together = totals.all_counters
    scales = tuple(_levels(counts, settings, lang) for _, counts in sorted(together.ratings.shown.items()))
    return Report(
        totals.days,
        totals.is_partial,
        services,
        ServiceRow("", totals.all_services, None if hall is None else len(hall.line)),
        counters,
        CounterRow("", together),
        scales,
        sum(level.count for levels in scales for level in levels),
        tuple(_labels(settings, lang)[::-1]),
    )


def _ordered(known: Sequence[str], counted: Any) -> list[str]:  # noqa: ANN401 - any mapping by id
    return [*known, *sorted(set(counted) - set(known))]


def _counter(counter: str, names: Names, figures: CounterTotals, hall: Hall | None) -> CounterRow:
    if hall is None:
        return CounterRow(names.counter(counter), figures)
    post = hall.posts.get(counter)
    if post is None:
        return CounterRow(names.counter(counter), figures, "closed")
    ticket = None if post.ticket is None else hall.tickets.get(post.ticket)
    return CounterRow(
        names.counter(counter),
        figures,
        post.state.value,
        names.officer(post.officer),
        post.reason,
        None if ticket is None else ticket.label,
    )


def _labels(settings: Settings, lang: str) -> tuple[str, ...]:
    return settings.ratings.labels if lang == "vi" else settings.ratings.labels_en


def _levels(counts: tuple[int, ...], settings: Settings, lang: str) -> tuple[Level, ...]:
    ratings = settings.ratings
    is_in_use = len(counts) == ratings.levels
    labels = _labels(settings, lang)
    total = sum(counts)
    levels = tuple(
        Level(
            number,
            labels[number - 1] if is_in_use else "",
            ratings.colors[number - 1] if is_in_use else "",
            count,
            count / total if total else 0.0,
        )
        for number, count in enumerate(counts, 1)
    )
    return levels[::-1]
