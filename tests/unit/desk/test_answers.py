"""Answers: durable first, the same for the same request, and never at another command's cost."""

import threading
from concurrent.futures import Future
from queue import Queue
from typing import cast

import pytest
from sim_desk import DAY_MS, WAIT_S, Gate, SimBox, check_journal, together

from appliance.desk.commands import ClearFault, Command, Record, ReportFault, Tick
from appliance.desk.errors import DeskBusyError, DeskClosedError, RequestReusedError
from appliance.desk.lanes import Lane
from appliance.desk.state import NOTHING, Answer
from appliance.feedback.rating import GiveReason, Press
from appliance.journal.errors import JournalUnavailableError
from appliance.journal.source import sources
from appliance.queueing import commands as hall
from appliance.queueing.commands import IssueTicket
from appliance.queueing.errors import CounterClosedError, UnknownServiceError
from appliance.wire.errors import BadEventError
from appliance.wire.event import Draft, check_line


def test_future_ends_only_after_the_event_can_be_read_from_the_disk(box: SimBox) -> None:
    found: Queue[tuple[Answer, str]] = Queue()

    def look(done: Future[Answer]) -> None:
        answer = done.result()
        (source,) = sources(box.folder)
        (line,) = source.lines(answer.seq, answer.seq)
        found.put((answer, check_line(line).data["ticket"]))

    for number in range(1, 21):
        box.desk.post(IssueTicket(service="ho-tich")).add_done_callback(look)
        answer, ticket = found.get(timeout=WAIT_S)
        assert ticket == answer.result["ticket"] == f"2026-11-23/A/{number}"


def test_state_and_chain_are_never_ahead_of_the_disk(box: SimBox) -> None:
    seen: list[tuple[int, int]] = []

    def look(_events: object, state: object) -> None:
        (source,) = sources(box.folder)
        seen.append((source.last(), box.desk.state.seq))
        assert state is box.desk.state

    box.desk.listen(look)
    for _ in range(5):
        box.issue()
    box.stop()
    assert seen == [(seq, seq) for seq in range(2, 7)]


def test_many_commands_share_one_commit(box: SimBox) -> None:
    commits: list[int] = []
    box.desk.listen(lambda events, _state: commits.append(len(events)))
    futures = together(box.desk, [IssueTicket(service="ho-tich") for _ in range(200)])
    labels = [future.result().result["label"] for future in futures]
    assert labels == [f"A{number:03d}" for number in range(1, 201)]
    box.stop()
    assert commits == [1, 64, 64, 64, 8]
    check_journal(box)


@pytest.mark.parametrize("service", ["ho-tich", "dat-dai"])
def test_same_request_gets_the_first_answer_and_nothing_new(box: SimBox, service: str) -> None:
    first = box.issue(service, request="kiosk-1")
    count = len(box.events())
    box.time.advance(60_000)
    assert [box.issue(service, request="kiosk-1") for _ in range(3)] == [first] * 3
    assert len(box.events()) == count


def test_same_request_twice_in_one_commit_is_one_ticket(box: SimBox) -> None:
    futures = together(box.desk, [IssueTicket(service="ho-tich", request="k")] * 5)
    assert len({future.result().seq for future in futures}) == 1
    assert box.kinds().count("ticket.issued") == 2  # the gate's own and this one


def test_same_request_after_restart_and_after_power_cut(box: SimBox) -> None:
    first = box.issue(request="r1")
    called = box.ask(hall.OpenCounter(counter="q1", officer="lan", request="r2"))
    next_one = box.ask(hall.CallNext(counter="q1", request="r3"))
    count = len(box.events())
    box.restart()
    assert box.issue(request="r1") == first
    box.pull_the_plug()
    box.start()
    assert box.issue(request="r1") == first
    assert box.ask(hall.OpenCounter(counter="q1", officer="lan", request="r2")) == called
    assert box.ask(hall.CallNext(counter="q1", request="r3")) == next_one
    assert len(box.events()) == count


def test_request_of_before_midnight_is_known_after_it(box: SimBox) -> None:
    first = box.issue(request="late")
    box.time.advance(DAY_MS)
    box.ask(Tick())
    assert box.desk.state.hall.day == "2026-11-24"
    assert box.issue(request="late") == first
    assert box.issue().result["ticket"] == "2026-11-24/A/1"


