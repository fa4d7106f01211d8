from typing import get_args

import pytest

from appliance.queueing import commands as c
from appliance.queueing import errors
from appliance.queueing.decide import HANDLERS
from tests.unit.queueing.conftest import Office


def test_every_command_has_a_handler() -> None:
    assert set(HANDLERS) == set(get_args(c.Command))


def test_counter_serves_its_services_in_order_of_preference(subject: Office) -> None:
    subject.issue("civil")
    land = subject.issue()
    assert subject.call("1") == land


def test_counter_can_be_restricted(subject: Office) -> None:
    event = subject.do(c.OpenCounter("1", ("civil",), officer="lan"))[0]
    assert event.data == {"counter": "1", "officer": "lan", "services": ["civil"], "reason": ""}
    subject.issue()
    with pytest.raises(errors.NobodyWaitingError):
        subject.do(c.CallNext("1"))
    with pytest.raises(errors.NotServingError):
        subject.do(c.OpenCounter("1", ("tax",)))


def test_opening_again_changes_the_officer_and_keeps_the_ticket(subject: Office) -> None:
    ticket = subject.serving()
    subject.do(c.OpenCounter("1", officer="lan"))
    assert subject.hall.posts["1"].ticket == ticket
    assert subject.do(c.Complete("1"))[0].data["officer"] == "lan"


@pytest.mark.parametrize("leave", [c.PauseCounter, c.CloseCounter])
@pytest.mark.parametrize(("is_started", "closing"), [(True, "ticket.served"), (False, "ticket.no_show")])
def test_leaving_closes_the_ticket_as_call_next_does(
    subject: Office, leave: type[c.PauseCounter] | type[c.CloseCounter], is_started: bool, closing: str
) -> None:
    ticket = subject.issue()
    subject.call()
    if is_started:
        subject.do(c.Start("1"))
    closed, left = subject.do(leave("1", "lunch", request="r1"))
    assert (closed.kind, closed.data["ticket"]) == (closing, ticket)
    assert left.data == {
        "counter": "1", "officer": "officer1", "services": [], "reason": "lunch", "request": "r1",
    }  # fmt: skip


def test_paused_counter_calls_nobody_until_it_is_opened(subject: Office) -> None:
    ticket = subject.issue()
    subject.do(c.PauseCounter("1"))
    for command in (c.CallNext("1"), c.CallTicket("1", ticket), c.PauseCounter("1")):
        with pytest.raises(errors.CounterPausedError):
            subject.do(command)
    subject.do(c.OpenCounter("1"))
    assert subject.call("1") == ticket


def test_closed_counter_calls_nobody(subject: Office) -> None:
    subject.do(c.CloseCounter("1"))
    for command in (c.CallNext("1"), c.PauseCounter("1"), c.CloseCounter("1")):
        with pytest.raises(errors.CounterClosedError):
            subject.do(command)


def test_a_reason_is_a_key_so_that_no_name_gets_into_the_journal(subject: Office) -> None:
    with pytest.raises(errors.BadFieldError):
        subject.do(c.PauseCounter("1", "đi ăn với anh Nam"))


def test_closing_the_day_ends_it_for_everybody(subject: Office) -> None:
    held, waiting = subject.serving(), subject.issue()
    subject.do(c.Hold("1"))
    serving, called = subject.serving("1"), subject.issue("civil")
    subject.do(c.CallTicket("2", called))
    events = subject.do(c.CloseDay(officer="lan", request="r1"))
    ended = {event.data["ticket"]: (event.kind, event.data["reason"]) for event in events[:-1]}
    assert ended == {
        held: ("ticket.cancelled", "day_end"),
        waiting: ("ticket.cancelled", "day_end"),
        called: ("ticket.cancelled", "day_end"),
        serving: ("ticket.served", "day_end"),
    }
    assert (events[-1].kind, events[-1].data["request"]) == ("day.closed", "r1")
    assert all(post.ticket is None for post in subject.hall.posts.values())


def test_nothing_is_issued_or_called_on_a_closed_day(subject: Office) -> None:
    subject.do(c.CloseDay())
    for command in (
        c.IssueTicket("land"), c.CallNext("1"), c.CallTicket("1", "x"), c.Resume("1", "x"),
        c.ReturnTicket("x"), c.CloseDay(),
    ):  # fmt: skip
        with pytest.raises(errors.DayClosedError) as refused:
            subject.do(command)
        assert refused.value.fields == {"day": "2026-11-23"}


def test_day_opened_again_goes_on_with_the_next_number(subject: Office) -> None:
    missed = subject.issue()
    subject.call()
    subject.do(c.MarkNoShow("1"))
    subject.do(c.CloseDay())
    opened, carried = subject.do(c.OpenDay(officer="lan", request="r2"))
    assert (opened.kind, opened.data["source"]) == ("day.opened", "officer")
    assert (carried.data["ticket"], carried.data["state"], carried.data["request"]) == (
        missed,
        "NO_SHOW",
        "r2",
    )
    assert subject.issue() == "2026-11-23/A/2"
    subject.do(c.ReturnTicket(missed))


def test_open_day_is_not_opened_again(subject: Office) -> None:
    with pytest.raises(errors.DayOpenError):
        subject.do(c.OpenDay())
    with pytest.raises(errors.BadFieldError):
        subject.do(c.OpenDay("clock"))


def test_counters_are_staffed_on_a_closed_day_too(subject: Office) -> None:
    subject.do(c.CloseDay())
    subject.do(c.CloseCounter("1"))
    subject.do(c.OpenCounter("1", officer="lan"))
    subject.do(c.OpenDay())
    assert subject.hall.posts["1"].officer == "lan"
