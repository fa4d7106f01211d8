import pytest
from hypothesis import given
from hypothesis import strategies as st
from sim_uplink import DEVICE, fresh_epoch

from appliance.errors import TransientError
from appliance.journal.journal import Mark
from appliance.uplink.answers import Answer, Busy, Damaged, Fork, Gap, KeyRefused, Stored, TooLarge, Unclear
from appliance.uplink.port import Issue
from appliance.uplink.progress import (
    BACKOFF_MAX_S,
    MAX_REWINDS,
    Backoff,
    GoOn,
    Halt,
    Leave,
    LostTail,
    Progress,
    PrunedBehind,
    Slow,
    Told,
    after_answer,
    backoff_s,
)
from appliance.uplink.receipts import Advance, Diverged, Foreign, Pruned, Rewind, Stale, Verdict
from appliance.uplink.seal import Limits
from appliance.wire.batch import MAX_BYTES, MAX_EVENTS, Header
from appliance.wire.problems import ProblemType

EPOCH = fresh_epoch()
MARK = Mark(EPOCH, 5, "a" * 64)
FULL = Limits(events=100)
START = Progress.start(FULL)


def sent(first: int = 1, last: int = 100) -> Header:
    at = "2026-11-23T08:00:00.000000Z"
    return Header(DEVICE, EPOCH, first, last, "a" * 64, "b" * 64, at, "0.1.0")


def test_an_advance_goes_on_with_full_limits() -> None:
    shrunk = Progress(FULL, Limits(events=3), refused=True)
    assert after_answer(shrunk, Stored(""), Advance(MARK), sent()) == GoOn(START)


@pytest.mark.parametrize("verdict", [Stale(), Foreign("x"), None])
def test_a_receipt_that_does_not_count_backs_off(verdict: Verdict | None) -> None:
    for answer in (Stored(""), Gap("")):
        step = after_answer(START, answer, verdict, sent())
        assert isinstance(step, Halt)
        assert step.pause == Backoff()


def test_a_rewind_is_followed_but_not_for_ever() -> None:
    progress = START
    for _ in range(MAX_REWINDS):
        step = after_answer(progress, Gap(""), Rewind(MARK), sent())
        assert isinstance(step, GoOn)
        assert step.issue is Issue.CENTER_REWOUND
        progress = step.progress
    last = after_answer(progress, Gap(""), Rewind(MARK), sent())
    assert isinstance(last, Halt)
    assert last.pause == Backoff()


def test_another_branch_opens_a_new_epoch() -> None:
    for answer in (Stored(""), Gap(""), Fork("")):
        assert after_answer(START, answer, Diverged(), sent()) == LostTail()
    assert after_answer(START, Fork(""), Stale(), sent()) == LostTail()


def test_a_fork_that_nobody_signed_opens_nothing() -> None:
    assert isinstance(after_answer(START, Fork(""), Foreign("not signed"), sent()), Halt)


def test_pruned_events_open_a_new_epoch() -> None:
    assert after_answer(START, Gap(""), Pruned(), sent()) == PrunedBehind()


def test_a_refused_key_waits_for_people() -> None:
    step = after_answer(START, KeyRefused(ProblemType.UNKNOWN_KEY, "retired"), None, sent())
    assert isinstance(step, Halt)
    assert (step.pause, step.issue) == (Slow(), Issue.KEY_REFUSED)


@pytest.mark.parametrize(
    ("answer", "events"),
    [
        (Damaged(ProblemType.BAD_DIGEST, "", None), 50),
        (Damaged(ProblemType.BAD_EVENT, "", 52), 50),
        (Damaged(ProblemType.BAD_EVENT, "", 2), 1),
        (Damaged(ProblemType.BAD_EVENT, "", 1), 1),
        (Damaged(ProblemType.BAD_EVENT, "", 10_000), 100),
    ],
)
def test_damage_is_tried_once_more_with_a_smaller_range(answer: Damaged, events: int) -> None:
    step = after_answer(START, answer, None, sent())
    assert isinstance(step, GoOn)
    assert step.progress.limits.events == events
    again = after_answer(step.progress, answer, None, sent(1, events))
    assert isinstance(again, Leave)
    assert again.issue is Issue.BATCH_REFUSED
    assert not isinstance(again.error, TransientError)


def test_too_large_halves_and_keeps_small_for_the_run() -> None:
    step = after_answer(START, TooLarge(50_000), None, sent())
    assert isinstance(step, GoOn)
    assert step.progress.limits == Limits(events=50, max_bytes=50_000)
    assert after_answer(step.progress, Stored(""), Advance(MARK), sent()) == GoOn(
        Progress.start(step.progress.limits)
    )


def test_too_large_for_one_event_waits_for_people() -> None:
    assert isinstance(after_answer(START, TooLarge(None), None, sent(4, 4)), Leave)


def test_busy_waits_as_told() -> None:
    told = after_answer(START, Busy(42), None, sent())
    assert isinstance(told, Halt)
    assert told.pause == Told(42)
    untold = after_answer(START, Busy(None), None, sent())
    assert isinstance(untold, Halt)
    assert untold.pause == Backoff()


def test_anything_else_backs_off() -> None:
    step = after_answer(START, Unclear("time-out"), None, sent())
    assert isinstance(step, Halt)
    assert step.pause == Backoff()
    assert step.issue is None


ANSWERS: list[Answer] = [
    Damaged(ProblemType.BAD_EVENT, "", None),
    Damaged(ProblemType.BAD_EVENT, "", 3),
    TooLarge(None),
    TooLarge(1),
]


@given(answers=st.lists(st.sampled_from(ANSWERS), min_size=30, max_size=30))
def test_no_two_answers_keep_a_run_going_without_progress(answers: list[Answer]) -> None:
    progress, size = START, 100
    for answer in answers:
        step = after_answer(progress, answer, None, sent(1, size))
        if not isinstance(step, GoOn):
            return
        progress = step.progress
        assert 1 <= progress.limits.events <= size
        size = progress.limits.events
    raise AssertionError("the run never ends")


@given(failures=st.integers(-5, 10_000), part=st.floats(0, 1))
def test_back_off_is_full_jitter_up_to_an_hour(failures: int, part: float) -> None:
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return low + part * (high - low)

    wait_s = backoff_s(failures, uniform)
    assert 0 <= wait_s <= BACKOFF_MAX_S
    assert bounds[0][0] == 0
    if failures > 10:
        assert bounds[0][1] == BACKOFF_MAX_S


def test_back_off_doubles() -> None:
    assert [backoff_s(n, lambda _low, high: high) for n in (1, 2, 3, 4)] == [5, 10, 20, 40]


@given(events=st.integers(-5, 10**9), max_bytes=st.integers(-5, 10**9), fewer=st.integers(-5, 10**6))
def test_limits_never_leave_what_the_wire_allows(events: int, max_bytes: int, fewer: int) -> None:
    for limits in (
        Limits(events, max_bytes),
        Limits(events).at_most(fewer),
        Limits().within(max_bytes),
    ):
        assert 1 <= limits.events <= MAX_EVENTS
        assert 0 < limits.max_bytes <= MAX_BYTES
