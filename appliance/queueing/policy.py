"""Who is next, and why.

The line of a service is its waiting tickets by place, that is by arrival unless an officer's verb put one
elsewhere. For a counter:

1. *Which service.* The first of the counter's services, in its order of preference, in whose line somebody
   stands; services of tickets that were sent to this very counter come before all others. But once somebody
   in a line has waited ``ageing_ms``, the service gets its turn; of several, the one with the longest wait.
2. *Which ticket of it.* The head of the line, unless somebody with priority (or sent to this very counter)
   stands behind it: then the first of those. At most ``ratio`` calls of a service in a row overtake its head,
   and only one while somebody in the line has waited ``ageing_ms``.

So nobody starves. Within a service at most ``ratio`` calls overtake a head, and each head that is called
brings everybody behind it one place forward: at most ``ratio x (tickets in front + 1)`` later arrivals are
called before a ticket. Over several services, once a ticket has waited ``ageing_ms`` at most one later
arrival is called for each ticket that has waited longer in the lines of the counter, and one more. What an
officer does by hand (a chosen ticket, a place in the line) is outside these bounds, but counts for the ratio.

``why`` is recorded with each call:

=========  ============================================================================================
rule       meaning
=========  ============================================================================================
arrival    the head of its line, nobody with priority stood behind it
priority   overtook the head of its line by its priority class
assigned   overtook the head of its line because a transfer sent it to this counter
ratio      the head of its line, though somebody with priority waits: enough of them went first
aged       the head of its line, because it had waited too long: before somebody with priority, or before a
           service that the counter prefers
chosen     an officer picked it
recall     called once more
=========  ============================================================================================

``ahead`` counts the tickets that this counter could have called and that stood before it, over all services;
``skipped`` those of them in its own line.
"""

from dataclasses import dataclass
from typing import Any

from appliance.queueing.hall import Hall, in_line
from appliance.queueing.rules import NO_PRIORITY, HallRules
from appliance.queueing.ticket import Post, Ticket


@dataclass(frozen=True, slots=True)
class Choice:
    """A ticket and the reason why it is next."""

    ticket: Ticket
    rule: str
    ahead: int = 0
    skipped: int = 0

    def why(self) -> dict[str, Any]:
        """Return what is recorded."""
        return {"rule": self.rule, "ahead": self.ahead, "skipped": self.skipped}


def served_services(post: Post, rules: HallRules) -> tuple[str, ...]:
    """Return what a counter serves now, in order of preference."""
    counter = rules.counter(post.counter)
    configured = () if counter is None else counter.services
    return tuple(name for name in configured if not post.services or name in post.services)


def callable_tickets(hall: Hall, post: Post, rules: HallRules) -> list[Ticket]:
    """Return the waiting tickets that a counter may call, in the order of the line.

    A ticket sent to another counter is left to it, unless that counter has closed meanwhile.
    """
    services = served_services(post, rules)
    return [ticket for ticket in in_line(hall) if _may_call(hall, post, services, ticket)]


def _may_call(hall: Hall, post: Post, services: tuple[str, ...], ticket: Ticket) -> bool:
    if ticket.assigned == post.counter:
        return True
    return ticket.service in services and (ticket.assigned is None or ticket.assigned not in hall.posts)


def next_ticket(hall: Hall, post: Post, elapsed_ms: int, rules: HallRules) -> Choice | None:
    """Return whom a counter should call, or ``None`` when nobody waits for it."""
    callable_ = callable_tickets(hall, post, rules)
    lines: dict[str, list[Ticket]] = {}
    for ticket in callable_:
        lines.setdefault(ticket.service, []).append(ticket)
    if not lines:
        return None

    since = {service: min(ticket.since.elapsed_ms for ticket in line) for service, line in lines.items()}
    aged = [service for service in lines if elapsed_ms - since[service] >= rules.ageing_ms]
    served = served_services(post, rules)
    sent = {ticket.service for ticket in callable_ if ticket.assigned == post.counter}
    preferred = min(lines, key=lambda service: -1 if service in sent else served.index(service))
    service = min(aged, key=since.__getitem__) if aged else preferred

    line = lines[service]
    head = line[0]
    express = next((ticket for ticket in line if _is_express(ticket, post)), None)
    limit = min(1, rules.ratio) if aged else rules.ratio
    is_spent = hall.streaks.get(service, 0) >= limit
    if express is None or express is head:
        chosen, rule = head, "arrival" if service == preferred else "aged"
    elif is_spent:
        chosen, rule = head, "aged" if aged else "ratio"
    else:
        chosen, rule = express, "priority" if express.priority != NO_PRIORITY else "assigned"
    return _explained(callable_, chosen, rule)


def chosen_ticket(hall: Hall, post: Post, ticket: Ticket, rules: HallRules) -> Choice:
    """Return the explanation of a ticket that an officer picked."""
    callable_ = callable_tickets(hall, post, rules)
    if ticket not in callable_:
        return Choice(ticket, "chosen")
    return _explained(callable_, ticket, "chosen")


def _is_express(ticket: Ticket, post: Post) -> bool:
    return ticket.priority != NO_PRIORITY or ticket.assigned == post.counter


def _explained(callable_: list[Ticket], chosen: Ticket, rule: str) -> Choice:
    before = callable_[: callable_.index(chosen)]
    skipped = sum(ticket.service == chosen.service for ticket in before)
    return Choice(chosen, rule, ahead=len(before), skipped=skipped)
