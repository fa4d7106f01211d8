"""How fast each line moves, and what that says about a wait.

**What is measured.** The span between two calls of a service, one after the other, in one boot, while
somebody of it was waiting all the time and a counter for it was open: then the second call did not wait for a
citizen to arrive. Times the counters that were open it is the *counter time* of one call, so that a counter
that opens or closes changes the expectation at once. What is served long is seen in it, and so are no-shows,
people who serve several lines, and officers who take a breath; the durations of services alone show neither.

**What is expected.** With ``ahead`` people in front the wait ends with call ``ahead + 1``: ``ahead`` whole
spans and what is left of the one that runs, on average (1 + cv²)/2 of a span (renewal theory; cv is the
coefficient of variation). The sum of n spans varies by √n spans and not by n, hence no quartile times
``ahead``, which would be far too wide for a long line; and the mean of k samples is itself unsure by n·s/√k,
which widens the range when little is known. The range is mean ± :data:`_Z` standard deviations of both
together. Few samples say less about the variation than about the mean: :data:`_PRIOR` samples of a process
without memory (cv = 1) are mixed in. A sample longer than four medians (a lunch without a pause) counts as
four medians.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median
from typing import Any, NamedTuple

from appliance.wire.event import Event

KEPT = 20
"""So many of the latest spans of a service are kept."""

FEWEST = 3
"""Fewer spans are taken for nothing."""

_Z = 1.4
_PRIOR = 2
_OUTLIER = 4
_MINUTE_MS = 60_000
_COARSE_MS = 10 * _MINUTE_MS
_COARSE_STEP_MS = 5 * _MINUTE_MS


@dataclass(frozen=True, slots=True)
class Pace:
    """The latest counter times of one service's calls, milliseconds, oldest first."""

    spans_ms: tuple[int, ...] = ()


class Range(NamedTuple):
    """Between how many and how many milliseconds."""

    low_ms: int
    high_ms: int


def expect(ahead: int, counters_open: int, pace: Pace) -> Range | None:
    """Return how long somebody will probably wait from now; in a steady hall about four in five do.

    Args:
        ahead: how many of the line are in front.
        counters_open: how many counters that serve the line are open and not paused.
        pace: of the service.

    Returns:
        None when no counter is open or fewer than :data:`FEWEST` spans are known.
    """
    if counters_open < 1 or len(pace.spans_ms) < FEWEST:
        return None
    most = _OUTLIER * median(pace.spans_ms)
    spans = [min(float(span), most) for span in pace.spans_ms]
    mean, known = fmean(spans), len(spans)
    squares = sum((span - mean) ** 2 for span in spans)
    variance = (squares + _PRIOR * mean**2) / (known - 1 + _PRIOR)
    rest = (1 + variance / mean**2) / 2 if mean else 0.0
    calls = ahead + rest
    spread = _Z * sqrt(calls * variance + calls**2 * variance / known)
    # Whoever is next may be called at once.
    low = max(0.0, calls * mean - spread) if ahead > 0 else 0.0
    return Range(round(low / counters_open), round((calls * mean + spread) / counters_open))


