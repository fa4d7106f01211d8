"""What is to be shown at each counter, from the state alone."""

from dataclasses import dataclass

from appliance.queueing.hall import Hall
from appliance.queueing.rules import HallRules


@dataclass(frozen=True, slots=True)
class Face:
    """What the signs of one counter show.

    Args:
        label: the ticket that was called there, or None.
        number: the number in that label, or None.
        waiting: people this counter could call.
    """

    label: str | None = None
    number: int | None = None
    waiting: int = 0


def faces(hall: Hall, rules: HallRules) -> dict[str, Face]:
    """Return the face of every configured counter."""
    waiting: dict[str, int] = {}
    for key in hall.line:
        service = hall.tickets[key].service
        waiting[service] = waiting.get(service, 0) + 1
    found = {}
    for counter in rules.counters:
        post = hall.posts.get(counter.id)
        ticket = hall.tickets.get(post.ticket) if post is not None and post.ticket is not None else None
        services = (post.services if post is not None else ()) or counter.services
        found[counter.id] = Face(
            label=None if ticket is None else ticket.label,
            number=None if ticket is None else int(ticket.key.rpartition("/")[2]),
            waiting=sum(waiting.get(service, 0) for service in services),
        )
    return found
