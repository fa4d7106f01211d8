"""The verbs of a ticket that is at no counter: issue, cancel, leave, come back."""

from collections.abc import Mapping
from types import MappingProxyType

from appliance.queueing import commands
from appliance.queueing.case import Case, Decide, Decision
from appliance.queueing.errors import (
    BadFieldError,
    DailyLimitError,
    HallFullError,
    HolidayError,
    OutsideHoursError,
    TooLateError,
    UnknownPriorityError,
)
from appliance.queueing.rules import Service
from appliance.queueing.serving import place_behind
from appliance.queueing.states import Verb, move
from appliance.queueing.ticket import new_label
from appliance.wire.event import Draft

SOURCES = ("button", "kiosk", "staff", "phone")
_MS_PER_MINUTE = 60_000
_MINUTES_PER_HOUR = 60


def issue_ticket(case: Case, command: commands.IssueTicket) -> Decision:
    """Give the next number of the service's series.

    Raises:
        DayClosedError, OutsideHoursError, HolidayError, DailyLimitError, HallFullError: not now.
        UnknownServiceError, UnknownPriorityError, BadFieldError: not so.
    """
    day = case.open_day()
    service = case.service(command.service)
    if not case.rules.has_priority(command.priority):
        raise UnknownPriorityError(priority=command.priority)
    if command.source not in SOURCES:
        raise BadFieldError(field="source", value=command.source, remedy=f"one of {', '.join(SOURCES)}")
    _check_hours(case)
    _check_room(case, service)
    number = case.hall.numbers.get(service.series, 1)
    data = {
        "ticket": f"{day}/{service.series}/{number}",
        "label": new_label(service.series, number),
        "service": service.id,
        "priority": command.priority,
        "source": command.source,
    }
    return Decision((Draft("ticket.issued", data),))


def cancel(case: Case, command: commands.Cancel) -> Decision:
    """Take a ticket out of the hall."""
    return _cancelled(case, command, "officer")


def leave_queue(case: Case, command: commands.LeaveQueue) -> Decision:
    """Take a ticket out of the hall at its owner's wish."""
    return _cancelled(case, command, "left")


def return_ticket(case: Case, command: commands.ReturnTicket) -> Decision:
    """Put somebody who missed the call back into the line.

    Raises:
        TooLateError: the tolerance is over.
    """
    case.open_day()
    ticket = case.ticket(command.ticket)
    move(ticket.state, Verb.RETURN, ticket.label)
    tolerance_ms = case.rules.late_tolerance_ms
    if tolerance_ms is not None and ticket.left is not None:
        late_ms = case.now.elapsed_ms - ticket.left.elapsed_ms
        if late_ms > tolerance_ms:
            raise TooLateError(label=ticket.label, minutes=tolerance_ms // _MS_PER_MINUTE)
    data = {
        **case.at(ticket, ticket.counter, command.officer),
        "reason": "late",
        **place_behind(case.rules.late_position),
    }
    return Decision((Draft("ticket.returned", data),))


def _cancelled(case: Case, command: commands.Cancel | commands.LeaveQueue, reason: str) -> Decision:
    ticket = case.ticket(command.ticket)
    move(ticket.state, Verb.CANCEL, ticket.label)
    data = {
        "ticket": ticket.key,
        "counter": ticket.counter,
        "officer": command.officer,
        "reason": reason,
    }
    return Decision((Draft("ticket.cancelled", data),))


def _check_hours(case: Case) -> None:
    moment = case.now.moment
    if not moment.trusted:
        return  # the office opens anyway, whatever the box thinks the time is
    day, minutes = moment.local_day(), moment.local_minutes()
    spans = case.rules.hours.spans(day)
    if not spans:
        raise HolidayError(day=day)
    if not any(start <= minutes < end for start, end in spans):
        hours = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans)
        raise OutsideHoursError(time=_clock(minutes), day=day, hours=hours)


def _check_room(case: Case, service: Service) -> None:
    limit = service.daily_limit
    if limit is not None and case.hall.issued.get(service.id, 0) >= limit:
        raise DailyLimitError(service=service.id, name=service.name, limit=limit)
    if case.rules.max_waiting is not None and len(case.hall.line) >= case.rules.max_waiting:
        raise HallFullError(limit=case.rules.max_waiting)


def _clock(minutes: int) -> str:
    return f"{minutes // _MINUTES_PER_HOUR:02d}:{minutes % _MINUTES_PER_HOUR:02d}"


HANDLERS: Mapping[type, Decide] = MappingProxyType(
    {
        commands.IssueTicket: issue_ticket,
        commands.Cancel: cancel,
        commands.LeaveQueue: leave_queue,
        commands.ReturnTicket: return_ticket,
    }
)
