"""The hand-over of an office: what is ticked, what is kept, what ends it, and which numbers it cancels."""

from collections.abc import Iterator
from typing import Any

import pytest
from sim_bench import SimBench

from appliance.desk.commands import Tick
from appliance.office.handover import FILE_NAME, OfficeHandover
from appliance.queueing.commands import CallNext, IssueTicket, OpenCounter
from appliance.web.handover import (
    IDLE_MS,
    HallInUseError,
    HandoverOverError,
    Kind,
    Mark,
    NotByWordError,
    Result,
    UnknownStepError,
)

LINE = {"enrolled": False, "last_success": None, "detail": "no line", "detail_vi": "không có mạng"}


class Handing:
    """The hand-over of a bench; it can be restarted."""

    def __init__(self, bench: SimBench) -> None:
        self.bench = bench
        self.health: dict[str, Any] = {"uplink": dict(LINE), "addresses": ["192.168.1.7"]}
        self.subject = self._open()

    def restart(self) -> None:
        self.subject.close()
        self.subject = self._open()

    def press(self, name: str) -> None:
        self.bench.click(name)
        self.bench.box.ask(Tick())

    def mark(self, subject: str) -> Mark | None:
        return {step.subject: mark for step, mark in self.subject.look().steps}[subject]

    def passed(self) -> set[str]:
        return {
            step.subject
            for step, mark in self.subject.look().steps
            if mark is not None and mark.result is Result.PASSED
        }

    def records(self) -> list[tuple[str, str, str]]:
        events = self.bench.recorded("hardware.tested")
        return [(event.data["subject"], event.data["result"], event.data["by"]) for event in events]

    def _open(self) -> OfficeHandover:
        box = self.bench.box
        return OfficeHandover(
            box.folder,
            box.desk,
            box.clock,
            self.bench.bench,
            heard=self.bench.heard,
            health=lambda: self.health,
        )


@pytest.fixture
def handing(bench: SimBench) -> Iterator[Handing]:
    subject = Handing(bench)
    yield subject
    subject.subject.close()


def test_every_fitted_thing_is_a_step(handing: Handing) -> None:
    look = handing.subject.look()
    assert not look.is_on
    assert look.begun_at is None
    kinds = [step.kind for step, _ in look.steps]
    assert kinds.count(Kind.ISSUE) == 2
    assert kinds.count(Kind.RATING) == 3
    assert {Kind.BUZZER, Kind.LAMP, Kind.CLOCK, Kind.RECEIPT, Kind.CARD, Kind.SCREEN} <= set(kinds)
    assert not {Kind.PANEL, Kind.BEEP, Kind.KEYS} & set(kinds)
    assert len({step.subject for step, _ in look.steps}) == len(look.steps)
    assert look.count(None) == len(look.steps)


