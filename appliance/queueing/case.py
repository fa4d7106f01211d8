"""One command's view of the hall: look-ups that refuse by name, and the parts of its drafts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.queueing.day import Carried, span_ms
from appliance.queueing.errors import (
    BadFieldError,
    CounterClosedError,
    CounterPausedError,
    DayClosedError,
    NoTicketAtCounterError,
    NotServingError,
    UnknownCounterError,
    UnknownServiceError,
    UnknownTicketError,
)
from appliance.queueing.hall import Hall
from appliance.queueing.rules import Counter, HallRules, Service
from appliance.queueing.states import TicketState, Verb, move
from appliance.queueing.ticket import Post, PostState, Ticket
from appliance.wire.event import Draft
from appliance.wire.moment import Now
from appliance.wire.schema import ID, REQUEST, Value


@dataclass(frozen=True, slots=True)
class Decision:
    """What a command leads to.

    Args:
        drafts: events to append, in order; folding them is the command's whole effect.
        outcome: ``nobody_waiting`` when a call only closed the ticket at the counter, else ``None``.
    """

    drafts: tuple[Draft, ...]
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A command's surroundings."""

    hall: Hall
    now: Now
    rules: HallRules
    carried: Carried

    def open_day(self) -> str:
        """Return the business day.

        Raises:
            DayClosedError: it is closed, or there has never been one.
        """
        if self.hall.day is None or not self.hall.is_open:
            raise DayClosedError(day=self.hall.day)
        return self.hall.day

    def ticket(self, key: str) -> Ticket:
        """Return a ticket of the day, or raise UnknownTicketError."""
        ticket = self.hall.tickets.get(key)
        if ticket is None:
            raise UnknownTicketError(ticket=key)
        return ticket

    def service(self, service_id: str) -> Service:
        """Return a configured service, or raise UnknownServiceError."""
        service = self.rules.service(service_id)
        if service is None:
            raise UnknownServiceError(service=service_id)
        return service

    def counter(self, counter_id: str) -> Counter:
        """Return a configured counter, or raise UnknownCounterError."""
        counter = self.rules.counter(counter_id)
        if counter is None:
            raise UnknownCounterError(counter=counter_id)
        return counter

    def staffed(self, counter_id: str) -> Post:
        """Return a counter that is open or paused.

        Raises:
            UnknownCounterError: not configured.
            CounterClosedError: nobody opened it.
        """
        self.counter(counter_id)
        post = self.hall.posts.get(counter_id)
        if post is None:
            raise CounterClosedError(counter=counter_id)
        return post

    def active(self, counter_id: str) -> Post:
        """Return a counter that is open.

        Raises:
            UnknownCounterError, CounterClosedError: as :meth:`staffed`.
            CounterPausedError: it is paused.
        """
        post = self.staffed(counter_id)
        if post.state is PostState.PAUSED:
            raise CounterPausedError(counter=counter_id)
        return post

    def at_counter(self, counter_id: str) -> Ticket:
        """Return the ticket at a counter.

        Raises:
            UnknownCounterError, CounterClosedError: as :meth:`staffed`.
            NoTicketAtCounterError: it has none.
        """
        post = self.staffed(counter_id)
        if post.ticket is None:
            raise NoTicketAtCounterError(counter=counter_id)
        return self.ticket(post.ticket)

    def check_serves(self, counter_id: str, ticket: Ticket) -> None:
        """Raise NotServingError unless the counter may take the ticket."""
        if ticket.assigned != counter_id and ticket.service not in self.counter(counter_id).services:
            raise NotServingError(counter=counter_id, service=ticket.service)

    def officer(self, asked: str | None, counter_id: str | None) -> str | None:
        """Return who is recorded: who asked, else who opened the counter."""
        if asked is not None or counter_id is None:
            return asked
        post = self.hall.posts.get(counter_id)
        return None if post is None else post.officer

    def at(self, ticket: Ticket, counter_id: str | None, asked: str | None) -> dict[str, Any]:
        """Return the members that every verb of a ticket records."""
        return {"ticket": ticket.key, "counter": counter_id, "officer": self.officer(asked, counter_id)}

    def served(self, ticket: Ticket, counter_id: str, asked: str | None, reason: str) -> dict[str, Any]:
        """Return the data of ``ticket.served``: time since the start, else since the last call."""
        move(ticket.state, Verb.COMPLETE, ticket.label)
        since = ticket.called if ticket.started is None else ticket.started
        return {**self.at(ticket, counter_id, asked), "served_ms": span_ms(since, self.now), "reason": reason}

    def closing(self, post: Post, asked: str | None) -> tuple[Draft, ...]:
        """Return the end of the ticket at a counter that goes on: served, or no-show if only just called."""
        if post.ticket is None:
            return ()
        ticket = self.ticket(post.ticket)
        if ticket.state is not TicketState.SERVING and not self._is_long_called(ticket):
            move(ticket.state, Verb.NO_SHOW, ticket.label)
            data = {**self.at(ticket, post.counter, asked), "reason": "next_called"}
            return (Draft("ticket.no_show", data),)
        return (Draft("ticket.served", self.served(ticket, post.counter, asked, "next_called")),)

    def _is_long_called(self, ticket: Ticket) -> bool:
        if ticket.called is None:
            return False
        return self.now.elapsed_ms - ticket.called.elapsed_ms >= self.rules.min_service_ms


Decide = Callable[[Case, Any], Decision]


def check_asked(officer: str | None, request: str | None) -> None:
    """Raise BadFieldError unless both ids could be recorded."""
    _check("officer", officer, ID)
    _check("request", request, REQUEST)


def check_key(field: str, value: str | None) -> None:
    """Raise BadFieldError unless a configured key (or ``None``) could be recorded."""
    _check(field, value, ID)


def _check(field: str, value: str | None, form: Value) -> None:
    if value is not None and not form.accepts(value):
        raise BadFieldError(field=field, value=value, remedy=form.words)