_FIRST = IssueTicket(service="ho-tich", request="again")
_OTHERS: list[Command] = [
    hall.CallNext(counter="q1", request="again"),
    hall.Recall(counter="q1", request="again"),
    hall.Start(counter="q1", request="again"),
    hall.Complete(counter="q1", request="again"),
    hall.MarkNoShow(counter="q1", request="again"),
    hall.Hold(counter="q1", request="again"),
    hall.Transfer(counter="q1", to_service="dat-dai", request="again"),
    hall.Cancel(ticket="2026-11-23/A/1", request="again"),
    hall.LeaveQueue(ticket="2026-11-23/A/1", request="again"),
    hall.OpenCounter(counter="q1", request="again"),
    hall.CloseCounter(counter="q1", request="again"),
    hall.CloseDay(request="again"),
    hall.OpenDay(request="again"),
    Press("q1", 3, "web", request="again"),
    GiveReason(1, "cho-lau", request="again"),
    Record(Draft("hardware.tested", {"subject": "lamp", "result": "ok", "by": "lan"}), "again"),
]


@pytest.mark.parametrize("other", _OTHERS, ids=lambda command: type(command).__name__)
def test_request_used_for_another_verb_is_refused(box: SimBox, other: Command) -> None:
    box.ask(_FIRST)
    count = len(box.events())
    with pytest.raises(RequestReusedError, match="already named a"):
        box.ask(other)
    assert len(box.events()) == count


@pytest.mark.parametrize("other", _OTHERS, ids=lambda command: type(command).__name__)
def test_every_verb_knows_its_own_answer_again(box: SimBox, other: Command) -> None:
    for command in (
        hall.OpenCounter(counter="q1"),
        IssueTicket(service="ho-tich"),
        IssueTicket(service="ho-tich"),
        Press("q1", 1, "gpio"),
    ):
        box.ask(command)
    match other:
        case hall.Recall() | hall.Start() | hall.MarkNoShow():
            box.ask(hall.CallNext(counter="q1"))
        case hall.Complete() | hall.Hold() | hall.Transfer():
            box.ask(hall.CallNext(counter="q1"))
            box.ask(hall.Start(counter="q1"))
        case hall.OpenDay():
            box.ask(hall.CallNext(counter="q1"))
            box.ask(hall.MarkNoShow(counter="q1"))  # carried: the last event is no day.opened
            box.ask(hall.CloseDay())
        case GiveReason():
            other = GiveReason(5, "cho-lau", request="again")
        case _:
            pass
    first = box.ask(other)
    assert box.ask(other) == first
    assert first.seq == box.desk.state.seq
    box.restart()
    assert box.ask(other) == first


def test_refused_commands_leave_no_trace_and_disturb_nobody(box: SimBox) -> None:
    before = box.desk.state.seq
    futures = together(
        box.desk,
        [
            IssueTicket(service="ho-tich"),
            IssueTicket(service="nothing"),
            hall.CallNext(counter="q1"),
            Record(Draft("device.fault", {"issue": 5})),
            IssueTicket(service="ho-tich"),
        ],
    )
    errors = [future.exception() for future in futures]
    assert [type(error) for error in errors[1:4]] == [
        UnknownServiceError,
        CounterClosedError,
        BadEventError,
    ]
    assert [futures[index].result().result["label"] for index in (0, 4)] == ["A001", "A002"]
    assert box.desk.state.seq == before + 3  # the gate's and the two
    check_journal(box)


@pytest.mark.parametrize(
    "poison",
    [
        cast("Command", object()),
        Record(Draft("day.opened", {"day": "2026-11-23", "source": "command", "carries": {"issues": 5}})),
    ],
    ids=["unknown type", "fold fails"],
)
def test_bug_in_one_command_is_its_own_error_and_the_thread_lives(box: SimBox, poison: Command) -> None:
    futures = together(
        box.desk, [IssueTicket(service="ho-tich"), poison, IssueTicket(service="ho-tich", request="x")]
    )
    with pytest.raises(JournalUnavailableError, match="internal error"):
        futures[1].result()
    assert [futures[index].result().result["label"] for index in (0, 2)] == ["A001", "A002"]
    assert box.desk.recording_stopped is None
    assert box.issue().result["label"] == "A003"
    check_journal(box)


def test_caller_who_gave_up_before_the_desk_looked_causes_nothing(box: SimBox) -> None:
    with Gate().held(box.desk):
        given_up = box.desk.post(IssueTicket(service="ho-tich"))
        kept = box.desk.post(IssueTicket(service="ho-tich"))
        assert given_up.cancel()
    assert kept.result(WAIT_S).result["label"] == "A001"
    assert box.kinds().count("ticket.issued") == 2


