"""What an officer sees of a counter, put together from the hall; no words of ours and no HTML here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Final

from immutables import Map

from appliance.queueing.hall import Hall
from appliance.queueing.policy import callable_tickets, next_ticket
from appliance.queueing.rules import Counter, HallRules
from appliance.queueing.states import TRANSITIONS, TicketState, Verb
from appliance.queueing.ticket import Post, PostState, Ticket, Why
from appliance.web.names import Names

MOST_ROWS: Final = 30
"""So many of a line are shown; the rest is a number."""
MOST_PARKED: Final = 12
MINUTE_MS: Final = 60_000

_AT_COUNTER: Final[Mapping[str, Verb]] = {
    "recall": Verb.RECALL,
    "start": Verb.START,
    "complete": Verb.COMPLETE,
    "no-show": Verb.NO_SHOW,
    "hold": Verb.HOLD,
    "transfer": Verb.TRANSFER,
    "recycle": Verb.RECYCLE,
    "cancel": Verb.CANCEL,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket as lists show it.

    Args:
        key: the ticket's.
        label: what is printed and spoken.
        service: its name.
        priority: the name of its class, empty for none.
        age_ms: how long it has been so, in whole minutes: what is shown changes no more often.
        is_next: whether it is whom *call next* would call now.
        is_sent: whether a transfer sent it to this very counter.
    """

    key: str
    label: str
    service: str
    priority: str
    age_ms: int
    is_next: bool = False
    is_sent: bool = False


@dataclass(frozen=True, slots=True)
class Current:
    """The ticket at a counter.

    Args:
        row: as lists show it.
        state: a code.
        calls: how often it was called.
        why: why it was next, or None when nobody knows any more.
        stage: of its service, or None.
        service: the id of its service.
    """

    row: Row
    state: str
    calls: int
    why: Why | None
    stage: str | None
    service: str


@dataclass(frozen=True, slots=True)
class Console:
    """One counter.

    Args:
        id: its.
        name: as people call it.
        state: ``closed``, ``open`` or ``paused``.
        officer: who opened it, by name.
        only: names of the services to which it is restricted; empty for all of its own.
        reason: why it is paused, a key.
        current: the ticket at it.
        verbs: what may be pressed now, by the table of states.
        waiting: the first of those who wait for it.
        total: how many wait for it.
        held: tickets on hold that it may go on with.
        missed: tickets that did not come and still may.
    """

    id: str
    name: str
    state: str
    officer: str | None
    only: tuple[str, ...]
    reason: str | None
    current: Current | None
    verbs: frozenset[str]
    waiting: tuple[Row, ...]
    total: int
    held: tuple[Row, ...]
    missed: tuple[Row, ...]

    @property
    def more(self) -> int:
        """How many wait beside those that are shown."""
        return self.total - len(self.waiting)

    @property
    def upcoming(self) -> Row | None:
        """Whom *call next* would call now."""
        return next((row for row in self.waiting if row.is_next), None)


class Parked:
    """The tickets on hold and those that did not come: looked for once for each state of the hall.

    For one thread. However many look, and however many tickets are closed, a look costs nothing more.
    """

    def __init__(self) -> None:
        self._tickets: Map[str, Ticket] = Map()
        self._held: tuple[Ticket, ...] = ()
        self._missed: tuple[Ticket, ...] = ()

    def of(self, hall: Hall) -> tuple[tuple[Ticket, ...], tuple[Ticket, ...]]:
        """Return those on hold and those that did not come, the latest first."""
        if hall.tickets is not self._tickets:
            held: list[Ticket] = []
            missed: list[Ticket] = []
            for ticket in hall.tickets.values():
                if ticket.state is TicketState.ON_HOLD:
                    held.append(ticket)
                elif ticket.state is TicketState.NO_SHOW:
                    missed.append(ticket)
            self._held, self._missed = _latest_first(held), _latest_first(missed)
            self._tickets = hall.tickets
        return self._held, self._missed