def test_a_press_is_ticked_recorded_and_stays_a_press(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    handing.press("issue.1")
    handing.press("rating.1.3")
    assert handing.passed() == {"button:issue.1", "button:rating.1.3"}
    mark = handing.mark("button:issue.1")
    assert mark is not None
    assert (mark.said, mark.by) == ("A001", "tuan")
    assert handing.subject.look().tickets == ("A001",)
    assert handing.records() == [
        ("handover", "begun", "tuan"),
        ("button:issue.1", "passed", "tuan"),
        ("button:rating.1.3", "passed", "tuan"),
    ]
    assert [event.data["ticket"] for event in handing.bench.recorded("rating.given")] == [None]
    assert len(handing.bench.recorded("ticket.issued")) == 1


def test_nothing_is_ticked_before_and_after(handing: Handing) -> None:
    handing.press("issue.1")
    handing.subject.begin("tuan", is_anew=False)
    handing.subject.end()
    handing.press("issue.2")
    assert handing.passed() == set()
    assert handing.subject.look().tickets == ()


def test_exactly_the_tried_numbers_are_cancelled(handing: Handing) -> None:
    handing.press("issue.1")
    handing.subject.begin("tuan", is_anew=False)
    handing.press("issue.1")
    handing.press("issue.2")
    handing.bench.box.ask(IssueTicket(service="ho-tich", source="kiosk"))
    assert handing.subject.look().tickets == ("A002", "B001")
    assert handing.subject.cancel_tickets("tuan") == 2
    cancelled = [event.data["ticket"] for event in handing.bench.recorded("ticket.cancelled")]
    assert [key.partition("/")[2] for key in cancelled] == ["A/2", "B/1"]
    assert handing.subject.look().tickets == ()
    assert handing.subject.cancel_tickets("tuan") == 0


def test_a_tried_number_that_was_called_is_somebody_and_stays(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    handing.press("issue.1")
    handing.bench.box.ask(OpenCounter(counter="q1", officer="lan"))
    handing.bench.box.ask(CallNext(counter="q1"))
    assert handing.subject.cancel_tickets("tuan") == 0
    assert handing.bench.recorded("ticket.cancelled") == []


def test_it_ends_when_a_counter_opens_and_cannot_begin_then(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    handing.bench.box.ask(OpenCounter(counter="q1", officer="lan"))
    look = handing.subject.look()
    assert (look.is_on, look.is_hall_in_use) == (False, True)
    handing.press("issue.2")
    assert handing.passed() == set()
    with pytest.raises(HallInUseError):
        handing.subject.begin("tuan", is_anew=False)


def test_it_ends_by_itself_when_nothing_is_done(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    handing.bench.pass_time(IDLE_MS - 1_000)
    handing.press("issue.1")
    handing.bench.pass_time(IDLE_MS - 1_000)
    assert handing.subject.look().is_on
    handing.bench.pass_time(2_000)
    assert not handing.subject.look().is_on
    for act in (
        lambda: handing.subject.mark("box:card", Result.PASSED, "tuan"),
        lambda: handing.subject.attempt("lamp:buzzer", "tuan"),
        lambda: handing.subject.measure("tuan"),
    ):
        with pytest.raises(HandoverOverError):
            act()


def test_the_box_lights_and_the_technician_says_whether_it_was_seen(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    handing.subject.attempt("lamp:thanks.1", "tuan")
    assert handing.mark("lamp:thanks.1") is None
    handing.subject.mark("lamp:thanks.1", Result.FAILED, "tuan")
    handing.subject.mark("lamp:thanks.1", Result.PASSED, "tuan")
    handing.subject.mark("lamp:buzzer", Result.SKIPPED, "tuan")
    assert handing.passed() == {"lamp:thanks.1"}
    assert handing.records()[1:] == [
        ("lamp:thanks.1", "sent", "tuan"),
        ("lamp:thanks.1", "failed", "tuan"),
        ("lamp:thanks.1", "passed", "tuan"),
        ("lamp:buzzer", "skipped", "tuan"),
    ]


def test_nobodys_word_stands_for_a_press_or_a_receipt(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    for subject in ("button:issue.1", "center:receipt"):
        with pytest.raises(NotByWordError):
            handing.subject.mark(subject, Result.PASSED, "tuan")
        handing.subject.mark(subject, Result.SKIPPED, "tuan")
    handing.subject.mark("button:issue.1", Result.FAILED, "tuan")
    with pytest.raises(NotByWordError):
        handing.subject.mark("center:receipt", Result.FAILED, "tuan")
    with pytest.raises(UnknownStepError):
        handing.subject.mark("lamp:moon", Result.PASSED, "tuan")


def test_what_the_box_can_tell_is_measured_and_recorded_when_it_changes(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    handing.subject.measure("tuan")
    handing.subject.measure("tuan")
    mark = handing.mark("center:enrolled")
    assert mark is not None
    assert (mark.result, mark.said, mark.said_vi) == (Result.FAILED, "no line", "không có mạng")
    handing.health["uplink"] = {"enrolled": True, "last_success": "2026-11-23T01:00:00.000000Z"}
    handing.subject.measure("tuan")
    assert {"box:network", "center:enrolled", "center:receipt"} <= handing.passed()
    told = [record[:2] for record in handing.records() if record[0] == "center:enrolled"]
    assert told == [("center:enrolled", "failed"), ("center:enrolled", "passed")]


def test_what_was_found_survives_a_restart_and_the_noticing_does_not(handing: Handing) -> None:
    handing.subject.begin("tuan", is_anew=False)
    handing.press("issue.1")
    before = handing.subject.look()
    handing.restart()
    after = handing.subject.look()
    assert (after.is_on, after.begun_at, after.tickets) == (False, before.begun_at, ("A001",))
    assert handing.passed() == {"button:issue.1"}
    handing.subject.begin("nam", is_anew=False)
    handing.press("issue.2")
    assert handing.passed() == {"button:issue.1", "button:issue.2"}
    handing.subject.begin("nam", is_anew=True)
    assert handing.passed() == set()
    assert handing.subject.look().tickets == ("A001", "B001")


@pytest.mark.parametrize("kept", ["", "{}", '{"begun_at": 3, "by": "", "marks": {}, "tickets": {}}', "[1]"])
def test_a_file_that_cannot_be_read_is_a_new_beginning(handing: Handing, kept: str) -> None:
    handing.subject.close()
    (handing.bench.box.folder / FILE_NAME).write_text(kept, "utf-8")
    handing.restart()
    assert handing.subject.look().begun_at is None
