"""Opening, pausing and closing a counter, and the day.

Pausing and closing first close the ticket at the counter exactly as ``call next`` does: most officers never
press *complete*, and a keypad has no such key. Who wants to go on with it later holds it first.
"""

from collections.abc import Mapping
from types import MappingProxyType

from appliance.queueing import commands, day
from appliance.queueing.case import Case, Decide, Decision, check_key
from appliance.queueing.errors import BadFieldError, DayOpenError, NotServingError
from appliance.queueing.ticket import Post
from appliance.wire.event import Draft

DAY_SOURCES = ("officer", "command")


def open_counter(case: Case, command: commands.OpenCounter) -> Decision:
    """Staff a counter; again, for another officer or other services, as often as wanted.

    Raises:
        NotServingError: it should serve what is not its own.
    """
    counter = case.counter(command.counter)
    for service in command.services:
        if service not in counter.services:
            raise NotServingError(counter=counter.id, service=service)
    data = {
        "counter": counter.id,
        "officer": command.officer,
        "services": [service for service in counter.services if service in command.services],
        "reason": "",
    }
    return Decision((Draft("counter.opened", data),))


def pause_counter(case: Case, command: commands.PauseCounter) -> Decision:
    """Interrupt a counter, after closing its ticket."""
    return _left(case, case.active(command.counter), command, "counter.paused")


def close_counter(case: Case, command: commands.CloseCounter) -> Decision:
    """Leave a counter, after closing its ticket."""
    return _left(case, case.staffed(command.counter), command, "counter.closed")


def open_day(case: Case, command: commands.OpenDay) -> Decision:
    """Open the closed business day again.

    Raises:
        DayOpenError: it is open.
    """
    _check_source(command.source)
    if case.hall.is_open:
        raise DayOpenError(day=case.hall.day)
    if case.hall.day is None:
        return Decision(day.day_drafts(case.hall, case.now, case.carried))
    return Decision(day.reopening(case.hall, command.source, case.carried))


def close_day(case: Case, command: commands.CloseDay) -> Decision:
    """End the business day for everybody."""
    _check_source(command.source)
    case.open_day()
    return Decision(day.closing(case.hall, case.now, command.source, case.carried))


def _left(
    case: Case, post: Post, command: commands.PauseCounter | commands.CloseCounter, kind: str
) -> Decision:
    check_key("reason", command.reason)
    data = {
        "counter": post.counter,
        "officer": case.officer(command.officer, post.counter),
        "services": list(post.services),
        "reason": command.reason or "",
    }
    return Decision((*case.closing(post, command.officer), Draft(kind, data)))


def _check_source(source: str) -> None:
    if source not in DAY_SOURCES:
        raise BadFieldError(field="source", value=source, remedy=f"one of {', '.join(DAY_SOURCES)}")


HANDLERS: Mapping[type, Decide] = MappingProxyType(
    {
        commands.OpenCounter: open_counter,
        commands.PauseCounter: pause_counter,
        commands.CloseCounter: close_counter,
        commands.OpenDay: open_day,
        commands.CloseDay: close_day,
    }
)
