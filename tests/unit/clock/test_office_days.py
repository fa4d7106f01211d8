"""Days of an office whose clock is wrong, late, set back, or gone every morning."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sim_desk import (
    BUILT_US,
    DAY_MS,
    DAY_US,
    SECOND_US,
    START_US,
    SimBox,
    check_journal,
)

from appliance.desk.commands import Tick, TrustTime
from appliance.queueing import commands as hall
from appliance.wire.event import Event
from appliance.wire.moment import HANOI, Quality, microseconds, parse_wire_time

HOUR_MS = 3_600_000
Y2099_US = 4_070_908_800 * SECOND_US


@pytest.fixture
def boxes(tmp_path: Path) -> Iterator["Boxes"]:
    made = Boxes(tmp_path)
    yield made
    for box in made.boxes:
        box.stop()


class Boxes:
    """Makes boxes and stops them at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.boxes: list[SimBox] = []

    def __call__(self, wall_us: int = START_US, *, synced: bool = False, has_rtc: bool = False) -> SimBox:
        box = SimBox(self.folder / f"box{len(self.boxes)}", wall_us, synced=synced, has_rtc=has_rtc)
        self.boxes.append(box)
        return box


def steps(box: SimBox) -> list[tuple[str, int, int]]:
    """Return the steps told: source, was and now in microseconds."""
    return [
        (event.data["source"], _us(event.data["was"]), _us(event.data["now"]))
        for event in box.events()
        if event.kind == "clock.stepped"
    ]


def days(box: SimBox) -> list[str]:
    return [event.data["day"] for event in box.events() if event.kind == "day.opened"]


def _us(at: str) -> int:
    return microseconds(parse_wire_time(at))


