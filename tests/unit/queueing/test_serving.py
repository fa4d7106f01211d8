from dataclasses import replace

import pytest

from appliance.queueing import commands as c
from appliance.queueing import errors
from appliance.queueing.commands import Command
from tests.unit.queueing.conftest import Office


def test_call_next_takes_the_head_and_says_why(subject: Office) -> None:
    first, second = subject.issue(), subject.issue()
    subject.advance(60)
    called = subject.do(c.CallNext("1", request="r1"))[-1]
    assert called.data == {
        "ticket": first, "counter": "1", "officer": "officer1", "waited_ms": 60_000,
        "why": {"rule": "arrival", "ahead": 0, "skipped": 0}, "request": "r1",
    }  # fmt: skip
    assert subject.state(second) == "WAITING"
    assert subject.hall.posts["1"].ticket == first


def test_call_next_serves_nobody_twice(subject: Office) -> None:
    only = subject.issue()
    assert subject.call("1") == only
    with pytest.raises(errors.NobodyWaitingError) as refused:
        subject.do(c.CallNext("2"))
    assert refused.value.fields == {"counter": "2"}


@pytest.mark.parametrize(
    ("after_s", "is_started", "kind"),
    [
        (44, False, "ticket.no_show"),
        (45, False, "ticket.served"),
        (1, True, "ticket.served"),
    ],
)
def test_call_next_closes_the_ticket_at_the_counter(
    subject: Office, after_s: float, is_started: bool, kind: str
) -> None:
    ticket, following = subject.issue(), subject.issue()
    subject.call()
    if is_started:
        subject.do(c.Start("1"))
    subject.advance(after_s)
    closed, called = subject.do(c.CallNext("1"))
    assert (closed.kind, closed.data["ticket"], closed.data["reason"]) == (kind, ticket, "next_called")
    assert called.data["ticket"] == following


def test_a_recall_starts_the_time_for_a_no_show_anew(subject: Office) -> None:
    ticket = subject.issue()
    subject.call()
    subject.advance(60)
    recalled = subject.do(c.Recall("1"))[0]
    assert recalled.data["why"] == {"rule": "recall", "ahead": 0, "skipped": 0}
    assert recalled.data["waited_ms"] == 0
    subject.advance(20)
    assert [event.kind for event in subject.do(c.CallNext("1"))] == ["ticket.no_show"]
    assert subject.outcome == "nobody_waiting"
    assert subject.hall.tickets[ticket].calls == 2


def test_call_next_with_nobody_waiting_still_closes(subject: Office) -> None:
    ticket = subject.serving()
    subject.advance(100)
    closed = subject.do(c.CallNext("1", request="r9"))
    assert [event.kind for event in closed] == ["ticket.served"]
    assert closed[0].data["served_ms"] == 100_000
    assert closed[0].data["request"] == "r9"
    assert subject.outcome == "nobody_waiting"
    assert subject.state(ticket) == "SERVED"
    assert subject.hall.posts["1"].ticket is None


def test_durations_are_unknown_across_a_restart(subject: Office) -> None:
    subject.issue()
    subject.serving()
    subject.advance(30)
    subject.power_on()
    served, called = subject.do(c.CallNext("1"))
    assert served.data["served_ms"] is None
    assert called.data["waited_ms"] is None


def test_a_called_ticket_keeps_its_time_across_a_restart(subject: Office) -> None:
    subject.issue()
    subject.call()
    subject.advance(44)
    subject.issue("tax")  # what the journal knows of the old boot ends with its last event
    subject.power_on()  # up for one second
    assert subject.do(c.CallNext("1"))[0].kind == "ticket.served"


def test_chosen_ticket_is_explained(subject: Office) -> None:
    subject.issue()
    subject.issue("civil")
    third = subject.issue()
    why = subject.do(c.CallTicket("1", third))[-1].data["why"]
    assert why == {"rule": "chosen", "ahead": 2, "skipped": 1}


def test_held_ticket_can_be_resumed_or_called(subject: Office) -> None:
    held = subject.serving()
    subject.do(c.Hold("1"))
    assert subject.state(held) == "ON_HOLD"
    other = subject.serving()
    closed, resumed = subject.do(c.Resume("1", held))
    assert (closed.kind, closed.data["ticket"]) == ("ticket.served", other)
    assert resumed.kind == "ticket.resumed"
    assert subject.state(held) == "SERVING"
    subject.do(c.Hold("1"))
    called = subject.do(c.CallTicket("2", held))[-1]
    assert called.data["why"] == {"rule": "chosen", "ahead": 0, "skipped": 0}
    assert subject.hall.posts["1"].ticket is None
    assert subject.hall.posts["2"].ticket == held


def test_refused_choice_closes_nothing(subject: Office) -> None:
    current = subject.serving()
    done = subject.issue()
    subject.do(c.Cancel(done))
    for command in (c.CallTicket("1", done), c.Resume("1", done), c.CallTicket("1", current)):
        with pytest.raises(errors.IllegalTransitionError):
            subject.do(command)
    with pytest.raises(errors.UnknownTicketError):
        subject.do(c.CallTicket("1", "2026-11-23/A/99"))
    assert subject.state(current) == "SERVING"


def test_a_counter_takes_only_what_it_serves(subject: Office) -> None:
    ticket = subject.issue("tax")
    with pytest.raises(errors.NotServingError) as refused:
        subject.do(c.CallTicket("1", ticket))
    assert refused.value.fields == {"counter": "1", "service": "tax"}


