"""What somebody who waits wants to know: how many are ahead, and how long it may take."""

from collections.abc import Callable
from dataclasses import dataclass

from appliance.figures.pace import Pace, Range, expect, rounded
from appliance.queueing.hall import Hall, ahead
from appliance.queueing.policy import served_services
from appliance.queueing.rules import HallRules
from appliance.queueing.ticket import PostState, Ticket


@dataclass(frozen=True, slots=True)
class Prospect:
    """One waiting ticket's prospect.

    Args:
        ahead: how many stand before it in its line.
        expected: the wait from now, or None when nobody can tell.
    """

    ahead: int
    expected: Range | None


def prospect(hall: Hall, ticket: Ticket, rules: HallRules, pace: Callable[[str], Pace]) -> Prospect:
    """Return the prospect of a waiting ticket.

    Args:
        hall: as it is.
        ticket: one of its.
        rules: which counters serve what.
        pace: from a service to its recent pace.
    """
    before = ahead(hall, ticket)
    counters = open_counters(hall, ticket.service, rules)
    expected = expect(before, counters, pace(ticket.service)) if counters else None
    return Prospect(before, None if expected is None else rounded(expected))


def open_counters(hall: Hall, service: str, rules: HallRules) -> int:
    """Return how many counters call this service now."""
    return sum(
        post.state is PostState.OPEN and service in served_services(post, rules)
        for post in hall.posts.values()
    )
