"""Whether a hall in use can go on under other rules."""

from appliance.queueing.errors import CounterInUseError, ServiceInUseError
from appliance.queueing.hall import Hall
from appliance.queueing.rules import HallRules
from appliance.queueing.states import OPEN


def check_change(hall: Hall, rules: HallRules) -> None:
    """Raise unless everybody in the hall can still be called and every staffed counter still exists.

    Raises:
        ServiceInUseError: people wait for, or are served in, a service that the rules lack, or that no
            counter serves any more.
        CounterInUseError: a counter that the rules lack is staffed.
    """
    for counter in hall.posts:
        if rules.counter(counter) is None:
            raise CounterInUseError(counter=counter)
    served = {service for counter in rules.counters for service in counter.services}
    known = {service.id for service in rules.services}
    waiting: dict[str, int] = {}
    for ticket in hall.tickets.values():
        if ticket.state in OPEN and (ticket.service not in known or ticket.service not in served):
            waiting[ticket.service] = waiting.get(ticket.service, 0) + 1
    for service, people in waiting.items():
        raise ServiceInUseError(service=service, people=people)