def _latest_first(tickets: list[Ticket]) -> tuple[Ticket, ...]:
    return tuple(sorted(tickets, key=lambda ticket: (ticket.left or ticket.since, ticket.key), reverse=True))


@dataclass(frozen=True, slots=True)
class View:
    """Looks at the hall at one moment.

    Args:
        hall: as it is.
        rules: in force.
        elapsed_ms: the moment's place on the office's own timeline.
        names: of services, counters and classes, in the visitor's language.
        parked: shared by all looks.
    """

    hall: Hall
    rules: HallRules
    elapsed_ms: int
    names: Names
    parked: Parked

    def console(self, counter: Counter) -> Console:
        """Return what the officer of a counter sees."""
        staffed = self.hall.posts.get(counter.id)
        post = staffed or Post(counter.id, PostState.OPEN, None, (), None, None)
        line = callable_tickets(self.hall, post, self.rules)
        held, missed = self.parked.of(self.hall)
        ticket = None if post.ticket is None else self.hall.tickets.get(post.ticket)
        return Console(
            id=counter.id,
            name=self.names.counter(counter.id),
            state="closed" if staffed is None else post.state.value,
            officer=self.names.officer(post.officer),
            only=tuple(self.names.service(name) for name in post.services),
            reason=post.reason,
            current=None if ticket is None else self._current(ticket),
            verbs=self._verbs(staffed, ticket, is_anybody_waiting=bool(line)),
            waiting=self._waiting(post, line),
            total=len(line),
            held=self._rows(each for each in held if _may_take(counter, each)),
            # The latest first: behind the first who is too late everybody is.
            missed=self._rows(
                each for each in takewhile(self._may_return, missed) if each.service in counter.services
            ),
        )

    def row(self, ticket: Ticket, *, is_next: bool = False, at: str | None = None) -> Row:
        """Return a ticket as lists show it."""
        return Row(
            ticket.key,
            ticket.label,
            self.names.service(ticket.service),
            self.names.priority(ticket.priority),
            self._age_ms(ticket) // MINUTE_MS * MINUTE_MS,
            is_next,
            at is not None and ticket.assigned == at,
        )

    def _rows(self, tickets: Iterable[Ticket]) -> tuple[Row, ...]:
        return tuple(self.row(each) for each in islice(tickets, MOST_PARKED))

    def _waiting(self, post: Post, line: list[Ticket]) -> tuple[Row, ...]:
        choice = next_ticket(self.hall, post, self.elapsed_ms, self.rules)
        upcoming = None if choice is None else choice.ticket
        shown = line[:MOST_ROWS]
        if upcoming is not None and upcoming not in shown:
            shown = [upcoming, *shown[:-1]]
        return tuple(self.row(each, is_next=each is upcoming, at=post.counter) for each in shown)

    def _current(self, ticket: Ticket) -> Current:
        stage = self.names.stage(ticket.service)
        return Current(self.row(ticket), ticket.state.value, ticket.calls, ticket.why, stage, ticket.service)

    def _verbs(self, post: Post | None, ticket: Ticket | None, *, is_anybody_waiting: bool) -> frozenset[str]:
        if post is None:
            return frozenset({"open"})
        verbs = {"open", "close"}
        if ticket is not None:
            verbs |= {name for name, verb in _AT_COUNTER.items() if (ticket.state, verb) in TRANSITIONS}
        if post.state is PostState.OPEN:
            verbs.add("pause")
            if self.hall.is_open and (ticket is not None or is_anybody_waiting):
                verbs.add("call-next")
            if self.hall.is_open:
                verbs |= {"call", "resume"}
        return frozenset(verbs)

    def _may_return(self, ticket: Ticket) -> bool:
        tolerance_ms = self.rules.late_tolerance_ms
        return tolerance_ms is None or ticket.left is None or self._age_ms(ticket) <= tolerance_ms

    def _age_ms(self, ticket: Ticket) -> int:
        return max(0, self.elapsed_ms - ticket.entered.elapsed_ms)


def _may_take(counter: Counter, ticket: Ticket) -> bool:
    return ticket.assigned == counter.id or ticket.service in counter.services
