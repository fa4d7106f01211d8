"""The states of a ticket.

Two rules:

1. Everything that decides whether a verb may be applied to a ticket is in ``TRANSITIONS``; nothing else asks.
2. State names are codes. They are never shown; screens translate them.

``docs/ticket-states.md`` is generated from this file: ``python -m appliance.queueing.states >
docs/ticket-states.md``.
"""

import sys
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from appliance.queueing.errors import IllegalTransitionError


class TicketState(StrEnum):
    """Where a ticket stands; the values are the wire's."""

    WAITING = "WAITING"
    CALLED = "CALLED"
    SERVING = "SERVING"
    ON_HOLD = "ON_HOLD"
    NO_SHOW = "NO_SHOW"
    SERVED = "SERVED"
    CANCELLED = "CANCELLED"


class Verb(StrEnum):
    """What can be done to a ticket that exists."""

    CALL = "call"
    RECALL = "recall"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no-show"
    RETURN = "return"
    RECYCLE = "recycle"
    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    CANCEL = "cancel"
    DAY_END = "day end"


_S, _V = TicketState, Verb

TRANSITIONS: Mapping[tuple[TicketState, Verb], TicketState] = MappingProxyType(
    {
        (_S.WAITING, _V.CALL): _S.CALLED,
        (_S.WAITING, _V.CANCEL): _S.CANCELLED,
        (_S.WAITING, _V.DAY_END): _S.CANCELLED,
        (_S.CALLED, _V.START): _S.SERVING,
        (_S.CALLED, _V.COMPLETE): _S.SERVED,
        (_S.CALLED, _V.NO_SHOW): _S.NO_SHOW,
        (_S.CALLED, _V.RECALL): _S.CALLED,
        (_S.CALLED, _V.RECYCLE): _S.WAITING,
        (_S.CALLED, _V.TRANSFER): _S.WAITING,
        (_S.CALLED, _V.CANCEL): _S.CANCELLED,
        (_S.CALLED, _V.DAY_END): _S.CANCELLED,
        (_S.SERVING, _V.COMPLETE): _S.SERVED,
        (_S.SERVING, _V.HOLD): _S.ON_HOLD,
        (_S.SERVING, _V.TRANSFER): _S.WAITING,
        (_S.SERVING, _V.DAY_END): _S.SERVED,
        (_S.ON_HOLD, _V.RESUME): _S.SERVING,
        (_S.ON_HOLD, _V.CALL): _S.CALLED,
        (_S.ON_HOLD, _V.TRANSFER): _S.WAITING,
        (_S.ON_HOLD, _V.CANCEL): _S.CANCELLED,
        (_S.ON_HOLD, _V.DAY_END): _S.CANCELLED,
        (_S.NO_SHOW, _V.RETURN): _S.WAITING,
    }
)

OPEN = frozenset(state for state, verb in TRANSITIONS if verb is Verb.DAY_END)
"""The states of a person who is still in the hall as far as anyone knows."""

AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})
"""The states in which a ticket occupies its counter."""


def move(state: TicketState, verb: Verb, label: str) -> TicketState:
    """Return the state after a verb.

    Raises:
        IllegalTransitionError: the table has no such transition; carries label, state and verb.
    """
    after = TRANSITIONS.get((state, verb))
    if after is None:
        raise IllegalTransitionError.of(label, state, verb)
    return after


def diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> WAITING: issue"]
    lines += [f"    {state} --> {after}: {verb}" for (state, verb), after in TRANSITIONS.items()]
    ends = [state for state in TicketState if not any(state is before for before, _ in TRANSITIONS)]
    lines += [f"    {state} --> [*]" for state in ends]
    return "\n".join(lines)


def document() -> str:
    """Return ``docs/ticket-states.md``."""
    rows = [f"| `{state}` | {verb} | `{after}` |" for (state, verb), after in TRANSITIONS.items()]
    return "\n".join(
        [
            "# Ticket states",
            "",
            "Generated from `appliance/queueing/states.py`: `python -m appliance.queueing.states`.",
            "",
            "```mermaid",
            diagram(),
            "```",
            "",
            "| from | verb | to |",
            "|---|---|---|",
            *rows,
            "",
            "`call next` first closes the ticket at the counter: *complete* if it was started, or called (or",
            "called again) at least `min_service_ms` ago, else *no-show*. So do calling or resuming a chosen",
            "ticket, pausing and closing the counter. A verb without a row is refused: `ticket.wrong_state`.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(document())
