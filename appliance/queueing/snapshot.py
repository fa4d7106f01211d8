"""The hall as readers see it: JSON values, no wall times, ages in milliseconds."""

from typing import Any

from appliance.queueing.hall import Hall, in_line
from appliance.queueing.rules import Counter, HallRules, Service
from appliance.queueing.states import TicketState
from appliance.queueing.ticket import Ticket
from appliance.wire.moment import Now


def snapshot(hall: Hall, now: Now, rules: HallRules) -> dict[str, Any]:
    """Return what the screens of the hall and of the officers are made of.

    ``since_ms`` is the age of the ticket's present state on the office's own timeline, which survives
    restarts.
    """
    waiting = in_line(hall)
    parked = sorted(hall.tickets.values(), key=lambda ticket: (ticket.left or ticket.since, ticket.key))
    return {
        "day": hall.day,
        "is_open": hall.is_open,
        "counters": [_counter(hall, counter, now) for counter in rules.counters],
        "services": [_service(hall, service, waiting, now) for service in rules.services],
        "held": [_ticket(ticket, now) for ticket in parked if ticket.state is TicketState.ON_HOLD],
        "no_show": [_ticket(ticket, now) for ticket in parked if ticket.state is TicketState.NO_SHOW],
        "last_calls": [call._asdict() for call in hall.last_calls],
    }


def _counter(hall: Hall, counter: Counter, now: Now) -> dict[str, Any]:
    post = hall.posts.get(counter.id)
    shown: dict[str, Any] = {"counter": counter.id, "name": counter.name}
    if post is None:
        return {**shown, "state": "closed", "officer": None, "services": [], "reason": None, "ticket": None}
    ticket = None if post.ticket is None else hall.tickets.get(post.ticket)
    return {
        **shown,
        "state": post.state.value,
        "officer": post.officer,
        "services": list(post.services or counter.services),
        "reason": post.reason,
        "ticket": None if ticket is None else _ticket(ticket, now),
    }


def _service(hall: Hall, service: Service, waiting: list[Ticket], now: Now) -> dict[str, Any]:
    return {
        "service": service.id,
        "name": service.name,
        "name_en": service.name_en,
        "series": service.series,
        "issued": hall.issued.get(service.id, 0),
        "waiting": [_ticket(ticket, now) for ticket in waiting if ticket.service == service.id],
    }


def _ticket(ticket: Ticket, now: Now) -> dict[str, Any]:
    return {
        "ticket": ticket.key,
        "label": ticket.label,
        "service": ticket.service,
        "priority": ticket.priority,
        "state": ticket.state.value,
        "counter": ticket.counter,
        "assigned": ticket.assigned,
        "calls": ticket.calls,
        "since_ms": max(0, now.elapsed_ms - ticket.entered.elapsed_ms),
    }
