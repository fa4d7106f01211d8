from pathlib import Path

import pytest

from appliance.queueing.errors import IllegalTransitionError
from appliance.queueing.states import OPEN, TRANSITIONS, TicketState, Verb, diagram, document, move
from appliance.wire.kinds import TICKET_STATES

DOCUMENT = Path(__file__).parents[3] / "docs" / "ticket-states.md"


def test_every_pair_either_moves_or_is_refused_by_name() -> None:
    for state in TicketState:
        for verb in Verb:
            if (state, verb) in TRANSITIONS:
                assert move(state, verb, "A012") is TRANSITIONS[state, verb]
                continue
            with pytest.raises(IllegalTransitionError) as refused:
                move(state, verb, "A012")
            assert refused.value.fields["label"] == "A012"
            assert refused.value.fields["state"] == state.value
            assert refused.value.fields["verb"] == verb.value
            assert "A012" in refused.value.vi()
            assert state.value not in refused.value.vi()


def test_the_states_are_those_of_the_wire() -> None:
    assert [state.value for state in TicketState] == list(TICKET_STATES)


def test_day_end_closes_exactly_the_open_states() -> None:
    assert {"WAITING", "CALLED", "SERVING", "ON_HOLD"} == OPEN
    ends = {TRANSITIONS[state, Verb.DAY_END] for state in OPEN}
    assert ends == {TicketState.SERVED, TicketState.CANCELLED}
    assert TRANSITIONS[TicketState.SERVING, Verb.DAY_END] is TicketState.SERVED


def test_the_transitions_are_those_of_the_design() -> None:
    reached = {state: set() for state in TicketState}
    for (state, _), after in TRANSITIONS.items():
        reached[state].add(after.value)
    assert reached == {
        "WAITING": {"CALLED", "CANCELLED"},
        "CALLED": {"SERVING", "SERVED", "NO_SHOW", "CALLED", "WAITING", "CANCELLED"},
        "SERVING": {"SERVED", "ON_HOLD", "WAITING"},
        "ON_HOLD": {"SERVING", "CALLED", "WAITING", "CANCELLED"},
        "NO_SHOW": {"WAITING"},
        "SERVED": set(),
        "CANCELLED": set(),
    }


def test_diagram_has_every_transition() -> None:
    for (state, verb), after in TRANSITIONS.items():
        assert f"    {state} --> {after}: {verb}\n" in diagram() + "\n"


def test_document_is_current() -> None:
    """Write it anew with ``python -m appliance.queueing.states > docs/ticket-states.md``."""
    assert DOCUMENT.read_text(encoding="utf-8") == document()
