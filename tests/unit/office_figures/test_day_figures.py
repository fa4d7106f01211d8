"""The running day and days gone by: nothing dropped, nothing doubled, nothing raised."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sim_desk import DAY_MS, START_US, WAIT_S, SimBox, let_go_of_the_cache

from appliance.desk.commands import LeaveEpoch
from appliance.feedback.rating import Press
from appliance.figures.tally import Tally
from appliance.office.figures import CACHED_DAYS, DayFigures
from appliance.queueing.commands import CallNext, Complete, OpenCounter

TODAY = "2026-11-23"


def serve_one(box: SimBox) -> None:
    """Let somebody be called, served and rate."""
    box.issue()
    box.time.advance(200_000)
    box.ask(CallNext(counter="q1"))
    box.time.advance(300_000)
    box.ask(Press(counter="q1", level=3, source="gpio"))
    box.ask(Complete(counter="q1"))


def recounted(box: SimBox, day: str = TODAY):
    """Count a day from every line that is held, in the plainest way."""
    tally, current = Tally(day), ""
    for event in box.events():
        if event.kind == "day.opened":
            current = event.data["day"]
        if current == day:
            tally.add(event)
    return tally.totals()


@pytest.fixture
def figures(box: SimBox):
    box.ask(OpenCounter(counter="q1", officer="lan"))
    serve_one(box)
    return DayFigures.open(box.folder, box.desk.listen)


def test_what_was_before_and_what_comes_is_counted_once(box: SimBox, figures: DayFigures) -> None:
    before = figures.today()
    serve_one(box)
    after = figures.today()
    assert before.days == after.days == (TODAY,)
    assert (before.all_services.issued, after.all_services.issued) == (1, 2)
    assert after == recounted(box)
    counter = after.counters["q1"]
    assert (counter.called, counter.served, counter.ratings.bound) == (2, 2, 2)
    assert counter.response_rate == 1.0
    assert after.services["ho-tich"].waits.median_ms == 200_000
    assert not after.is_partial


def test_reading_while_the_desk_records_drops_and_doubles_nothing(box: SimBox) -> None:
    stop = threading.Event()
    folder, listen = box.folder, box.desk.listen

    def take_numbers() -> int:
        count = 0
        while not stop.is_set():
            box.issue()
            count += 1
        return count

    with ThreadPoolExecutor(2) as pool:
        taken = [pool.submit(take_numbers) for _ in range(2)]
        several = [DayFigures.open(folder, listen) for _ in range(12)]
        for each in several[::3]:
            each.seed()
        stop.set()
        count = sum(future.result(WAIT_S) for future in taken)
    truth = recounted(box)
    assert truth.all_services.issued == count
    assert all(each.today() == truth for each in several)


def test_events_told_twice_or_already_read_count_once(box: SimBox, figures: DayFigures) -> None:
    truth = figures.today()
    figures.on_commit(tuple(box.events()), box.desk.state)
    assert figures.today() == truth


def test_a_hole_in_what_is_told_makes_the_day_partial_until_it_is_read_again(
    box: SimBox, figures: DayFigures
) -> None:
    figures.close()
    figures.close()
    serve_one(box)
    assert figures.today().all_services.issued == 1
    box.issue()
    figures.on_commit((box.events()[-1],), box.desk.state)
    assert figures.today().is_partial
    figures.seed()
    assert figures.today() == recounted(box)


def test_a_restart_and_a_day_opened_again_go_on(box: SimBox, figures: DayFigures) -> None:
    box.stop()
    box.time.reboot("00000000-0000-4000-8000-0000000000ff", off_ms=60_000)
    desk = box.start()
    again = DayFigures.open(box.folder, desk.listen)
    serve_one(box)
    assert again.today() == recounted(box)
    assert again.today().all_services.issued == 2


def test_a_new_epoch_in_the_middle_of_the_day_goes_on(box: SimBox, figures: DayFigures) -> None:
    box.issue()
    box.ask(LeaveEpoch(box.mark()))
    serve_one(box)
    live = figures.today()
    assert (live.all_services.issued, live.all_services.carried) == (3, 0)
    assert DayFigures.open(box.folder, box.desk.listen).today() == live == recounted(box)
    assert figures.of_days(TODAY, TODAY) == [live]


def test_another_day_begins_at_nothing_and_yesterday_is_read(box: SimBox, figures: DayFigures) -> None:
    yesterday = figures.today()
    box.time.advance(DAY_MS)
    serve_one(box)
    serve_one(box)
    today = figures.today()
    assert today.days == ("2026-11-24",)
    assert today.all_services.issued == 2
    assert figures.of_days("2026-11-24", "2026-11-30") == [today]
    both = figures.of_days("2026-11-01", "2026-11-30")
    assert [each.days for each in both] == [(TODAY,), ("2026-11-24",)]
    assert both[0].services == yesterday.services
    assert both[1] == today
    assert figures.of_days("2026-12-01", "2026-12-31") == []


def test_a_day_that_is_over_is_read_once(box: SimBox, figures: DayFigures) -> None:
    for _ in range(3):
        box.time.advance(DAY_MS)
        serve_one(box)
    (first,) = figures.of_days(TODAY, TODAY)
    (again,) = figures.of_days(TODAY, TODAY)
    assert again is first
    figures.of_days("2026-11-01", "2026-11-30")
    assert 1 <= len(figures._cache) <= CACHED_DAYS


def test_a_clock_that_comes_back_to_a_day_finds_its_figures(box: SimBox, figures: DayFigures) -> None:
    box.time.advance(DAY_MS)
    serve_one(box)
    assert figures.today().days == ("2026-11-24",)
    box.time.set_wall(START_US + 3_600_000_000)
    serve_one(box)
    assert figures.today().days == (TODAY,)
    assert figures.today().all_services.issued == 2
    assert figures.today() == recounted(box) == DayFigures.open(box.folder, box.desk.listen).today()


def test_a_damaged_journal_is_partial_and_raises_nothing(box: SimBox) -> None:
    for _ in range(400):
        box.issue()
    box.time.advance(DAY_MS)
    box.issue()
    figures = DayFigures.open(box.folder, box.desk.listen)
    (whole,) = figures.of_days(TODAY, TODAY)
    assert not whole.is_partial
    let_go_of_the_cache(box.folder)
    path = box.folder / "office.db"
    data = bytearray(path.read_bytes())
    middle = data.index(f'"ticket":"{TODAY}/A/200"'.encode())
    data[middle + 3] ^= 1
    path.write_bytes(data)
    other = DayFigures(box.folder)
    (torn,) = other.of_days(TODAY, TODAY)
    assert torn.is_partial
    assert 0 < torn.all_services.issued < whole.all_services.issued
    other.seed()
    assert other.today().days == ("2026-11-24",)
    assert not other.today().is_partial


def test_no_journal_and_a_spoiled_one_are_partial_and_raise_nothing(box: SimBox, tmp_path) -> None:
    nothing = DayFigures(tmp_path / "nowhere")
    nothing.seed()
    assert nothing.today().days == ()
    assert nothing.of_days("2026-01-01", "2026-12-31") == []
    box.issue()
    box.stop()
    (box.folder / "office.db").write_bytes(b"no database")
    spoiled = DayFigures(box.folder)
    spoiled.seed()
    assert spoiled.today().is_partial
    assert spoiled.of_days("2026-01-01", "2026-12-31") == []


def test_pace_follows(box: SimBox, figures: DayFigures) -> None:
    for _ in range(3):
        box.issue()
    for _ in range(3):
        box.time.advance(120_000)
        box.ask(CallNext(counter="q1"))
    assert figures.pace("ho-tich").spans_ms == (120_000, 120_000)
    assert DayFigures.open(box.folder, box.desk.listen).pace("ho-tich") == figures.pace("ho-tich")