def rounded(range_: Range) -> Range:
    """Return a range as people are told: whole minutes, from ten minutes on steps of five, never narrower."""
    low = range_.low_ms // _step(range_.low_ms) * _step(range_.low_ms)
    high = -(-range_.high_ms // _step(range_.high_ms)) * _step(range_.high_ms)
    return Range(low, max(high, _MINUTE_MS))


def _step(ms: int) -> int:
    return _MINUTE_MS if ms < _COARSE_MS else _COARSE_STEP_MS


class _Call(NamedTuple):
    """The last call of a service, if the span after it tells anything."""

    boot: str
    up_ms: int
    counters: int


_Data = Mapping[str, Any]


class Paces:
    """The fold of events into the pace of every service; mutable, for one thread, microseconds an event.

    A new business day begins with empty lines, and with the pace of the day before.
    """

    def __init__(self) -> None:
        self._spans: dict[str, deque[int]] = {}
        self._services: dict[str, str] = {}
        self._waiting: set[str] = set()
        self._lines: Counter[str] = Counter()
        self._open: dict[str, frozenset[str]] = {}
        self._counters: Counter[str] = Counter()
        self._calls: dict[str, _Call] = {}
        self._takes: dict[str, Callable[[Event, _Data], None]] = {
            "day.opened": self._day_opened,
            "ticket.issued": self._issued,
            "ticket.carried": self._carried,
            "ticket.called": self._called,
            "ticket.returned": self._returned,
            "ticket.transferred": self._transferred,
            "ticket.cancelled": self._gone,
            "ticket.served": self._gone,
            "counter.opened": self._staffed,
            "counter.paused": self._staffed,
            "counter.closed": self._staffed,
        }

    def add(self, event: Event) -> None:
        """Take the next event."""
        take = self._takes.get(event.kind)
        if take is not None:
            take(event, event.data)

    def of(self, service: str) -> Pace:
        """Return the pace of a service."""
        return Pace(tuple(self._spans.get(service, ())))

    def _day_opened(self, _event: Event, data: _Data) -> None:
        for held in (self._services, self._waiting, self._lines, self._open, self._counters, self._calls):
            held.clear()
        carried = data["carries"].get("counters", ())
        for one in carried if isinstance(carried, list) else ():
            match one:
                case {"counter": str(counter), "services": list(services), "state": "open"}:
                    self._opened(counter, frozenset(name for name in services if isinstance(name, str)))
                case _:
                    pass

    def _issued(self, _event: Event, data: _Data) -> None:
        self._services[data["ticket"]] = data["service"]
        self._joined(data["ticket"])

    def _carried(self, _event: Event, data: _Data) -> None:
        self._services[data["ticket"]] = data["service"]
        if data["state"] == "WAITING":
            self._joined(data["ticket"])

    def _returned(self, _event: Event, data: _Data) -> None:
        self._joined(data["ticket"])

    def _transferred(self, _event: Event, data: _Data) -> None:
        ticket = data["ticket"]
        self._left(ticket)
        if "to_service" in data:
            self._services[ticket] = data["to_service"]
        self._joined(ticket)

    def _gone(self, _event: Event, data: _Data) -> None:
        self._left(data["ticket"])

    def _called(self, event: Event, data: _Data) -> None:
        ticket = data["ticket"]
        service = self._services.get(ticket)
        if service is None:
            return
        counters = max(1, self._counters[service])
        before = self._calls.pop(service, None)
        if before is not None and before.boot == event.boot:
            span_ms = max(0, event.up_ms - before.up_ms)
            spans = self._spans.get(service)
            if spans is None:
                spans = self._spans[service] = deque(maxlen=KEPT)
            spans.append(span_ms * (before.counters + counters) // 2)
        self._left(ticket)
        if self._lines[service] > 0:
            self._calls[service] = _Call(event.boot, event.up_ms, counters)

    def _staffed(self, event: Event, data: _Data) -> None:
        counter = data["counter"]
        for service in self._open.pop(counter, ()):
            self._counters[service] -= 1
        if event.kind == "counter.opened":
            self._opened(counter, frozenset(data["services"]))
        for service in [service for service in self._calls if self._counters[service] < 1]:
            del self._calls[service]

    def _opened(self, counter: str, services: frozenset[str]) -> None:
        self._open[counter] = services
        self._counters.update(services)

    def _joined(self, ticket: str) -> None:
        service = self._services.get(ticket)
        if service is not None and ticket not in self._waiting:
            self._waiting.add(ticket)
            self._lines[service] += 1

    def _left(self, ticket: str) -> None:
        if ticket not in self._waiting:
            return
        self._waiting.discard(ticket)
        service = self._services[ticket]
        self._lines[service] -= 1
        if self._lines[service] < 1:  # the next call will wait for somebody to arrive
            self._calls.pop(service, None)
