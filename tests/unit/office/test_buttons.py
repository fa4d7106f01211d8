"""From a finger on a pin to the journal and back to the lamp."""

import random
from pathlib import Path

import pytest
from sim_desk import SimBox
from sim_hall import SimHall

from appliance.journal.source import sources
from appliance.office.buttons import STUCK
from appliance.queueing.commands import CallNext, OpenCounter, Start
from appliance.wire.event import Event


def ratings(box: SimBox) -> list[Event]:
    return [event for event in box.events() if event.kind == "rating.given"]


def faults(box: SimBox) -> list[tuple[str, str]]:
    return [(event.kind, event.data["subject"]) for event in box.events() if event.data.get("issue") == STUCK]


@pytest.mark.parametrize("seed", range(5))
def test_chatter_is_one_rating(hall: SimHall, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(dice.randrange(1, 12)):  # a worn contact going down
        hall.press("rating.1.3")
        hall.advance(dice.randrange(1, 9))
        hall.release("rating.1.3")
        hall.advance(dice.randrange(1, 9))
    hall.press("rating.1.3")
    hall.advance(150)
    for _ in range(dice.randrange(1, 12)):  # and coming up
        hall.release("rating.1.3")
        hall.advance(dice.randrange(1, 9))
        hall.press("rating.1.3")
        hall.advance(dice.randrange(1, 9))
    hall.release("rating.1.3")
    hall.advance(500)
    hall.settle()
    (given,) = ratings(hall.box)
    assert (given.data["counter"], given.data["level"], given.data["source"]) == ("q1", 3, "gpio")


def test_two_presses_are_two(hall: SimHall) -> None:
    hall.click("rating.1.3")
    hall.click("rating.1.1")
    hall.click("rating.2.2")
    hall.settle()
    given = [(event.data["counter"], event.data["level"]) for event in ratings(hall.box)]
    assert given == [("q1", 3), ("q1", 1), ("q2", 2)]


def test_press_is_bound_to_whom_the_counter_serves(hall: SimHall) -> None:
    for command in (OpenCounter(counter="q1", officer="lan"), CallNext(counter="q1"), Start(counter="q1")):
        if isinstance(command, CallNext):
            hall.box.issue()
        hall.box.ask(command)
    hall.click("rating.1.2")
    hall.settle()
    (given,) = ratings(hall.box)
    assert (given.data["ticket"], given.data["officer"], given.data["flags"]) == ("2026-11-23/A/1", "lan", [])


def test_lamp_lights_and_beeper_sounds_only_when_it_is_on_the_disk(hall: SimHall) -> None:
    seen: list[tuple[int, bool, int]] = []

    def look(pin: int, is_high: bool) -> None:
        (source,) = sources(hall.box.folder)
        seen.append((pin, is_high, source.last()))

    hall.pins.on_change(look)
    hall.click("rating.1.3")
    hall.settle()
    assert seen == [(hall.output("thanks.1"), True, 2), (hall.output("buzzer"), True, 2)]
    hall.advance(2_000)
    assert [change[:2] for change in seen[2:]] == [
        (hall.output("buzzer"), False),
        (hall.output("thanks.1"), False),
    ]


def test_thanks_are_the_same_for_every_level(hall: SimHall) -> None:
    told = []
    for level in (1, 2, 3):
        hall.changes.clear()
        hall.click(f"rating.1.{level}")
        hall.settle()
        hall.advance(10_000)
        told.append(list(hall.changes))
    assert told[0] == told[1] == told[2]
    assert [is_high for _, is_high in told[0]] == [True, True, False, False]
    assert len({event.data["level"] for event in ratings(hall.box)}) == 3


def test_thanks_are_the_same_for_a_press_that_does_not_count(hall: SimHall) -> None:
    """A repeat must not be told from a first press either."""
    hall.box.ask(OpenCounter(counter="q1"))
    hall.box.issue()
    hall.box.ask(CallNext(counter="q1"))
    hall.box.ask(Start(counter="q1"))
    told = []
    for _ in range(2):
        hall.changes.clear()
        hall.click("rating.1.1")
        hall.settle()
        hall.advance(10_000)
        told.append(list(hall.changes))
    assert told[0] == told[1]
    assert [event.data["flags"] for event in ratings(hall.box)] == [[], ["repeat"]]


def test_number_button_gives_a_number_and_beeps(hall: SimHall) -> None:
    hall.click("issue.1")
    hall.settle()
    assert hall.box.events()[-1].data["label"] == "A001"
    assert hall.box.events()[-1].data["source"] == "button"
    assert hall.changes == [(hall.output("buzzer"), True)]


def test_button_without_a_meaning_does_nothing(hall: SimHall) -> None:
    hall.click("issue.4")
    hall.settle()
    assert hall.box.kinds() == ["day.opened"]
    assert hall.changes == []


def test_nothing_lights_when_the_desk_is_closed(hall: SimHall, quiet: list[dict[str, object]]) -> None:
    hall.box.desk.close()
    hall.click("rating.1.3")
    hall.click("issue.1")
    assert hall.changes == []
    assert [entry["event"] for entry in quiet] == ["button.not_taken"] * 2


def test_nothing_lights_while_nothing_can_be_recorded(tmp_path: Path, quiet: list[dict[str, object]]) -> None:
    box = SimBox(tmp_path)
    box.folder.rmdir()  # the card is not there
    box.start()
    hall = SimHall(box)
    hall.open()
    for _ in range(3):
        hall.click("rating.1.3")
    futures = [box.desk.post(OpenCounter(counter="q1"))]
    assert futures[0].exception(60) is not None  # the desk has answered the presses before
    assert hall.changes == []
    assert [entry["event"] for entry in quiet].count("button.refused") == 3
    box.folder.mkdir()
    hall.click("rating.1.3")
    hall.settle()
    assert [pin for pin, is_high in hall.changes if is_high] == [
        hall.output("thanks.1"),
        hall.output("buzzer"),
    ]
    assert len(ratings(box)) == 1
    hall.close()
    box.stop()


def test_key_that_is_down_at_the_start_is_stuck_and_no_press(unopened: SimHall) -> None:
    hall = unopened
    hall.open(held="rating.1.1")
    hall.settle()
    assert faults(hall.box) == [("device.fault", "rating.1.1")]
    hall.advance(30_000)
    hall.release("rating.1.1")
    hall.advance(9_000)
    hall.settle()
    assert faults(hall.box) == [("device.fault", "rating.1.1")]
    hall.advance(2_000)
    hall.settle()
    assert faults(hall.box) == [("device.fault", "rating.1.1"), ("device.cleared", "rating.1.1")]
    assert ratings(hall.box) == []
    assert hall.changes == []


def test_key_freed_while_the_box_was_off_is_cleared_at_the_start(tmp_path: Path) -> None:
    box = SimBox(tmp_path)
    box.start()
    first = SimHall(box)
    first.open(held="rating.1.1")
    first.settle()
    first.close()
    box.pull_the_plug()
    box.start()
    second = SimHall(box)
    second.open()
    second.settle()
    assert faults(box) == [("device.fault", "rating.1.1"), ("device.cleared", "rating.1.1")]
    assert not box.desk.state.faults
    second.close()
    box.stop()


def test_key_held_too_long_is_one_rating_and_a_fault(hall: SimHall) -> None:
    hall.press("rating.2.3")
    hall.advance(9_000)
    hall.settle()
    assert faults(hall.box) == []
    hall.advance(2_000)
    hall.settle()
    assert faults(hall.box) == [("device.fault", "rating.2.3")]
    hall.advance(60_000)
    hall.release("rating.2.3")
    hall.advance(1_000)
    hall.click("rating.2.3")
    hall.settle()
    assert [event.data["flags"] for event in ratings(hall.box)] == [["unbound"], ["stuck", "unbound"]]
    hall.advance(15_000)
    hall.settle()
    assert faults(hall.box)[-1] == ("device.cleared", "rating.2.3")
    hall.click("rating.2.3")
    hall.settle()
    assert ratings(hall.box)[-1].data["flags"] == ["unbound"]


def test_press_that_came_before_the_first_look_is_kept(unopened: SimHall) -> None:
    hall = unopened
    hall.open()
    hall.inputs._keys.clear()  # as between taking the pins and watching them
    hall.press("rating.1.3")
    hall.inputs.watch(frozenset({"rating.1.3"}), hall.timers)  # type: ignore[arg-type]
    hall.settle()
    assert len(ratings(hall.box)) == 1
    assert faults(hall.box) == []
