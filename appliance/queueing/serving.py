"""The verbs of a ticket at a counter."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from appliance.queueing import commands
from appliance.queueing.case import Case, Decide, Decision
from appliance.queueing.day import span_ms
from appliance.queueing.errors import (
    CounterClosedError,
    NobodyWaitingError,
    TransferTargetError,
    UnknownStageError,
)
from appliance.queueing.policy import Choice, chosen_ticket, next_ticket
from appliance.queueing.states import Verb, move
from appliance.queueing.ticket import Stamp
from appliance.wire.event import Draft

NOBODY_WAITING = "nobody_waiting"
STAGES = ("receive", "return")


def call_next(case: Case, command: commands.CallNext) -> Decision:
    """Close the ticket at the counter, then call whom the policy says.

    Raises:
        NobodyWaitingError: nothing to close and nobody to call.
    """
    case.open_day()
    post = case.active(command.counter)
    closed = case.closing(post, command.officer)
    choice = next_ticket(case.hall, post, case.now.elapsed_ms, case.rules)
    if choice is not None:
        return Decision((*closed, _called(case, choice, command.counter, command.officer)))
    if closed:
        return Decision(closed, NOBODY_WAITING)
    raise NobodyWaitingError(counter=command.counter)


def call_ticket(case: Case, command: commands.CallTicket) -> Decision:
    """Close the ticket at the counter, then call the chosen one."""
    case.open_day()
    post = case.active(command.counter)
    ticket = case.ticket(command.ticket)
    move(ticket.state, Verb.CALL, ticket.label)
    case.check_serves(command.counter, ticket)
    choice = chosen_ticket(case.hall, post, ticket, case.rules)
    closed = case.closing(post, command.officer)
    return Decision((*closed, _called(case, choice, command.counter, command.officer)))


def recall(case: Case, command: commands.Recall) -> Decision:
    """Call the ticket at the counter again."""
    ticket = case.at_counter(command.counter)
    move(ticket.state, Verb.RECALL, ticket.label)
    data = {
        **case.at(ticket, command.counter, command.officer),
        "why": Choice(ticket, "recall").why(),
        "waited_ms": None if ticket.called is None else _waited_ms(ticket.since, ticket.called),
    }
    return Decision((Draft("ticket.recalled", data),))


def start(case: Case, command: commands.Start) -> Decision:
    """Start serving the called ticket."""
    return _at_counter(case, command, Verb.START, "ticket.started")


def hold(case: Case, command: commands.Hold) -> Decision:
    """Set the ticket being served aside."""
    return _at_counter(case, command, Verb.HOLD, "ticket.held")


def mark_no_show(case: Case, command: commands.MarkNoShow) -> Decision:
    """Record that nobody came."""
    return _at_counter(case, command, Verb.NO_SHOW, "ticket.no_show", reason="officer")


def recycle(case: Case, command: commands.Recycle) -> Decision:
    """Put the called ticket back into its line."""
    place = place_behind(case.rules.recycle_position)
    return _at_counter(case, command, Verb.RECYCLE, "ticket.returned", reason="recycle", **place)


def complete(case: Case, command: commands.Complete) -> Decision:
    """Record that the ticket at the counter is served.

    Raises:
        UnknownStageError: the stage is neither ``receive``, ``return`` nor ``None``.
    """
    ticket = case.at_counter(command.counter)
    data = case.served(ticket, command.counter, command.officer, "officer")
    if command.stage is not None:
        if command.stage not in STAGES:
            raise UnknownStageError(stage=command.stage)
        data["stage"] = command.stage
    return Decision((Draft("ticket.served", data),))


def resume(case: Case, command: commands.Resume) -> Decision:
    """Close the ticket at the counter, then go on serving a held one."""
    case.open_day()
    post = case.active(command.counter)
    ticket = case.ticket(command.ticket)
    move(ticket.state, Verb.RESUME, ticket.label)
    case.check_serves(command.counter, ticket)
    resumed = Draft("ticket.resumed", case.at(ticket, command.counter, command.officer))
    return Decision((*case.closing(post, command.officer), resumed))


def transfer(case: Case, command: commands.Transfer) -> Decision:
    """Send a ticket to another line, or to one counter whatever its line.

    Raises:
        TransferTargetError: neither or both targets are named.
        CounterClosedError: the target counter is closed; nobody there would call it.
    """
    case.staffed(command.counter)
    ticket = case.at_counter(command.counter) if command.ticket is None else case.ticket(command.ticket)
    move(ticket.state, Verb.TRANSFER, ticket.label)
    if command.ticket is not None:
        case.check_serves(command.counter, ticket)
    target: dict[str, Any]
    match command.to_service, command.to_counter:
        case str(to_service), None:
            target = {"to_service": case.service(to_service).id}
        case None, str(to_counter):
            if case.counter(to_counter).id not in case.hall.posts:
                raise CounterClosedError(counter=to_counter)
            target = {"to_counter": to_counter}
        case _:
            raise TransferTargetError(label=ticket.label)
    place = place_behind(case.rules.transfer_position)
    data = {**case.at(ticket, ticket.counter, command.officer), **target, **place}
    return Decision((Draft("ticket.transferred", data),))


def place_behind(position: int | None) -> dict[str, Any]:
    """Return the optional member that puts a ticket behind so many of its line; the tail needs none."""
    return {} if position is None else {"ahead": position}


def _at_counter(case: Case, command: Any, verb: Verb, kind: str, **more: Any) -> Decision:  # noqa: ANN401
    ticket = case.at_counter(command.counter)
    move(ticket.state, verb, ticket.label)
    return Decision((Draft(kind, {**case.at(ticket, command.counter, command.officer), **more}),))


def _waited_ms(since: Stamp, called: Stamp) -> int | None:
    return called.elapsed_ms - since.elapsed_ms if since.boot == called.boot else None


def _called(case: Case, choice: Choice, counter_id: str, asked: str | None) -> Draft:
    ticket = choice.ticket
    move(ticket.state, Verb.CALL, ticket.label)
    waited_ms = span_ms(ticket.since, case.now)
    return Draft(
        "ticket.called", {**case.at(ticket, counter_id, asked), "why": choice.why(), "waited_ms": waited_ms}
    )


HANDLERS: Mapping[type, Decide] = MappingProxyType(
    {
        commands.CallNext: call_next,
        commands.CallTicket: call_ticket,
        commands.Recall: recall,
        commands.Start: start,
        commands.Complete: complete,
        commands.MarkNoShow: mark_no_show,
        commands.Hold: hold,
        commands.Resume: resume,
        commands.Transfer: transfer,
        commands.Recycle: recycle,
    }
)
