"""Opening, pausing and closing a counter, and the day.

Pausing and closing first close the ticket at the counter exactly as ``call next`` does: most officers never
press *complete*, and a keypad has no such key. Who wants to go on with it later holds it first.
"""

from collections.abc import Mapping
from types import MappingProxyType

from appliance.queueing import commands, day
from appliance.queueing.case import Case, Decide, Decision, check_key
from appliance.queueing.errors import BadFieldError, DayOpenError, NotServingError, NumbersGivenError
from appliance.queueing.ticket import Post, new_label, parse_label
from appliance.wire.event import Draft

DAY_SOURCES = ("officer", "command")
MOST_AHEAD = 500
"""Numbers passed over at most in one resume: more than an office gives out in a day is a slip of the hand."""


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


def resume_day(case: Case, command: commands.ResumeDay) -> Decision:
    """Open the day again with numbers that go on behind those that people hold; tickets stay as they are.

    Raises:
        BadFieldError: no number of this hall, or one that is far from the last given.
        NumbersGivenError: a series would go back, or no series would go on.
    """
    _check_source(command.source)
    numbers = case.hall.numbers
    for label in command.labels:
        series, number = _parsed(case, label)
        known = case.hall.numbers.get(series, 1)
        if number + 1 < known:
            raise NumbersGivenError(label=label, next=new_label(series, known))
        if number + 1 - known > MOST_AHEAD:
            remedy = f"at most {MOST_AHEAD} numbers after {new_label(series, known)}, the next one here"
            raise BadFieldError(field="labels", value=label, remedy=remedy)
        numbers = numbers.set(series, max(number + 1, numbers.get(series, 1)))
    if numbers == case.hall.numbers or case.hall.day is None:
        told = ", ".join(command.labels)
        raise NumbersGivenError(label=told, next=_next_labels(case))
    return Decision(day.reopening(case.hall._replace(numbers=numbers), command.source, case.carried))


def _parsed(case: Case, label: str) -> tuple[str, int]:
    parsed = parse_label(label)
    if parsed is None or all(service.series != parsed[0] for service in case.rules.services):
        known = sorted({service.series for service in case.rules.services})
        raise BadFieldError(field="labels", value=label, remedy=f"a number of series {', '.join(known)}")
    return parsed


def _next_labels(case: Case) -> str:
    series = sorted({service.series for service in case.rules.services})
    return ", ".join(new_label(one, case.hall.numbers.get(one, 1)) for one in series)


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
        commands.ResumeDay: resume_day,
    }
)
