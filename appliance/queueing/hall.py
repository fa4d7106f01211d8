"""The hall: today's tickets, the line, the counters; and how an event changes it.

``fold`` is total: an event of a kind or for a ticket it does not know changes nothing, and what the journal
says has happened is taken as it is, whatever the table of states thinks of it. ``day.opened`` builds a new
hall from its own data alone, so that folding from the last one gives the same hall as folding everything.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from immutables import Map

from appliance.queueing.carries import Spent, read_numbers, read_posts, read_spent
from appliance.queueing.states import AT_COUNTER, TicketState
from appliance.queueing.ticket import LastCall, Post, PostState, Stamp, Ticket, Why
from appliance.wire.event import Event
from appliance.wire.moment import HANOI, Quality, parse_wire_time

LAST_CALLS = 10
MIN_DATE_CHANGE = timedelta(hours=6)
"""A step of the clock at least this long that changes the date is a correction, not a midnight."""


class Hall(NamedTuple):
    """The state of the hall.

    Args:
        day: the business day, ``None`` before the first.
        is_open: whether the day is open.
        closed_boot: the boot in which the day was closed.
        is_confirmed: whether a trusted clock has shown this very day, and every event since was trusted.
        numbers: next number of each series.
        issued: tickets issued of each service today.
        spent: next numbers of other days opened lately, latest last: ``(day, series -> number)``.
        tickets: all tickets since the day was opened, by key, closed ones too.
        line: the waiting ones, key -> place; a smaller place comes first.
        next_place: above every place in the line.
        streaks: for each service how many calls in a row overtook the head of its line.
        posts: the staffed counters.
        last_calls: latest first.
    """

    day: str | None = None
    is_open: bool = False
    closed_boot: str = ""
    is_confirmed: bool = False
    numbers: Map[str, int] = Map()
    issued: Map[str, int] = Map()
    spent: Spent = ()
    tickets: Map[str, Ticket] = Map()
    line: Map[str, int] = Map()
    next_place: int = 0
    streaks: Map[str, int] = Map()
    posts: Map[str, Post] = Map()
    last_calls: tuple[LastCall, ...] = ()

    def moved(self, tickets: Map[str, Ticket], line: Map[str, int], posts: Map[str, Post]) -> "Hall":
        """Return the hall with these; as ``_replace``, in a third of the time."""
        return Hall(
            self.day, self.is_open, self.closed_boot, self.is_confirmed, self.numbers, self.issued,
            self.spent, tickets, line, self.next_place, self.streaks, posts, self.last_calls,
        )  # fmt: skip


_V = TypeVar("_V")
_Data = Mapping[str, Any]
_Fold = Callable[[Hall, Event, _Data, int], Hall]
_UNTRUSTED = Quality.UNSYNCED.value
_WAITING = TicketState.WAITING


def fold(hall: Hall, event: Event, elapsed_ms: int) -> Hall:
    """Return the hall after an event.

    Args:
        hall: the hall before.
        event: the next event of the journal.
        elapsed_ms: its place on the office's own timeline, milliseconds.
    """
    if (event.clock != _UNTRUSTED) is not hall.is_confirmed:
        hall = _with_trust(hall, event)
    handler = _FOLDS.get(event.kind)
    return hall if handler is None else handler(hall, event, event.data, elapsed_ms)


def _with_trust(hall: Hall, event: Event) -> Hall:
    is_confirmed = event.clock != _UNTRUSTED and _local_day(event.at[:13]) == hall.day
    return hall if is_confirmed is hall.is_confirmed else hall._replace(is_confirmed=is_confirmed)


@lru_cache(maxsize=64)
def _local_day(utc_hour: str) -> str:
    """Return the date in Hanoi of ``2026-11-23T01``; offsets there have been whole hours since 1911."""
    return parse_wire_time(f"{utc_hour}:00:00.000000Z").astimezone(HANOI).date().isoformat()


def _day_opened(_hall: Hall, event: Event, data: _Data, _elapsed_ms: int) -> Hall:
    carries = data["carries"]
    return Hall(
        day=data["day"],
        is_open=True,
        is_confirmed=event.clock != _UNTRUSTED and _local_day(event.at[:13]) == data["day"],
        numbers=read_numbers(carries.get("next")),
        issued=read_numbers(carries.get("issued")),
        spent=read_spent(carries),
        posts=read_posts(carries),
    )


def _day_closed(hall: Hall, event: Event, data: _Data, _elapsed_ms: int) -> Hall:
    # A new epoch repeats that the day was closed; who closed it, and in which boot, is not known any more.
    return hall._replace(is_open=False, closed_boot="" if data["source"] == "epoch" else event.boot)


def _clock_stepped(hall: Hall, _event: Event, data: _Data, _elapsed_ms: int) -> Hall:
    try:
        was, now = parse_wire_time(data["was"]), parse_wire_time(data["now"])
    except ValueError:  # the wire checks the form of these two, not that there is such a date
        return hall
    has_new_date = was.astimezone(HANOI).date() != now.astimezone(HANOI).date()
    if has_new_date and abs(now - was) >= MIN_DATE_CHANGE:
        return hall._replace(is_confirmed=False)
    return hall


def _issued(hall: Hall, event: Event, data: _Data, elapsed_ms: int) -> Hall:
    key, service = data["ticket"], data["service"]
    hall = _vacated(hall, key)
    _, series, number = key.split("/")
    now = Stamp(elapsed_ms, event.boot)
    ticket = Ticket(
        key, data["label"], service, data["priority"], _WAITING, None, None, None,
        now, event.at, event.clock != _UNTRUSTED, now, None, None, None, 0,
    )  # fmt: skip
    numbers, issued = hall.numbers, hall.issued
    return Hall(
        hall.day, hall.is_open, hall.closed_boot, hall.is_confirmed,
        numbers.set(series, max(numbers.get(series, 1), int(number) + 1)),
        issued.set(service, issued.get(service, 0) + 1),
        hall.spent, hall.tickets.set(key, ticket), hall.line.set(key, hall.next_place), hall.next_place + 1,
        hall.streaks, hall.posts, hall.last_calls,
    )  # fmt: skip


def _carried(hall: Hall, event: Event, data: _Data, elapsed_ms: int) -> Hall:
    key, counter = data["ticket"], data["counter"]
    hall = _vacated(hall, key)
    state = TicketState(data["state"])
    now = Stamp(elapsed_ms, event.boot)
    is_waiting = state is _WAITING
    post = hall.posts.get(counter) if counter is not None else None
    ticket = Ticket(
        key=key,
        label=data["label"],
        service=data["service"],
        priority=data["priority"],
        state=state,
        counter=None if is_waiting else counter,
        assigned=counter if is_waiting else None,
        officer=None if post is None else post.officer,
        issued=now,
        issued_at=event.at,
        was_trusted=event.clock != _UNTRUSTED,
        since=now,
        called=None if is_waiting else now,
        started=now if state is TicketState.SERVING else None,
        left=None if is_waiting or state in AT_COUNTER else now,
        calls=0 if is_waiting else 1,
    )
    hall = hall._replace(tickets=hall.tickets.set(key, ticket))
    if is_waiting:
        return hall._replace(line=hall.line.set(key, hall.next_place), next_place=hall.next_place + 1)
    if state in AT_COUNTER and counter is not None:
        return hall._replace(
            posts=_taken(hall.posts, counter, key), last_calls=_announced(hall, ticket, counter, event)
        )
    return hall


def _called(hall: Hall, event: Event, data: _Data, elapsed_ms: int) -> Hall:
    key, counter = data["ticket"], data["counter"]
    ticket = hall.tickets.get(key)
    if ticket is None:
        return hall
    line, streaks = hall.line, hall.streaks
    if ticket.state is _WAITING:
        service = ticket.service
        streak = streaks.get(service, 0) + 1 if data["why"]["skipped"] else 0
        streaks = streaks.set(service, streak)
        if key in line:
            line = line.delete(key)
    called = Ticket(
        key, ticket.label, ticket.service, ticket.priority, TicketState.CALLED, counter, None,
        data["officer"], ticket.issued, ticket.issued_at, ticket.was_trusted, ticket.since,
        Stamp(elapsed_ms, event.boot), None, None, ticket.calls + 1, _why(data),
    )  # fmt: skip
    return Hall(
        hall.day, hall.is_open, hall.closed_boot, hall.is_confirmed, hall.numbers, hall.issued, hall.spent,
        hall.tickets.set(key, called), line, hall.next_place, streaks,
        _taken(_freed(hall.posts, ticket), counter, key), _announced(hall, ticket, counter, event),
    )  # fmt: skip


def _recalled(hall: Hall, event: Event, data: _Data, elapsed_ms: int) -> Hall:
    ticket = hall.tickets.get(data["ticket"])
    if ticket is None:
        return hall
    again = ticket._replace(called=Stamp(elapsed_ms, event.boot), calls=ticket.calls + 1)
    return hall._replace(
        tickets=hall.tickets.set(ticket.key, again),
        last_calls=_announced(hall, ticket, data["counter"], event),
    )


def _started(hall: Hall, event: Event, data: _Data, elapsed_ms: int) -> Hall:
    """Fold ``ticket.started`` and ``ticket.resumed``: the ticket is being served at the counter named."""
    key, counter = data["ticket"], data["counter"]
    ticket = hall.tickets.get(key)
    if ticket is None:
        return hall
    now = Stamp(elapsed_ms, event.boot)
    officer = data["officer"] if event.kind == "ticket.resumed" else ticket.officer or data["officer"]
    serving = ticket.moved(TicketState.SERVING, counter, officer, now, None)
    posts = hall.posts
    if ticket.counter != counter or ticket.state is not TicketState.CALLED:
        posts = _taken(_freed(posts, ticket), counter, key)
    return hall.moved(hall.tickets.set(key, serving), _without(hall.line, key), posts)


_AFTER = {
    "ticket.held": TicketState.ON_HOLD,
    "ticket.served": TicketState.SERVED,
    "ticket.no_show": TicketState.NO_SHOW,
    "ticket.cancelled": TicketState.CANCELLED,
}


def _left(hall: Hall, event: Event, data: _Data, elapsed_ms: int) -> Hall:
    ticket = hall.tickets.get(data["ticket"])
    if ticket is None:
        return hall
    now = Stamp(elapsed_ms, event.boot)
    left = ticket.moved(_AFTER[event.kind], ticket.counter, ticket.officer, ticket.started, now)
    tickets = hall.tickets.set(ticket.key, left)
    return hall.moved(tickets, _without(hall.line, ticket.key), _freed(hall.posts, ticket))


def _back_in_line(hall: Hall, event: Event, data: _Data, elapsed_ms: int) -> Hall:
    """Fold the verbs that put a ticket into a line; ``ahead`` (optional): behind how many of it."""
    ticket = hall.tickets.get(data["ticket"])
    if ticket is None:
        return hall
    now = Stamp(elapsed_ms, event.boot)
    waiting = ticket._replace(
        state=_WAITING,
        service=data.get("to_service", ticket.service),
        counter=None,
        assigned=data.get("to_counter"),
        since=now,
        started=None,
        left=now if ticket.left is None else ticket.left,
    )
    hall = hall._replace(
        tickets=hall.tickets.set(ticket.key, waiting),
        line=_without(hall.line, ticket.key),
        posts=_freed(hall.posts, ticket),
    )
    ahead = data.get("ahead")
    return _placed(hall, waiting, ahead if isinstance(ahead, int) and ahead >= 0 else None)


def _placed(hall: Hall, ticket: Ticket, ahead: int | None) -> Hall:
    if ahead is not None:
        order = in_line(hall)
        same = [index for index, other in enumerate(order) if other.service == ticket.service]
        if ahead < len(same):
            keys = [other.key for other in order]
            keys.insert(same[ahead], ticket.key)
            return hall._replace(line=Map(zip(keys, range(len(keys)), strict=True)), next_place=len(keys))
    return hall._replace(line=hall.line.set(ticket.key, hall.next_place), next_place=hall.next_place + 1)


def _counter_changed(hall: Hall, event: Event, data: _Data, _elapsed_ms: int) -> Hall:
    counter = data["counter"]
    if event.kind == "counter.closed":
        return hall._replace(posts=_without(hall.posts, counter))
    before = hall.posts.get(counter)
    is_paused = event.kind == "counter.paused"
    post = Post(
        counter,
        PostState.PAUSED if is_paused else PostState.OPEN,
        data["officer"],
        tuple(data["services"]),
        (data["reason"] or None) if is_paused else None,
        None if before is None else before.ticket,
    )
    return hall._replace(posts=hall.posts.set(counter, post))


def in_line(hall: Hall) -> list[Ticket]:
    """Return the waiting tickets in the order of their places."""
    tickets = hall.tickets
    return [tickets[key] for key in sorted(hall.line, key=hall.line.__getitem__)]


def ahead(hall: Hall, ticket: Ticket) -> int:
    """Return how many of its own line stand before a ticket; 0 when it does not wait."""
    place = hall.line.get(ticket.key)
    if place is None:
        return 0
    tickets, service = hall.tickets, ticket.service
    return sum(1 for key, other in hall.line.items() if other < place and tickets[key].service == service)


def _without(mapping: Map[str, _V], key: str) -> Map[str, _V]:
    return mapping.delete(key) if key in mapping else mapping


def _taken(posts: Map[str, Post], counter: str, key: str) -> Map[str, Post]:
    post = posts.get(counter)
    return posts if post is None else posts.set(counter, Post(*post[:-1], key))


def _freed(posts: Map[str, Post], ticket: Ticket) -> Map[str, Post]:
    if ticket.counter is None:
        return posts
    post = posts.get(ticket.counter)
    if post is None or post.ticket != ticket.key:
        return posts
    return posts.set(ticket.counter, Post(*post[:-1], None))


def _vacated(hall: Hall, key: str) -> Hall:
    """Return the hall without a ticket that a journal tells of twice: the later telling stands alone."""
    if key not in hall.tickets:
        return hall
    posts = hall.posts
    for counter, post in hall.posts.items():
        if post.ticket == key:
            posts = posts.set(counter, Post(*post[:-1], None))
    return hall._replace(posts=posts, line=_without(hall.line, key))


def _announced(hall: Hall, ticket: Ticket, counter: str, event: Event) -> tuple[LastCall, ...]:
    others = [call for call in hall.last_calls if call.ticket != ticket.key]
    latest = LastCall(ticket.key, ticket.label, counter, event.seq, event.at)
    return (latest, *others[: LAST_CALLS - 1])


def _why(data: _Data) -> Why:
    why = data["why"]
    return Why(why["rule"], why["ahead"], why["skipped"])


_FOLDS: Mapping[str, _Fold] = {
    "day.opened": _day_opened,
    "day.closed": _day_closed,
    "clock.stepped": _clock_stepped,
    "ticket.issued": _issued,
    "ticket.carried": _carried,
    "ticket.called": _called,
    "ticket.recalled": _recalled,
    "ticket.started": _started,
    "ticket.resumed": _started,
    "ticket.held": _left,
    "ticket.served": _left,
    "ticket.no_show": _left,
    "ticket.cancelled": _left,
    "ticket.returned": _back_in_line,
    "ticket.transferred": _back_in_line,
    "counter.opened": _counter_changed,
    "counter.paused": _counter_changed,
    "counter.closed": _counter_changed,
}