def test_caller_who_gives_up_too_late_disturbs_nobody(box: SimBox) -> None:
    tried: list[bool] = []
    with Gate().held(box.desk):
        first = box.desk.post(IssueTicket(service="ho-tich"))
        late = box.desk.post(IssueTicket(service="ho-tich"))
        last = box.desk.post(IssueTicket(service="ho-tich"))
        # In the desk's thread, after the commit and before the second is answered.
        first.add_done_callback(lambda _done: tried.append(late.cancel()))
    assert [future.result(WAIT_S).result["label"] for future in (first, late, last)] == [
        "A001", "A002", "A003",
    ]  # fmt: skip
    assert tried == [False]


def test_office_goes_before_public(box: SimBox) -> None:
    lanes = [Lane.PUBLIC] * 70 + [Lane.OFFICE] * 70
    futures = together(box.desk, [IssueTicket(service="ho-tich")] * 140, lanes)
    numbers = [int(future.result().result["label"][1:]) for future in futures]
    assert sorted(numbers) == list(range(1, 141))
    assert numbers[70:] == list(range(1, 71))
    assert numbers[:70] == list(range(71, 141))


@pytest.mark.parametrize(("lane", "other"), [(Lane.OFFICE, Lane.PUBLIC), (Lane.PUBLIC, Lane.OFFICE)])
def test_full_lane_refuses_at_once_and_leaves_the_other_open(box: SimBox, lane: Lane, other: Lane) -> None:
    with Gate().held(box.desk):
        taken = [box.desk.post(Tick(), lane) for _ in range(lane.value)]
        with pytest.raises(DeskBusyError) as refused:
            box.desk.post(Tick(), lane)
        assert refused.value.fields == {"waiting": lane.value, "lane": lane.name.lower()}
        taken.append(box.desk.post(Tick(), other))
    assert all(future.result(WAIT_S) == NOTHING for future in taken)


def test_close_answers_everybody(box: SimBox) -> None:
    with Gate().held(box.desk):
        waiting = [box.desk.post(IssueTicket(service="ho-tich")) for _ in range(100)]
        cancelled = waiting.pop()
        cancelled.cancel()
        closing = threading.Thread(target=box.desk.close)
        closing.start()
        assert {type(future.exception(WAIT_S)) for future in waiting} == {DeskClosedError}
        with pytest.raises(DeskClosedError):
            box.desk.post(Tick())
    closing.join(WAIT_S)
    assert not closing.is_alive()
    assert box.kinds().count("ticket.issued") == 1  # the gate's own
    box.desk.close()


def test_listener_that_raises_stops_nothing(stopped: SimBox, quiet: list[dict[str, object]]) -> None:
    def broken(_events: object, _state: object) -> None:
        raise ValueError("a screen is gone")

    seen: list[str] = []
    stopped.start(listeners=[broken, lambda events, _state: seen.extend(event.kind for event in events)])
    assert stopped.issue().result["label"] == "A001"
    assert stopped.issue().result["label"] == "A002"
    stopped.stop()
    assert seen == ["day.opened", "ticket.issued", "ticket.issued"]
    assert [entry["event"] for entry in quiet].count("desk.listener_failed") == 3


def test_listener_that_left_hears_nothing(box: SimBox) -> None:
    seen: list[object] = []
    stop = box.desk.listen(lambda events, _state: seen.append(events))
    box.issue()
    stop()
    box.issue()
    box.stop()
    assert len(seen) == 1


def test_faults_are_recorded_once_until_cleared(box: SimBox) -> None:
    for command in (
        ClearFault("button_stuck", "rating.1.1"),
        ReportFault("button_stuck", "rating.1.1"),
        ReportFault("button_stuck", "rating.1.1"),
        ReportFault("button_stuck", "rating.1.2"),
        ClearFault("button_stuck", "rating.1.1"),
        ClearFault("button_stuck", "rating.1.1"),
    ):
        box.ask(command)
    assert [(event.kind, event.data["subject"]) for event in box.events()[1:]] == [
        ("device.fault", "rating.1.1"),
        ("device.fault", "rating.1.2"),
        ("device.cleared", "rating.1.1"),
    ]
    box.restart()
    assert set(box.desk.state.faults) == {("button_stuck", "rating.1.2")}
