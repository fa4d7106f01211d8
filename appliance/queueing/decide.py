"""A command and the hall, to the events that follow or a named refusal."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from appliance.queueing import admission, serving, staffing
from appliance.queueing.case import Case, Decide, Decision, check_asked
from appliance.queueing.commands import Command
from appliance.queueing.day import NOTHING, Carried
from appliance.queueing.hall import Hall
from appliance.queueing.rules import HallRules
from appliance.wire.event import Draft
from appliance.wire.moment import Now

HANDLERS: Mapping[type, Decide] = MappingProxyType(
    {**serving.HANDLERS, **admission.HANDLERS, **staffing.HANDLERS}
)


def decide(hall: Hall, command: Command, now: Now, rules: HallRules, carried: Carried = NOTHING) -> Decision:
    """Decide a command; nothing happens until the drafts are folded.

    The calendar comes first: the desk folds :func:`appliance.queueing.day.day_drafts` before it asks.

    Args:
        hall: the state of the hall.
        command: what is asked.
        now: the moment, and its place on the office's timeline.
        rules: the configuration in force.
        carried: what ``day.opened`` and ``day.closed`` pass on for the rest of the box.

    Returns:
        The drafts; the last one carries the command's ``request``.

    Raises:
        QueueingError: a rule refuses the command; the subclass says which.
    """
    check_asked(command.officer, command.request)
    decision = HANDLERS[type(command)](Case(hall, now, rules, carried), command)
    if command.request is None:
        return decision
    *first, last = decision.drafts
    return replace(decision, drafts=(*first, Draft(last.kind, {**last.data, "request": command.request})))
