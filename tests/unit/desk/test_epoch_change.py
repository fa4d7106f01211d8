"""The center proves that this epoch lacks events: the next one begins in the middle of traffic."""

import threading
from concurrent.futures import Future

import pytest
from sim_desk import WAIT_S, Gate, SimBox, check_numbers, legible_epochs

from appliance.desk.commands import LeaveEpoch, ReportFault
from appliance.desk.state import Answer
from appliance.journal.aside import ROLLED_BACK, asides
from appliance.journal.database import EpochFile
from appliance.journal.journal import Mark
from appliance.queueing import commands as hall
from appliance.queueing.commands import IssueTicket
from appliance.wire.event import Event, check_line


def every_event(box: SimBox) -> list[Event]:
    """Return what all files hold, the forked branches too."""
    found = []
    for path in sorted({source.path for source in legible_epochs(box.folder)}):
        with EpochFile.open(path, write=False) as file:
            found += [check_line(line) for _, line in file.rows(1, 2**62)]
    return found


def test_leaving_in_the_middle_of_traffic_loses_and_repeats_nothing(box: SimBox) -> None:
    for _ in range(5):
        box.issue()
    answers: list[Answer] = []
    stop = threading.Event()

    def press(service: str) -> None:
        while not stop.is_set():
            answers.append(box.issue(service))

    threads = [threading.Thread(target=press, args=(service,)) for service in ("ho-tich", "dat-dai") * 2]
    for thread in threads:
        thread.start()
    epochs = [box.desk.state.epoch]
    for _ in range(4):
        enough = len(answers) + 50
        while len(answers) < enough:
            box.ask(hall.OpenCounter(counter="q1"))  # paces the loop by the desk itself
        mark = box.mark(3)
        box.ask(LeaveEpoch(mark))
        epochs.append(box.desk.state.epoch)
        assert box.ask(LeaveEpoch(mark)).seq is None  # said twice, left once
        assert box.desk.state.epoch == epochs[-1]
    stop.set()
    for thread in threads:
        thread.join(WAIT_S)
    box.stop()
    assert len(set(epochs)) == 5
    events = every_event(box)
    issued = {event.data["ticket"] for event in events if event.kind == "ticket.issued"}
    assert {answer.result["ticket"] for answer in answers} <= issued
    assert len(answers) == len({answer.result["ticket"] for answer in answers})
    check_numbers(events)
    assert [aside.reason for aside in asides(box.folder)] == [ROLLED_BACK] * 4
    for aside in asides(box.folder):
        assert (aside.upto, aside.forked) == (3, (4, aside.last))
    waiting = sum(1 for event in events if event.kind == "ticket.issued")
    last = [event for event in box.events() if event.epoch == epochs[-1]]
    assert last[0].data["source"] == "epoch"
    carried = [event.kind for event in last].count("ticket.carried")
    new = [event.kind for event in last].count("ticket.issued")
    assert carried + new == waiting
    assert {event.kind for event in last[1 : carried + 1]} == {"ticket.carried"}
    assert next(event.data for event in last if event.kind == "device.fault")["issue"] == "rolled_back"


def test_commands_of_the_same_commit_go_into_the_new_epoch(box: SimBox) -> None:
    box.issue()
    with Gate().held(box.desk):
        before: Future[Answer] = box.desk.post(IssueTicket(service="ho-tich", request="before"))
        box.desk.post(LeaveEpoch(box.mark(1)))
        after: Future[Answer] = box.desk.post(IssueTicket(service="ho-tich", request="after"))
        old = box.desk.state.epoch
    assert [future.result(WAIT_S).result["label"] for future in (before, after)] == ["A002", "A003"]
    mine = [event for event in box.events() if event.epoch != old]
    assert [event.data["label"] for event in mine if event.kind == "ticket.issued"] == ["A002", "A003"]
    assert box.issue(request="before") == before.result()


def test_first_answers_and_faults_outlive_the_epoch(box: SimBox) -> None:
    first = box.issue(request="r")
    box.ask(ReportFault("panel_offline", "q1"))
    box.ask(LeaveEpoch(box.mark(1)))
    assert box.issue(request="r") == first
    assert ("panel_offline", "q1") in box.desk.state.faults
    box.restart()
    assert ("panel_offline", "q1") in box.desk.state.faults
    assert box.issue().result["label"] == "A002"


def test_leaving_an_epoch_that_is_not_ours_does_nothing(box: SimBox) -> None:
    box.issue()
    epoch = box.desk.state.epoch
    other = Mark("01900000-0000-7000-8000-000000000000", 7, "0" * 64)
    assert box.ask(LeaveEpoch(other)).seq is None
    assert box.desk.state.epoch == epoch


def test_closed_day_stays_closed_in_the_new_epoch(box: SimBox) -> None:
    box.issue()
    box.ask(hall.CloseDay(officer="lan"))
    box.ask(LeaveEpoch(box.mark(1)))
    assert not box.desk.state.hall.is_open
    kinds = [event.kind for event in box.events() if event.epoch == box.desk.state.epoch]
    assert kinds == ["day.opened", "day.closed", "device.fault"]


@pytest.mark.parametrize("receipted", [2, 6])
def test_restored_older_file_is_left_by_itself_and_numbers_go_on(box: SimBox, receipted: int) -> None:
    """A card that lied about a flush: the file at the start is shorter than the receipt says."""
    for _ in range(3):
        box.issue()
    box.stop()
    older = (box.folder / "office.db").read_bytes()
    box.start()
    for _ in range(4):
        box.issue()
    box.marks.append(box.mark(receipted))
    epoch = box.desk.state.epoch
    box.stop()
    (box.folder / "office.db").write_bytes(older)
    box.start()
    (source, *_) = legible_epochs(box.folder)
    if receipted == 2:  # nothing on the box can tell that anything is missing
        assert box.desk.state.epoch == epoch
        return
    assert box.desk.state.epoch != epoch
    genesis = legible_epochs(box.folder)[-1].genesis
    assert genesis.after is not None
    assert (genesis.after.epoch, genesis.after.seq) == (epoch, receipted)
    assert source.epoch == epoch
