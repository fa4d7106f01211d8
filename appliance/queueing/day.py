"""The business day: an event, not a computation.

The desk calls :func:`day_drafts` before each command and on its tick. What a trusted clock has shown decides:

* untrusted: the last day goes on. If it was closed in an earlier boot it is opened again (the box woke up in
  the past); closed in this boot, an officer closed it and it stays closed.
* trusted, another date, and the day had been confirmed by a trusted clock before: midnight has passed.
  Whoever is still open ends with the day, numbers restart.
* trusted, another date, but trust has only just arrived (or a step of the clock changed the date, or it shows
  an earlier date): the day was misnamed, nobody slept. If anybody is open, tickets are carried with their
  keys and numbers go on; else the day ends and numbers restart. Tickets issued on a trusted clock before this
  boot, or longer ago than an office is open, are yesterday's leftovers, not people: they end with the day.

A number that was spent on a day is never given again on that day, also when the clock comes back to it: the
next numbers of the last ``SPENT_DAYS`` days travel with ``day.opened``.

``carries`` has the hall's own members (see :mod:`appliance.queueing.carries`; ``issued`` is empty unless
numbers go on) and ``issues``, ``config`` and ``ratings``, which are the desk's and pass unread. A carried
ticket's spans begin anew, and so does the list of tickets: those that were over are no longer known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from immutables import Map

from appliance.queueing import carries
from appliance.queueing.carries import Numbers
from appliance.queueing.hall import Hall, in_line
from appliance.queueing.states import OPEN, TicketState
from appliance.queueing.ticket import PostState, Stamp, Ticket
from appliance.wire.event import Draft
from appliance.wire.moment import Now

SPENT_DAYS = 14
MAX_PRESENCE_MS = 16 * 3_600_000
"""Nobody waits longer than an office is open."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What outlives a day and is not the hall's; it is passed through.

    Args:
        issues: open issues of the box, JSON values that the wire accepts.
        config: hash of the configuration in force, or ``None``.
        ratings: what :func:`appliance.feedback.bindings.carry` returned.
    """

    issues: tuple[Any, ...] = ()
    config: str | None = None
    ratings: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Carried()


def day_drafts(hall: Hall, now: Now, carried: Carried) -> tuple[Draft, ...]:
    """Return what the calendar demands now; empty when the day goes on."""
    today = now.moment.local_day()
    if hall.day is None:
        return (_opened(hall, today, "clock", _restarted(hall, today), carried),)
    if not now.moment.trusted:
        if hall.is_open or hall.closed_boot == now.moment.boot:
            return ()
        return reopening(hall, "clock", carried)
    if today == hall.day:
        return ()
    is_midnight = hall.is_confirmed and today > hall.day
    leaving = open_tickets(hall)
    if not is_midnight:
        leaving = [ticket for ticket in leaving if _is_of_before(ticket, now)]
    ends = (*day_end(leaving, now), *_closed(hall, carried))
    if is_midnight or len(leaving) == len(open_tickets(hall)):
        return (*ends, _opened(hall, today, "clock", _restarted(hall, today), carried))
    kept = [ticket for ticket in carried_tickets(hall) if not _is_of_before(ticket, now)]
    opened = _opened(hall, today, "clock", _continued(hall, today), carried, issued=hall.issued)
    return (*ends, opened, *map(_carry, kept))


def reopening(hall: Hall, source: str, carried: Carried) -> tuple[Draft, ...]:
    """Return the drafts that open the hall's own day again: numbers go on, no-shows may still come back.

    Raises:
        ValueError: there has never been a day.
    """
    if hall.day is None:
        msg = "there is no day to open again"
        raise ValueError(msg)
    opened = _opened(hall, hall.day, source, hall.numbers, carried, issued=hall.issued)
    return (opened, *map(_carry, carried_tickets(hall)))


def closing(hall: Hall, now: Now, source: str, carried: Carried) -> tuple[Draft, ...]:
    """Return the drafts that end the hall's day for everybody."""
    return (*day_end(open_tickets(hall), now), *_closed(hall, carried, source))


