"""What happened on one business day, counted event by event."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from appliance.figures.ratings import Ratings
from appliance.figures.spans import Spans
from appliance.figures.totals import (
    NOWHERE,
    CounterTotals,
    RatingTotals,
    ServiceTotals,
    Totals,
    WifiHour,
)
from appliance.wire.event import Event

_USAGE = ("sessions", "peak_clients", "refused", "bytes_down", "bytes_up")
_CANCELLED = {"left": "left", "day_end": "day_end"}


class _Ticket(NamedTuple):
    """Where a ticket stands, and which of its spans would be whole.

    A carried ticket's spans begin anew with the carry: they say less than the person waited.
    """

    service: str
    has_whole_wait: bool
    has_whole_serving: bool


_LOST = _Ticket(NOWHERE, has_whole_wait=False, has_whole_serving=True)


class Tally:
    """The fold of one business day; mutable, for one thread, a few microseconds an event.

    Total: a ticket it does not know counts under :data:`NOWHERE`, an event it does not know for nothing.
    The same events in the same order give the same totals, however they are split between calls, days are
    reopened or epochs change in between.

    Args:
        day: ``2026-11-23``.
    """

    def __init__(self, day: str) -> None:
        self.day = day
        self.is_partial = False
        self._tickets: dict[str, _Ticket] = {}
        self._services: dict[str, _Service] = {}
        self._counters: dict[str, Counter[str]] = {}
        self._ratings = Ratings()
        self._wifi: dict[str, WifiHour] = {}
        self._takes: dict[str, Callable[[Event], None]] = {
            "ticket.issued": self._issued,
            "ticket.carried": self._carried,
            "ticket.called": self._called,
            "ticket.recalled": self._begun,
            "ticket.started": self._begun,
            "ticket.resumed": self._begun,
            "ticket.served": self._served,
            "ticket.no_show": self._no_show,
            "ticket.cancelled": self._cancelled,
            "ticket.returned": self._returned,
            "ticket.transferred": self._transferred,
            "rating.given": self._ratings.given,
            "hotspot.usage": self._usage,
            "journal.salvaged": self._salvaged,
        }

    def add(self, event: Event) -> None:
        """Take the next event of the day."""
        self._ratings.pass_time(event.boot, event.up_ms)
        take = self._takes.get(event.kind)
        if take is not None:
            take(event)

    def close(self) -> None:
        """Let every rating settle: the day is over. More events may follow if it is opened again."""
        self._ratings.close()

    def totals(self) -> Totals:
        """Return what is counted up to now; nothing of it changes later."""
        ratings = self._ratings.totals()
        return Totals(
            (self.day,),
            {name: service.totals() for name, service in self._services.items()},
            {
                name: _counter_totals(self._counters.get(name, Counter()), ratings.get(name, RatingTotals()))
                for name in sorted({*self._counters, *ratings})
            },
            self.is_partial,
            dict(self._wifi),
        )

    def _service(self, name: str) -> "_Service":
        found = self._services.get(name)
        if found is None:
            found = self._services[name] = _Service()
        return found

    def _of(self, ticket: str) -> "_Service":
        return self._service(self._tickets.get(ticket, _LOST).service)

    def _at(self, counter: str | None) -> Counter[str]:
        name = NOWHERE if counter is None else counter
        found = self._counters.get(name)
        if found is None:
            found = self._counters[name] = Counter()
        return found

    def _issued(self, event: Event) -> None:
        ticket, service = event.data["ticket"], event.data["service"]
        self._tickets[ticket] = _Ticket(service, has_whole_wait=True, has_whole_serving=True)
        self._service(service).counts["issued"] += 1

    def _carried(self, event: Event) -> None:
        ticket, service = event.data["ticket"], event.data["service"]
        if ticket not in self._tickets:
            self._service(service).counts["carried"] += 1
        self._tickets[ticket] = _Ticket(service, has_whole_wait=False, has_whole_serving=False)

    def _called(self, event: Event) -> None:
        data = event.data
        ticket = self._tickets.get(data["ticket"], _LOST)
        service = self._service(ticket.service)
        service.counts["called"] += 1
        if ticket.has_whole_wait and data["waited_ms"] is not None:
            service.waits.add(data["waited_ms"])
        # The first call only: who returns or is sent on has waited before.
        self._tickets[data["ticket"]] = _Ticket(ticket.service, False, True)  # noqa: FBT003
        self._at(data["counter"])["called"] += 1
        self._ratings.called(event)

    def _begun(self, event: Event) -> None:
        key = event.data["ticket"]
        ticket = self._tickets.get(key, _LOST)
        if not ticket.has_whole_serving:
            self._tickets[key] = ticket._replace(has_whole_serving=True)

    def _served(self, event: Event) -> None:
        data = event.data
        ticket = self._tickets.get(data["ticket"], _LOST)
        service = self._service(ticket.service)
        service.counts["served"] += 1
        if ticket.has_whole_serving and data["served_ms"] is not None:
            service.servings.add(data["served_ms"])
        self._at(data["counter"])["served"] += 1

    def _no_show(self, event: Event) -> None:
        self._of(event.data["ticket"]).counts["no_shows"] += 1
        self._at(event.data["counter"])["no_shows"] += 1

    def _cancelled(self, event: Event) -> None:
        name = _CANCELLED.get(event.data["reason"], "cancelled")
        self._of(event.data["ticket"]).counts[name] += 1

    def _returned(self, event: Event) -> None:
        name = "recycled" if event.data["reason"] == "recycle" else "returned"
        self._of(event.data["ticket"]).counts[name] += 1

    def _transferred(self, event: Event) -> None:
        data = event.data
        ticket = self._tickets.get(data["ticket"], _LOST)
        self._service(ticket.service).counts["transferred"] += 1
        if data["counter"] is not None:
            self._at(data["counter"])["transferred"] += 1
        if "to_service" in data:
            self._tickets[data["ticket"]] = ticket._replace(service=data["to_service"])

    def _usage(self, event: Event) -> None:
        counts = {name: event.data.get(name) for name in _USAGE}
        self._wifi.setdefault(event.data["hour"], WifiHour(**counts))

    def _salvaged(self, event: Event) -> None:
        self.is_partial = self.is_partial or event.data["unreadable"] > 0


class _Service:
    """What is counted of one service."""

    __slots__ = ("counts", "servings", "waits")

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.waits = Spans()
        self.servings = Spans()

    def totals(self) -> ServiceTotals:
        counts = self.counts
        return ServiceTotals(
            issued=counts["issued"],
            carried=counts["carried"],
            left=counts["left"],
            day_end=counts["day_end"],
            cancelled=counts["cancelled"],
            no_shows=counts["no_shows"],
            returned=counts["returned"],
            recycled=counts["recycled"],
            transferred=counts["transferred"],
            called=counts["called"],
            served=counts["served"],
            waits=self.waits.copy(),
            servings=self.servings.copy(),
        )


def _counter_totals(counts: Counter[str], ratings: RatingTotals) -> CounterTotals:
    return CounterTotals(
        called=counts["called"],
        served=counts["served"],
        no_shows=counts["no_shows"],
        transferred=counts["transferred"],
        ratings=ratings,
    )
