"""A live scheduler while somebody turns the wall clock: deliveries come all the same, and no flood."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sim_uplink import BASE_US

from appliance.clock import BelievedClock, KernelTime, ScriptedTime
from appliance.uplink.schedule import Plan, Schedule, _Trigger
from appliance.wire.moment import HANOI, Moment, Quality, microseconds

pytestmark = pytest.mark.integration

SAFETY_S = 60.0
SHORT = Plan(interval_s=0.15)
LONG = Plan(interval_s=86_400.0)
NEVER_SOON = Plan(cron="0 22 29 2 *")


class Bell:
    """Counts deliveries that came due, from any thread."""

    def __init__(self) -> None:
        self._rings: SimpleQueue[None] = SimpleQueue()

    def __call__(self) -> None:
        self._rings.put(None)

    def wait(self, rings: int = 1) -> None:
        """Wait for so many deliveries."""
        for _ in range(rings):
            self._rings.get(timeout=SAFETY_S)

    def rings_within(self, seconds: float) -> bool:
        """Whether one comes within a time in which none should."""
        try:
            self._rings.get(timeout=seconds)
        except Empty:
            return False
        return True

    @property
    def waiting(self) -> int:
        """Deliveries that came due and were not waited for."""
        return self._rings.qsize()


def system_moment() -> Moment:
    """Return what a box believes that follows the system's clock blindly."""
    kernel = KernelTime()
    return Moment(kernel.wall_us(), Quality.SYNCED, kernel.boot_id(), kernel.boot_ms())


@contextmanager
def running(
    plan: Plan, bell: Bell, *, clock: BelievedClock | None = None, grace_s: float = 0.1
) -> Iterator[Schedule]:
    moment = system_moment if clock is None else clock.now
    subject = Schedule(plan, "BOX-1", moment, bell, grace_s=grace_s)
    subject.start()
    try:
        yield subject
    finally:
        subject.close()
        subject.close()


def jumps() -> list[datetime]:
    now = datetime.now(UTC)
    return [
        now - timedelta(days=30),
        now + timedelta(days=30),
        datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC),
        datetime(2099, 12, 31, tzinfo=UTC),
    ]


@pytest.mark.parametrize("jump", range(4))
@pytest.mark.parametrize("told", [False, True])
def test_deliveries_go_on_after_the_clock_jumps_there_and_back(jump: int, told: bool) -> None:
    bell = Bell()
    with running(SHORT, bell) as subject:
        bell.wait(2)
        with time_machine.travel(jumps()[jump], tick=True):
            if told:
                subject.stepped()
            bell.wait(4)
        if told:
            subject.stepped()
        bell.wait(4)
        # Nothing was made up for: a flood would have rung thousands of times by now.
        assert bell.waiting < 20


def test_the_calendar_delivers_without_the_watchdog() -> None:
    bell = Bell()
    with running(SHORT, bell, grace_s=3_600.0) as subject:
        bell.wait(3)
        subject.come_again(0.1)
        bell.wait(3)


@pytest.mark.parametrize("jump", range(1, 4, 2))
def test_the_calendar_alone_survives_a_step_forward_and_one_it_is_told_of(jump: int) -> None:
    bell = Bell()
    with running(SHORT, bell, grace_s=3_600.0) as subject:
        bell.wait()
        with time_machine.travel(jumps()[jump], tick=True):
            bell.wait(2)
        subject.stepped()
        bell.wait(2)


@pytest.mark.parametrize("jump", range(4))
def test_the_clock_jumping_to_and_fro_neither_stops_nor_floods(jump: int) -> None:
    bell = Bell()
    with running(SHORT, bell) as subject:
        for _ in range(3):
            with time_machine.travel(jumps()[jump], tick=True):
                bell.wait()
            subject.stepped()
            bell.wait()
        assert bell.waiting < 20


@pytest.mark.parametrize("jump", range(4))
def test_a_jump_alone_delivers_nothing_early(jump: int) -> None:
    bell = Bell()
    with running(LONG, bell) as subject:
        bell.wait()  # once after the start
        with time_machine.travel(jumps()[jump], tick=True):
            subject.stepped()
            assert not bell.rings_within(0.3)
        subject.stepped()
        assert not bell.rings_within(0.3)


@pytest.mark.parametrize("jump", range(4))
@pytest.mark.parametrize("plan", [LONG, NEVER_SOON])
def test_a_retry_comes_after_the_clock_jumped(plan: Plan, jump: int) -> None:
    bell = Bell()
    with running(plan, bell) as subject:
        subject.come_again(0.2)
        with time_machine.travel(jumps()[jump], tick=True):
            bell.wait()


