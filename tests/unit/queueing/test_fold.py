"""The fold takes any journal: older, newer, or of tickets it never heard of."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.queueing import commands as c
from appliance.queueing.hall import Hall, fold
from appliance.wire.event import Event
from appliance.wire.kinds import KINDS
from tests.unit.queueing.conftest import Office

WHY = {"rule": "arrival", "ahead": 0, "skipped": 1}
DATA = {
    "ticket": "2026-11-23/A/7", "label": "A007", "service": "fish", "priority": "none", "source": "button",
    "state": "CALLED", "counter": "9", "officer": None, "why": WHY, "waited_ms": None, "served_ms": None,
    "reason": "officer", "to_service": "civil", "services": [], "day": "2026-11-23", "carries": {},
    "was": "2026-11-23T01:00:00.000000Z", "now": "2026-11-23T01:00:00.000000Z",
}  # fmt: skip


def event(kind: str, data: dict[str, Any], clock: str = "synced") -> Event:
    return Event(1, "e", kind, "2026-11-23T01:00:00.000000Z", clock, "boot", 0, data, "0" * 64)


def test_kinds_it_does_not_know_change_nothing(subject: Office) -> None:
    hall = subject.hall
    for kind in ("rating.given", "sensor.sampled", "coffee.brewed"):
        assert fold(hall, event(kind, {"ticket": 7}), 0) is hall


@pytest.mark.parametrize("kind", sorted(kind for kind in KINDS if kind.startswith("ticket.")))
def test_tickets_it_does_not_know_change_nothing(subject: Office, kind: str) -> None:
    hall = subject.hall
    after = fold(hall, event(kind, DATA), 0)
    if kind not in {"ticket.issued", "ticket.carried"}:
        assert after is hall


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                sorted(kind for kind in KINDS if kind.partition(".")[0] in {"ticket", "counter", "day"})
            ),
            st.sampled_from(["2026-11-23/A/7", "2026-11-23/A/8"]),
            st.sampled_from(["1", "9", None]),
            st.sampled_from([None, 0, 3]),
            st.sampled_from(["synced", "unsynced"]),
        ),
        max_size=30,
    )
)
def test_any_order_of_valid_events_folds(steps: list[Any]) -> None:
    """Whatever the table of states thinks: what the journal says has happened."""
    hall = Hall()
    for kind, ticket, counter, ahead, clock in steps:
        counter_ = counter if kind in {"ticket.cancelled", "ticket.carried"} else counter or "2"
        data = {**DATA, "ticket": ticket, "counter": counter_}
        if ahead is not None:
            data["ahead"] = ahead
        hall = fold(hall, event(kind, data, clock), 0)
    at_counters = [post.ticket for post in hall.posts.values() if post.ticket is not None]
    assert len(at_counters) == len(set(at_counters))


def test_a_ticket_called_elsewhere_leaves_the_first_counter(subject: Office) -> None:
    ticket = subject.serving("1")
    called = {"ticket": ticket, "counter": "2", "officer": None, "why": WHY, "waited_ms": None}
    subject.record("ticket.called", called)
    assert subject.hall.posts["1"].ticket is None
    assert subject.hall.posts["2"].ticket == ticket


def test_last_calls_keep_ten_each_ticket_once(subject: Office) -> None:
    tickets = [subject.issue() for _ in range(12)]
    for _ in tickets:
        subject.call()
    subject.do(c.Recall("1"))
    assert [call.ticket for call in subject.hall.last_calls] == tickets[:1:-1]
    assert subject.hall.last_calls[0][:3] == (tickets[-1], "A012", "1")


def test_state_cannot_be_changed_in_place(subject: Office) -> None:
    with pytest.raises(AttributeError):
        subject.hall.day = "2026-11-24"
    with pytest.raises(TypeError):
        subject.hall.tickets["x"] = None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["A", "open", "2026-11-23"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["counter", "officer", "reason", "services", "state"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["counters", "issued", "next", "spent", "config"]), JUNK))
def test_any_carries_folds(carries: dict[str, Any]) -> None:
    hall = fold(Hall(), event("day.opened", {**DATA, "carries": carries}), 0)
    assert (hall.day, hall.is_open) == ("2026-11-23", True)


def test_members_that_the_wire_does_not_check_cannot_stop_the_fold(subject: Office) -> None:
    ticket = subject.serving()
    for ahead in ("x", -1, [], True, None):
        fold(subject.hall, event("ticket.transferred", {**DATA, "ticket": ticket, "ahead": ahead}), 0)
    never = "2026-02-31T00:00:00.000000Z"
    step = event("clock.stepped", {"was": never, "now": never, "source": "ntp"})
    assert fold(subject.hall, step, 0) is subject.hall