def test_complete_records_stage_and_time(subject: Office) -> None:
    ticket = subject.serving()
    subject.advance(90)
    served = subject.do(c.Complete("1", stage="return", officer="lan"))[0]
    assert served.data == {
        "ticket": ticket, "counter": "1", "officer": "lan", "served_ms": 90_000,
        "reason": "officer", "stage": "return",
    }  # fmt: skip


def test_complete_refuses_an_unknown_stage(subject: Office) -> None:
    subject.serving()
    with pytest.raises(errors.UnknownStageError):
        subject.do(c.Complete("1", stage="later"))


@pytest.mark.parametrize(
    ("command", "kind", "state"),
    [
        (c.Complete("1"), "ticket.served", "SERVED"),
        (c.MarkNoShow("1"), "ticket.no_show", "NO_SHOW"),
        (c.Start("1"), "ticket.started", "SERVING"),
        (c.Recall("1"), "ticket.recalled", "CALLED"),
        (c.Recycle("1"), "ticket.returned", "WAITING"),
        (c.Transfer("1", to_service="tax"), "ticket.transferred", "WAITING"),
    ],
)
def test_verbs_of_a_called_ticket(subject: Office, command: Command, kind: str, state: str) -> None:
    ticket = subject.issue()
    subject.call()
    event = subject.do(command)[0]
    assert (event.kind, event.data["counter"]) == (kind, "1")
    assert subject.state(ticket) == state
    assert (subject.hall.posts["1"].ticket == ticket) is (state in {"CALLED", "SERVING"})


@pytest.mark.parametrize("command", [c.Start, c.Complete, c.Recall, c.MarkNoShow, c.Hold, c.Recycle])
def test_verbs_need_a_ticket_at_an_open_counter(subject: Office, command: type[Command]) -> None:
    with pytest.raises(errors.NoTicketAtCounterError):
        subject.do(command("1"))
    with pytest.raises(errors.CounterClosedError):
        subject.do(command("3"))
    with pytest.raises(errors.UnknownCounterError):
        subject.do(command("9"))


def test_serving_ticket_is_not_recalled(subject: Office) -> None:
    subject.serving()
    for command in (c.Recall("1"), c.MarkNoShow("1"), c.Recycle("1"), c.Start("1")):
        with pytest.raises(errors.IllegalTransitionError):
            subject.do(command)


def test_recycled_ticket_stands_behind_the_configured_number(subject: Office) -> None:
    tickets = [subject.issue() for _ in range(5)]
    subject.call()
    subject.do(c.Recycle("1"))
    order = [subject.call("2") for _ in range(5)]
    assert order == [*tickets[1:4], tickets[0], tickets[4]]


def test_transferred_ticket_is_next_in_its_new_line(subject: Office) -> None:
    subject.issue("tax")
    subject.open("3")
    ticket = subject.serving()
    event = subject.do(c.Transfer("1", to_service="tax"))[0]
    assert event.data["to_service"] == "tax"
    assert "to_counter" not in event.data
    assert subject.call("3") == ticket


def test_ticket_sent_to_a_counter_is_called_there_only(subject: Office) -> None:
    ticket = subject.serving()
    subject.do(c.Transfer("1", to_counter="2"))
    with pytest.raises(errors.NobodyWaitingError):
        subject.do(c.CallNext("1"))
    subject.issue("civil")
    assert subject.call("2") == ticket


def test_ticket_sent_to_a_counter_that_serves_something_else_is_called_there(subject: Office) -> None:
    subject.open("3")
    ticket = subject.serving()
    subject.issue("tax")
    subject.do(c.Transfer("1", to_counter="3"))
    assert subject.call("3") == ticket


def test_ticket_sent_to_a_counter_that_closes_goes_back_to_its_line(subject: Office) -> None:
    ticket = subject.serving()
    subject.do(c.Transfer("1", to_counter="2"))
    subject.do(c.PauseCounter("2"))
    with pytest.raises(errors.NobodyWaitingError):
        subject.do(c.CallNext("1"))
    subject.do(c.CloseCounter("2"))
    assert subject.call("1") == ticket


def test_held_ticket_can_be_transferred(subject: Office) -> None:
    ticket = subject.serving()
    subject.do(c.Hold("1"))
    subject.do(c.Transfer("1", to_service="civil", ticket=ticket))
    assert subject.call("2") == ticket


@pytest.mark.parametrize("target", [{}, {"to_service": "civil", "to_counter": "2"}])
def test_transfer_needs_one_target(subject: Office, target: dict[str, str]) -> None:
    subject.serving()
    with pytest.raises(errors.TransferTargetError):
        subject.do(c.Transfer("1", **target))


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ({"to_service": "fish"}, errors.UnknownServiceError),
        ({"to_counter": "9"}, errors.UnknownCounterError),
        ({"to_counter": "3"}, errors.CounterClosedError),
    ],
)
def test_transfer_needs_a_target_that_is_there(
    subject: Office, target: dict[str, str], error: type[Exception] | None
) -> None:
    subject.serving()
    with pytest.raises(error):
        subject.do(c.Transfer("1", **target))


def test_a_keypad_names_no_officer_and_the_counter_s_is_recorded(subject: Office) -> None:
    subject.issue()
    assert subject.do(c.CallNext("1"))[0].data["officer"] == "officer1"
    assert subject.do(c.Recall("1", officer="lan"))[0].data["officer"] == "lan"


@pytest.mark.parametrize("field", ["officer", "request"])
def test_ids_that_could_not_be_recorded_are_refused(subject: Office, field: str) -> None:
    with pytest.raises(errors.BadFieldError) as refused:
        subject.do(replace(c.IssueTicket("land"), **{field: "Nguyễn Văn A"}))
    assert refused.value.fields["field"] == field
