"""From a command to drafts: the one place that knows which rules answer for which command."""

from appliance.desk.commands import (
    ApplyRules,
    ClearFault,
    Command,
    LeaveEpoch,
    Prune,
    Record,
    ReportFault,
    Tick,
    TrustTime,
)
from appliance.desk.errors import RequestReusedError
from appliance.desk.rules import Rules
from appliance.desk.state import Answer, State
from appliance.feedback import rating
from appliance.feedback.bindings import carry
from appliance.queueing import commands as queueing
from appliance.queueing.day import NOTHING, Carried
from appliance.queueing.decide import decide as decide_hall
from appliance.wire.event import Draft
from appliance.wire.moment import Now

_KINDS: dict[type, frozenset[str]] = {
    queueing.IssueTicket: frozenset({"ticket.issued"}),
    queueing.CallNext: frozenset({"ticket.called", "ticket.served", "ticket.no_show"}),
    queueing.CallTicket: frozenset({"ticket.called"}),
    queueing.Recall: frozenset({"ticket.recalled"}),
    queueing.Start: frozenset({"ticket.started"}),
    queueing.Complete: frozenset({"ticket.served"}),
    queueing.MarkNoShow: frozenset({"ticket.no_show"}),
    queueing.Hold: frozenset({"ticket.held"}),
    queueing.Resume: frozenset({"ticket.resumed"}),
    queueing.Transfer: frozenset({"ticket.transferred"}),
    queueing.Recycle: frozenset({"ticket.returned"}),
    queueing.Cancel: frozenset({"ticket.cancelled"}),
    queueing.LeaveQueue: frozenset({"ticket.cancelled"}),
    queueing.ReturnTicket: frozenset({"ticket.returned"}),
    queueing.OpenCounter: frozenset({"counter.opened"}),
    queueing.PauseCounter: frozenset({"counter.paused"}),
    queueing.CloseCounter: frozenset({"counter.closed"}),
    queueing.OpenDay: frozenset({"day.opened", "ticket.carried"}),
    queueing.CloseDay: frozenset({"day.closed"}),
    queueing.ResumeDay: frozenset({"day.opened", "ticket.carried"}),
    rating.Press: frozenset({"rating.given"}),
    rating.GiveReason: frozenset({"rating.reason"}),
}
"""What the last event of a command can be, by which a request id is recognized."""


def first_answer(state: State, command: Command) -> Answer | None:
    """Return the answer already given to this request id, or None.

    Raises:
        RequestReusedError: the id belongs to another verb.
    """
    request = getattr(command, "request", None)
    answer = state.answer_to(request)
    if answer is None:
        return None
    kinds = {command.draft.kind} if isinstance(command, Record) else _KINDS[type(command)]
    if answer.kind not in kinds:
        raise RequestReusedError(request=request, kind=answer.kind)
    return answer


def decide(state: State, command: Command, now: Now, rules: Rules) -> tuple[Draft, ...]:
    """Return what a command makes happen; pure.

    Raises:
        DomainError: a rule refuses it; nothing happens.
    """
    match command:
        case ReportFault(issue, subject):
            fault = {"issue": issue, "subject": subject}
            return () if (issue, subject) in state.faults else (Draft("device.fault", fault),)
        case ClearFault(issue, subject):
            fault = {"issue": issue, "subject": subject}
            return (Draft("device.cleared", fault),) if (issue, subject) in state.faults else ()
        case Record(draft, request):
            return (draft if request is None else Draft(draft.kind, {**draft.data, "request": request}),)
        case Tick() | TrustTime() | Prune() | LeaveEpoch() | ApplyRules():
            return ()  # the desk itself acts on the clock and on the files
        case rating.Press() | rating.GiveReason():
            return rating.decide(state.bindings, command, now, rules.ratings)
        case _:
            return decide_hall(
                state.hall, command, now, rules.hall, _carried(state, command, now, rules)
            ).drafts


def carried(state: State, now: Now, rules: Rules, *, is_new_epoch: bool = False) -> Carried:
    """Return what ``day.opened`` carries beside the hall: open issues, the configuration, open ratings."""
    return Carried(
        issues=tuple([issue, subject] for issue, subject in sorted(state.faults, key=str)),
        config=state.config,
        ratings=carry(state.bindings, now.elapsed_ms, rules.ratings, is_new_epoch=is_new_epoch),
    )


def _carried(state: State, command: Command, now: Now, rules: Rules) -> Carried:
    if isinstance(command, queueing.OpenDay | queueing.CloseDay | queueing.ResumeDay):
        return carried(state, now, rules)
    return NOTHING