def date_of(at_us: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(HANOI).date().isoformat()


@pytest.mark.parametrize("wall_us", [0, Y2099_US])
@pytest.mark.parametrize("has_rtc", [False, True])
def test_absurd_clock_at_boot_opens_the_office_at_the_floor(
    boxes: Boxes, wall_us: int, has_rtc: bool
) -> None:
    box = boxes(wall_us, has_rtc=has_rtc)
    box.start()
    assert box.issue().result["label"] == "A001"
    assert days(box) == [date_of(BUILT_US)]
    (opened, issued) = box.events()
    assert (_us(opened.at), opened.clock) == (BUILT_US, "unsynced")
    assert issued.clock == "unsynced"
    check_journal(box)


@pytest.mark.parametrize("shift", [-30, 30])
def test_jump_without_sync_changes_nothing(boxes: Boxes, shift: int) -> None:
    box = boxes()
    box.start()
    box.issue()
    box.time.set_wall(START_US + shift * DAY_US)
    box.time.advance(1000)
    assert box.issue().result["ticket"] == "2026-11-23/A/2"
    assert steps(box) == []
    assert _us(box.events()[-1].at) == START_US + SECOND_US
    check_journal(box)


@pytest.mark.parametrize("shift", [-30, 30])
def test_jump_with_sync_is_told_and_people_keep_their_tickets(boxes: Boxes, shift: int) -> None:
    box = boxes(synced=True)
    box.start()
    box.issue()
    box.time.advance(60_000)
    was_us = box.clock.now().at_us
    box.time.set_wall(START_US + shift * DAY_US)
    ticket = box.issue().result["ticket"]
    day = date_of(START_US + shift * DAY_US)
    assert ticket == f"{day}/A/2"
    assert steps(box) == [("ntp", was_us, START_US + shift * DAY_US)]
    assert days(box) == ["2026-11-23", day]
    assert set(box.desk.state.hall.tickets) == {"2026-11-23/A/1", ticket}
    box.time.set_wall(START_US + 120 * SECOND_US)
    assert box.issue().result["ticket"] == "2026-11-23/A/3"
    check_journal(box)


def test_ntp_that_comes_late_gives_the_day_its_name(boxes: Boxes) -> None:
    box = boxes(0)
    box.start()
    box.issue()
    guess = date_of(BUILT_US)
    box.time.advance(2 * HOUR_MS)
    was_us = box.clock.now().at_us
    box.time.set_wall(START_US)
    box.time.synced = True
    assert box.issue().result["ticket"] == "2026-11-23/A/2"
    assert steps(box) == [("ntp", was_us, START_US)]
    event = next(event for event in box.events() if event.kind == "clock.stepped")
    assert (_us(event.at), event.clock, event.up_ms) == (START_US, "synced", box.time.boot_ms())
    assert days(box) == [guess, "2026-11-23"]
    # From the step every earlier time of that boot can be corrected.
    first = box.events()[0]
    shift_us = (first.up_ms - event.up_ms) * 1000
    assert _us(event.data["was"]) + shift_us == _us(first.at)
    assert _us(event.data["now"]) + shift_us == START_US - 2 * HOUR_MS * 1000
    check_journal(box)


@pytest.mark.parametrize(("source", "label"), [("officer", "A002"), ("receipt", "A002")])
def test_somebody_tells_the_time(boxes: Boxes, source: str, label: str) -> None:
    box = boxes(0)
    box.start()
    box.issue()
    box.ask(TrustTime(source, START_US))
    assert steps(box) == [(source, BUILT_US, START_US)]
    answer = box.issue()
    assert (answer.result["ticket"], answer.result["label"]) == ("2026-11-23/A/2", label)
    assert box.clock.now().quality is Quality.SYNCED
    box.ask(TrustTime(source, START_US))
    assert len(steps(box)) == 1  # nothing new
    check_journal(box)


def test_officer_who_was_wrong_is_put_right_by_ntp(boxes: Boxes) -> None:
    box = boxes(0)
    box.start()
    box.ask(TrustTime("officer", START_US + 3 * DAY_US))
    box.issue()
    box.time.set_wall(START_US)
    box.time.synced = True
    box.ask(Tick())
    assert [source for source, _, _ in steps(box)] == ["officer", "ntp"]
    assert box.issue().result["ticket"] == "2026-11-23/A/2"
    check_journal(box)


def test_midnight_in_hanoi_ends_the_day_for_everybody(boxes: Boxes) -> None:
    box = boxes(START_US + 57_540 * SECOND_US, synced=True)  # 23:59:00
    box.start()
    for _ in range(3):
        box.issue()
    box.ask(hall.OpenCounter(counter="q1", officer="lan"))
    box.ask(hall.CallNext(counter="q1"))
    box.ask(hall.Start(counter="q1"))
    box.time.advance(59_999)
    box.ask(Tick())
    assert days(box) == ["2026-11-23"]
    assert box.issue().result["ticket"] == "2026-11-23/A/4"
    box.time.advance(1)
    assert box.issue().result["ticket"] == "2026-11-24/A/1"
    ends = [(event.kind, event.data.get("reason")) for event in box.events()[8:]]
    assert ends == [
        ("ticket.cancelled", "day_end"),
        ("ticket.cancelled", "day_end"),
        ("ticket.cancelled", "day_end"),
        ("ticket.served", "day_end"),
        ("day.closed", None),
        ("day.opened", None),
        ("ticket.issued", None),
    ]
    assert "q1" in box.desk.state.hall.posts
    check_journal(box)


def test_trust_expires_and_midnight_waits_for_it(boxes: Boxes) -> None:
    box = boxes(synced=True)
    box.start()
    box.issue()
    box.time.synced = False
    box.time.advance(DAY_MS - 1)
    box.ask(Tick())
    assert box.desk.state.hall.day == "2026-11-24"  # still trusted
    assert box.issue().result["ticket"] == "2026-11-24/A/1"
    box.time.advance(DAY_MS)
    assert box.issue().result["ticket"] == "2026-11-24/A/2"  # not trusted: the last day goes on
    assert box.events()[-1].clock == "unsynced"
    box.time.synced = True
    answer = box.issue()
    assert answer.result["ticket"].startswith("2026-11-25/A/")
    check_journal(box)


def test_floor_of_a_start_is_its_last_event(boxes: Boxes) -> None:
    box = boxes(synced=True)
    box.start()
    box.time.advance(HOUR_MS)
    box.issue()
    box.pull_the_plug(wall_us=0, off_ms=HOUR_MS)
    box.time.synced = False
    box.start()
    answer = box.issue()
    assert answer.result["ticket"] == "2026-11-23/A/2"
    assert _us(box.events()[-1].at) == START_US + HOUR_MS * 1000
    check_journal(box)


def test_hardware_clock_carries_the_date_over_the_night(boxes: Boxes) -> None:
    box = boxes(has_rtc=True)
    box.start()
    for day in range(5):
        assert box.issue().result["ticket"] == f"2026-11-{23 + day}/A/1"
        box.issue()
        box.time.advance(8 * HOUR_MS)
        box.pull_the_plug(off_ms=16 * HOUR_MS)
        box.start()
    assert {event.clock for event in box.events()} == {"rtc"}
    assert steps(box) == []
    check_journal(box)


def test_week_of_nights_without_power_nor_line(boxes: Boxes) -> None:
    """Nobody ever tells this box the time: it is one long business day, and numbers go on."""
    box = boxes(0)
    labels = []
    for _ in range(7):
        box.start()
        for _ in range(3):
            labels.append(box.issue().result["label"])
            box.time.advance(2 * HOUR_MS)
        box.pull_the_plug(wall_us=0, off_ms=16 * HOUR_MS)
    assert labels == [f"A{number:03d}" for number in range(1, 22)]
    assert days(box) == [date_of(BUILT_US)]
    assert steps(box) == []
    check_journal(box)


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("somebody_waits", [False, True])
def test_week_of_nights_with_the_line_up_at_ten(boxes: Boxes, closes: bool, somebody_waits: bool) -> None:
    """Each morning begins in 1970; NTP comes at ten and shows the day."""
    box = boxes(0)
    for day in range(7):
        morning_us = START_US + day * DAY_US
        date = date_of(morning_us)
        box.start()
        box.ask(hall.OpenCounter(counter="q1", officer="lan"))
        early = [box.issue().result["ticket"] for _ in range(3)]
        assert all(not ticket.startswith(date) for ticket in early)
        if not somebody_waits:
            for ticket in early:
                box.ask(hall.Cancel(ticket=ticket))
        box.time.advance(2 * HOUR_MS)
        box.time.set_wall(morning_us + 2 * HOUR_MS * 1000)
        box.time.synced = True
        late = [box.issue().result["ticket"] for _ in range(3)]
        assert all(ticket.startswith(date) for ticket in late)
        assert box.desk.state.hall.day == date
        if not somebody_waits:
            assert late == [f"{date}/A/{number}" for number in (1, 2, 3)]
        box.time.advance(6 * HOUR_MS)
        if closes:
            box.ask(hall.CloseDay(officer="lan"))
        box.time.synced = False
        box.pull_the_plug(wall_us=0, off_ms=16 * HOUR_MS)
    assert [source for source, _, _ in steps(box)] == ["ntp"] * 7
    opened = days(box)
    assert opened == sorted(opened)
    assert sorted(set(opened)) == [date_of(BUILT_US), *(date_of(START_US + day * DAY_US) for day in range(7))]
    if somebody_waits:  # who waited when the day got its name kept the ticket
        assert box.kinds().count("ticket.carried") >= 3 * 7
    check_journal(box)


@pytest.mark.parametrize("seed", range(12))
def test_any_misfortune_keeps_the_journal_sound(boxes: Boxes, seed: int) -> None:
    dice = random.Random(seed)
    box = boxes(dice.choice([0, START_US, Y2099_US]), synced=dice.random() < 0.5, has_rtc=dice.random() < 0.3)
    box.start()
    acknowledged = []
    for _ in range(80):
        match dice.randrange(12):
            case 0:
                box.time.set_wall(START_US + dice.randrange(-30, 30) * DAY_US)
            case 1:
                box.time.synced = not box.time.synced
            case 2:
                source = dice.choice(["officer", "receipt"])
                box.ask(TrustTime(source, START_US + dice.randrange(0, 10 * DAY_US)))
            case 3:
                wall_us = dice.choice([0, None, Y2099_US, START_US - 90 * DAY_US])
                box.pull_the_plug(wall_us=wall_us, off_ms=dice.randrange(DAY_MS))
                box.start()
            case 4:
                box.restart()
            case 5:
                box.time.advance(dice.randrange(2 * DAY_MS))
            case 6 if box.desk.state.hall.is_open:
                box.ask(hall.CloseDay())
            case _:
                box.time.advance(dice.randrange(600_000))
                if not box.desk.state.hall.is_open:
                    box.ask(Tick())
                if not box.desk.state.hall.is_open:
                    box.ask(hall.OpenDay())
                acknowledged.append(box.issue(dice.choice(["ho-tich", "dat-dai"])).result["ticket"])
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) == {
        event.data["ticket"] for event in box.events() if event.kind == "ticket.issued"
    }
    check_journal(box)
    check_corrections(box.events())


def check_corrections(events: list[Event]) -> None:
    """Check that the time told moves as ``up_ms`` does within a boot, but for the steps told."""
    for before, after in itertools.pairwise(events):
        if before.boot != after.boot or after.kind == "clock.stepped":
            continue
        ran_us = (after.up_ms - before.up_ms) * 1000
        slewed_us = abs(_us(after.at) - _us(before.at) - ran_us)
        assert slewed_us < SECOND_US, (before, after)