def epoch_opening(hall: Hall, carried: Carried) -> tuple[Draft, ...]:
    """Return the drafts with which a new epoch of the journal begins; empty before the first day.

    Pass ratings that were carried for a new epoch: sequence numbers begin anew.
    """
    if hall.day is None:
        return ()
    posts = [
        Draft(
            "counter.paused" if post.state is PostState.PAUSED else "counter.opened",
            {
                "counter": post.counter,
                "officer": post.officer,
                "services": list(post.services),
                "reason": post.reason or "",
            },
        )
        for _, post in sorted(hall.posts.items())
    ]
    closed = () if hall.is_open else _closed(hall._replace(is_open=True), carried, "epoch")
    return (*reopening(hall, "epoch", carried), *posts, *closed)


def open_tickets(hall: Hall) -> list[Ticket]:
    """Return the tickets of people who are still in the hall: the line first, then by call."""
    return [ticket for ticket in carried_tickets(hall) if ticket.state in OPEN]


def carried_tickets(hall: Hall) -> list[Ticket]:
    """Return the tickets that a carry must name, no-shows too: the line in its order, then by call."""
    rest = [
        ticket
        for ticket in hall.tickets.values()
        if ticket.state is TicketState.NO_SHOW
        or (ticket.state in OPEN and ticket.state is not TicketState.WAITING)
    ]
    rest.sort(key=lambda ticket: (ticket.called or ticket.since, ticket.key))
    return [*in_line(hall), *rest]


def span_ms(since: Stamp | None, now: Now) -> int | None:
    """Return a duration as it is recorded: ``None`` when it would cross a restart of the box."""
    if since is None or since.boot != now.moment.boot:
        return None
    return max(0, now.elapsed_ms - since.elapsed_ms)


def day_end(tickets: list[Ticket], now: Now) -> tuple[Draft, ...]:
    """Return the end of these open tickets: who is being served is served, the others are cancelled."""
    return tuple(_day_end(ticket, now) for ticket in tickets)


def _day_end(ticket: Ticket, now: Now) -> Draft:
    data: dict[str, Any] = {
        "ticket": ticket.key,
        "counter": ticket.counter,
        "officer": ticket.officer,
        "reason": "day_end",
    }
    if ticket.state is TicketState.SERVING:
        return Draft("ticket.served", {**data, "served_ms": span_ms(ticket.started, now)})
    return Draft("ticket.cancelled", data)


def _is_of_before(ticket: Ticket, now: Now) -> bool:
    if now.elapsed_ms - ticket.issued.elapsed_ms >= MAX_PRESENCE_MS:
        return True
    return ticket.was_trusted and ticket.issued.boot != now.moment.boot


def _carry(ticket: Ticket) -> Draft:
    is_waiting = ticket.state is TicketState.WAITING
    return Draft(
        "ticket.carried",
        {
            "ticket": ticket.key,
            "label": ticket.label,
            "service": ticket.service,
            "priority": ticket.priority,
            "state": ticket.state.value,
            # A waiting ticket is at no counter: the key names the one it was sent to.
            "counter": ticket.assigned if is_waiting else ticket.counter,
        },
    )


def _restarted(hall: Hall, today: str) -> Numbers:
    return dict(hall.spent).get(today, Map())


def _continued(hall: Hall, today: str) -> Numbers:
    numbers = hall.numbers
    for series, number in dict(hall.spent).get(today, Map()).items():
        numbers = numbers.set(series, max(number, numbers.get(series, 1)))
    return numbers


def _closed(hall: Hall, carried: Carried, source: str = "clock") -> tuple[Draft, ...]:
    if not hall.is_open or hall.day is None:
        return ()
    carries_ = _carries(hall, hall.day, hall.numbers, carried, hall.issued)
    return (Draft("day.closed", {"day": hall.day, "source": source, "carries": carries_}),)


def _opened(
    hall: Hall,
    day: str,
    source: str,
    numbers: Numbers,
    carried: Carried,
    *,
    issued: Map[str, int] | None = None,
) -> Draft:
    carries_ = _carries(hall, day, numbers, carried, Map() if issued is None else issued)
    return Draft("day.opened", {"day": day, "source": source, "carries": carries_})


def _carries(
    hall: Hall, day: str, numbers: Numbers, carried: Carried, issued: Map[str, int]
) -> dict[str, Any]:
    spent = [one for one in hall.spent if one[0] not in {day, hall.day}]
    if hall.day is not None and hall.day != day:
        spent.append((hall.day, hall.numbers))
    return {
        **carries.write(hall.posts.values(), issued, numbers, tuple(spent[-SPENT_DAYS:])),
        "config": carried.config,
        "issues": list(carried.issues),
        "ratings": dict(carried.ratings),
    }