def test_the_center_says_when_to_come_next() -> None:
    bell = Bell()
    with running(LONG, bell) as subject:
        bell.wait()
        subject.carry_on(0.1)
        bell.wait()
        subject.carry_on(1_000.0)
        assert subject.next_run_at() is not None
        assert not bell.rings_within(0.3)


def at_hanoi(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=HANOI)


def believed(at: datetime) -> BelievedClock:
    """Return a clock that was told a time; the system's own clock says something else."""
    clock = BelievedClock(
        ScriptedTime(BASE_US - 10**12, synced=False), floor_us=BASE_US - 10**12, has_rtc=False
    )
    clock.trust("officer", microseconds(at))
    return clock


def test_a_calendar_follows_the_believed_clock_and_is_read_again_when_it_steps() -> None:
    clock = believed(at_hanoi(15, 0))
    bell = Bell()
    with running(Plan(cron="0 22 * * *"), bell, clock=clock) as subject:
        planned = subject.next_run_at()
        assert planned is not None
        assert abs(planned - at_hanoi(22, 0)) < timedelta(seconds=5)
        assert not bell.rings_within(0.2)
        clock.trust("officer", microseconds(at_hanoi(21, 59, 59)))
        subject.stepped()
        bell.wait()


def test_a_calendar_is_put_off_by_the_center_and_never_hurried() -> None:
    clock = believed(at_hanoi(21, 0))
    with running(Plan(cron="0 22 * * *"), Bell(), clock=clock) as subject:
        subject.carry_on(30.0)
        soon = subject.next_run_at()
        assert soon is not None
        assert abs(soon - at_hanoi(22, 0)) < timedelta(seconds=5)
        subject.carry_on(7_200.0)
        later = subject.next_run_at()
        assert later is not None
        assert abs(later - at_hanoi(23, 0)) < timedelta(seconds=5)


def test_what_is_closed_plans_nothing() -> None:
    bell = Bell()
    with running(SHORT, bell) as subject:
        bell.wait()
    assert subject.next_run_at() is None
    subject.stepped()
    subject.come_again(0.0)
    subject.carry_on(None)
    while bell.waiting:
        bell.wait()
    assert not bell.rings_within(0.4)


def test_closing_before_the_start_is_harmless() -> None:
    Schedule(SHORT, "BOX-1", system_moment, Bell()).close()


ANY_TIME = st.integers(86_400, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
CRONS = st.sampled_from(["*/15 * * * *", "0 22 * * *", "30 6,18 * * mon-fri", "0 0 1 * *", "59 23 31 12 *"])


@given(now=ANY_TIME, cron=CRONS, jitter_s=st.floats(0, 3_600), device=st.text("AB-1", min_size=1, max_size=8))
def test_a_calendar_is_always_ahead(now: datetime, cron: str, jitter_s: float, device: str) -> None:
    plan = Plan(cron=cron, jitter_s=jitter_s)
    delay_s = plan.delay_s(device, now)
    assert delay_s > 0
    due = (now + timedelta(seconds=delay_s - plan.offset_s(device))).astimezone(HANOI)
    rounded = due + timedelta(milliseconds=1)
    assert (rounded.second, rounded.microsecond // 10_000) == (0, 0)
    minutes = {"*/15": {0, 15, 30, 45}}.get(cron.split(maxsplit=1)[0]) or {int(cron.split(maxsplit=1)[0])}
    assert rounded.minute in minutes


@given(previous=ANY_TIME, now=ANY_TIME, interval_s=st.floats(0.1, 86_400))
def test_a_trigger_never_names_a_missed_run(previous: datetime, now: datetime, interval_s: float) -> None:
    subject = _Trigger(lambda: 0.5, lambda: interval_s)
    # apscheduler asks again as long as the answer is not after now: once is enough, also from 1970 to 2099.
    assert subject.get_next_fire_time(previous, now) > now
    assert subject.get_next_fire_time(None, now) > now


def test_each_box_has_its_own_part_of_the_jitter() -> None:
    plan = Plan(interval_s=300, jitter_s=30)
    offsets = [plan.offset_s(f"BOX-{n}") for n in range(200)]
    assert all(0 <= offset < 30 for offset in offsets)
    assert len({int(offset) for offset in offsets}) > 20
    assert plan.offset_s("BOX-7") == offsets[7]
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert plan.first_delay_s("BOX-7", now) == offsets[7]
    assert plan.delay_s("BOX-7", now) == 300


def test_a_plan_is_an_interval_or_a_calendar() -> None:
    with pytest.raises(ValueError, match="not both"):
        Plan(interval_s=300, cron="* * * * *")
    with pytest.raises(ValueError, match="not both"):
        Plan()
