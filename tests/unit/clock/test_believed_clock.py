"""What the box believes of what its machine says."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_desk import DAY_MS, DAY_US, SECOND_US, START_US

from appliance.clock import (
    RECEIPT_STEP_US,
    STEP_US,
    TOLD_MS,
    TRUST_MS,
    WINDOW_US,
    BelievedClock,
    KernelTime,
    ScriptedTime,
    Step,
    _told_lately,
    monotonic_s,
    uniform,
)
from appliance.wire.moment import Quality

FLOOR_US = START_US - 30 * DAY_US
Y2099_US = 4_070_908_800 * SECOND_US


def believed(
    wall_us: int, *, synced: bool = False, has_rtc: bool = False
) -> tuple[ScriptedTime, BelievedClock]:
    machine = ScriptedTime(wall_us, synced=synced)
    return machine, BelievedClock(machine, floor_us=FLOOR_US, has_rtc=has_rtc)


@pytest.mark.parametrize("wall_us", [0, FLOOR_US - 1, FLOOR_US + WINDOW_US + 1, Y2099_US])
@pytest.mark.parametrize("has_rtc", [False, True])
def test_implausible_time_at_boot_is_the_floor(wall_us: int, has_rtc: bool) -> None:
    machine, clock = believed(wall_us, has_rtc=has_rtc)
    assert clock.observe() is None
    assert (clock.now().at_us, clock.now().quality) == (FLOOR_US, Quality.UNSYNCED)
    machine.advance(60_000)
    assert clock.now().at_us == FLOOR_US + 60 * SECOND_US
    assert clock.now().up_ms == machine.boot_ms()


@pytest.mark.parametrize(("has_rtc", "quality"), [(False, Quality.UNSYNCED), (True, Quality.RTC)])
@pytest.mark.parametrize("wall_us", [FLOOR_US, START_US, FLOOR_US + WINDOW_US])
def test_plausible_time_at_boot_is_taken(wall_us: int, has_rtc: bool, quality: Quality) -> None:
    _, clock = believed(wall_us, has_rtc=has_rtc)
    assert clock.observe() is None
    assert (clock.now().at_us, clock.now().quality) == (wall_us, quality)
    assert clock.now().trusted is has_rtc


@pytest.mark.parametrize("wall_us", [0, START_US, Y2099_US])
def test_ntp_is_believed_whatever_it_says(wall_us: int) -> None:
    machine, clock = believed(0)
    machine.set_wall(wall_us)
    machine.synced = True
    step = clock.observe()
    assert step == Step(FLOOR_US, wall_us, "ntp")
    assert (clock.now().at_us, clock.now().quality) == (wall_us, Quality.SYNCED)


@pytest.mark.parametrize("days", [-30, 30])
def test_jump_without_sync_is_not_noticed(days: int) -> None:
    machine, clock = believed(START_US)
    machine.set_wall(START_US + days * DAY_US)
    assert clock.observe() is None
    assert clock.now().at_us == START_US


@pytest.mark.parametrize("days", [-30, 30])
def test_jump_with_sync_is_a_step(days: int) -> None:
    machine, clock = believed(START_US, synced=True)
    assert clock.observe() is None
    machine.set_wall(START_US + days * DAY_US)
    assert clock.observe() == Step(START_US, START_US + days * DAY_US, "ntp")
    assert clock.observe() is None


@pytest.mark.parametrize("offset_us", [1 - STEP_US, -1, 1, STEP_US - 1])
def test_small_difference_is_slewed_silently(offset_us: int) -> None:
    machine, clock = believed(START_US, synced=True)
    machine.set_wall(START_US + offset_us)
    assert clock.observe() is None
    assert clock.now().at_us == START_US + offset_us


def test_officer_is_believed_for_a_day() -> None:
    machine, clock = believed(0)
    assert clock.trust("officer", START_US) == Step(FLOOR_US, START_US, "officer")
    assert clock.now().quality is Quality.SYNCED
    machine.advance(TRUST_MS - 1)
    assert clock.now().quality is Quality.SYNCED
    machine.advance(1)
    assert clock.now().quality is Quality.UNSYNCED
    assert clock.now().at_us == START_US + DAY_US


def test_trust_falls_back_to_a_good_hardware_clock() -> None:
    machine, clock = believed(START_US, synced=True, has_rtc=True)
    clock.observe()
    machine.synced = False
    machine.advance(TRUST_MS)
    assert clock.now().quality is Quality.RTC
    assert clock.observe() is None


@pytest.mark.parametrize("late_us", [1 - RECEIPT_STEP_US, 0, RECEIPT_STEP_US - 1])
def test_receipt_that_agrees_confirms_and_moves_nothing(late_us: int) -> None:
    _, clock = believed(START_US)
    assert clock.trust("receipt", START_US + late_us) is None
    assert (clock.now().at_us, clock.now().quality) == (START_US, Quality.SYNCED)


@pytest.mark.parametrize("off_us", [-3 * DAY_US, -RECEIPT_STEP_US, RECEIPT_STEP_US, 3 * DAY_US])
def test_receipt_that_disagrees_moves_the_clock(off_us: int) -> None:
    _, clock = believed(START_US)
    assert clock.trust("receipt", START_US + off_us) == Step(START_US, START_US + off_us, "receipt")
    assert clock.now().quality is Quality.SYNCED


def test_receipt_says_nothing_against_ntp() -> None:
    _, clock = believed(START_US, synced=True)
    clock.observe()
    assert clock.trust("receipt", START_US + DAY_US) is None
    assert clock.now().at_us == START_US


def test_hardware_clock_read_late_moves_forward_and_never_back() -> None:
    machine, clock = believed(0, has_rtc=True)
    assert clock.observe() is None
    assert clock.now().quality is Quality.UNSYNCED
    machine.set_wall(START_US)
    assert clock.observe() == Step(FLOOR_US, START_US, "rtc")
    assert clock.now().quality is Quality.RTC
    machine.set_wall(START_US - DAY_US)
    assert clock.observe() is None
    assert clock.now().at_us == START_US
    machine.set_wall(FLOOR_US - 1)
    assert clock.observe() is None
    assert (clock.now().at_us, clock.now().quality) == (START_US, Quality.UNSYNCED)


def test_last_event_raises_the_floor() -> None:
    _, clock = believed(FLOOR_US + DAY_US)
    clock.begin(START_US)
    assert clock.now().at_us == START_US
    clock.begin(FLOOR_US)  # an earlier floor is none
    assert clock.now().at_us == START_US


def test_program_that_starts_again_goes_on_where_its_last_event_was() -> None:
    machine, first = believed(0)
    first.trust("officer", START_US)
    machine.advance(60_000)
    last = first.now()
    machine.advance(5_000)
    again = BelievedClock(machine, floor_us=FLOOR_US, has_rtc=False)
    again.begin(last.at_us, last.boot, last.up_ms)
    assert again.now().at_us == START_US + 65 * SECOND_US
    assert again.now().quality is Quality.UNSYNCED  # who told it then is not known any more
    machine.reboot("00000000-0000-4000-8000-000000000002", wall_us=0)
    rebooted = BelievedClock(machine, floor_us=FLOOR_US, has_rtc=False)
    rebooted.begin(last.at_us, last.boot, last.up_ms)
    assert rebooted.now().at_us == last.at_us


_MOVES = st.one_of(
    st.tuples(st.just("advance"), st.integers(0, 3 * DAY_MS)),
    st.tuples(st.just("wall"), st.integers(0, 2 * START_US)),
    st.tuples(st.just("sync"), st.booleans()),
    st.tuples(
        st.sampled_from(["officer", "receipt"]), st.integers(FLOOR_US - DAY_US, START_US + 500 * DAY_US)
    ),
    st.tuples(st.just("observe"), st.none()),
)


@given(moves=st.lists(_MOVES, max_size=30), has_rtc=st.booleans())
@settings(max_examples=150, deadline=None)
def test_believed_time_moves_with_the_boot_time_or_by_a_told_step(
    moves: list[tuple[str, int]], has_rtc: bool
) -> None:
    machine, clock = believed(START_US, has_rtc=has_rtc)
    for what, value in moves:
        before, was = clock.now(), machine.boot_ms()
        step = None
        match what:
            case "advance":
                machine.advance(value)
            case "wall":
                machine.set_wall(value)
            case "sync":
                machine.synced = bool(value)
            case "observe":
                step = clock.observe()
            case source:
                step = clock.trust(source, value)
        moved_us = clock.now().at_us - before.at_us - (machine.boot_ms() - was) * 1000
        if step is None:
            assert abs(moved_us) < STEP_US
        else:
            assert (step.was_us, step.now_us) == (before.at_us, clock.now().at_us)
            assert step.now_us - step.was_us == moved_us
            assert abs(moved_us) >= STEP_US
            assert step.source != "rtc" or moved_us > 0


def test_real_machine_is_read() -> None:
    machine = KernelTime()
    before, around = time.time_ns() // 1000, machine.sample()
    assert before <= around[0] <= machine.wall_us() <= time.time_ns() // 1000
    assert around[1] <= machine.boot_ms() <= monotonic_s() * 1000 + 1
    assert len(machine.boot_id()) == 36
    assert machine.ntp_synced() in {True, False}


@pytest.mark.parametrize(
    ("text", "is_synced"),
    [
        ("{now} 12.5\n", True),
        ("{old} 12.5\n", False),
        ("{coming} 0\n", False),
        ("", False),
        ("soon", False),
        (None, False),
    ],
)
def test_who_may_not_ask_the_kernel_believes_what_another_unit_saw_lately(tmp_path, text, is_synced) -> None:
    up_s = KernelTime().boot_ms() / 1000
    path = tmp_path / "motcua-synced"
    if text is not None:
        path.write_text(text.format(now=up_s - 60, old=up_s - TOLD_MS / 1000 - 1, coming=up_s + 60))
    assert _told_lately(path, int(up_s * 1000)) is is_synced


def test_jitter_stays_between_its_bounds() -> None:
    drawn = [uniform(2.0, 3.0) for _ in range(200)]
    assert all(2.0 <= one < 3.0 for one in drawn)
    assert len(set(drawn)) > 190
