"""What is measured of a line, and how often a wait lies in the range that was told."""

import heapq
from math import log
from random import Random

import pytest
from hand_day import OTHER_BOOT, HandDay
from hypothesis import given
from hypothesis import strategies as st

from appliance.figures.pace import FEWEST, KEPT, Pace, Paces, Range, expect, rounded

MINUTE_MS = 60_000


def pace_of(day, service="ho-tich"):
    paces = Paces()
    for event in day.events:
        paces.add(event)
    return paces.of(service)


def busy(day, numbers, counters=("q1",)):
    """Open the counters and let so many people wait."""
    day.opened()
    for counter in counters:
        day.counter(counter)
    for number in range(1, numbers + 1):
        day.issue(number)


def test_spans_between_calls_while_somebody_waits(day):
    busy(day, 4)
    day.later(10).call(1)
    day.later(300).call(2)
    day.later(200).call(3)
    assert pace_of(day) == Pace((300_000, 200_000))
    assert pace_of(day, "dat-dai") == Pace()


def test_a_call_that_waited_for_somebody_to_arrive_says_nothing(day):
    busy(day, 2)
    day.call(1)
    day.later(100).call(2)
    day.later(500).issue(3)
    day.later(10).call(3)
    assert pace_of(day) == Pace((100_000,))


@pytest.mark.parametrize("gone", ["left", "transferred"])
def test_neither_does_one_after_the_line_ran_empty_otherwise(day, gone):
    busy(day, 2)
    day.call(1)
    if gone == "left":
        day.later(100).leave("cancelled", 2, None, reason="left")
    else:
        day.later(100).transfer(2, None, to_service="dat-dai")
    day.later(10).issue(3)
    day.later(10).call(3)
    assert pace_of(day) == Pace()


def test_counters_count_and_a_closed_office_does_not(day):
    busy(day, 6, ["q1", "q2"])
    day.call(1)
    day.later(100).call(2, "q2")
    day.later(10).counter("q2", kind="counter.paused")
    day.later(90).call(3)  # 100 s, half of it with two: one and a half
    day.later(10).counter("q1", kind="counter.closed")
    day.later(3600).counter("q1")
    day.later(60).call(4)  # nobody was there meanwhile
    day.later(70).call(5)
    assert pace_of(day) == Pace((200_000, 150_000, 70_000))


def test_a_span_over_a_restart_is_not_known(day):
    busy(day, 4)
    day.later(500).call(1)
    day.boot, day.ms = OTHER_BOOT, 40_000
    day.call(2)
    day.later(30).call(3)
    assert pace_of(day) == Pace((30_000,))


def test_who_comes_back_waits_again(day):
    busy(day, 2)
    day.call(1)
    day.leave("no_show", 1)
    day.later(50).call(2)
    day.leave("returned", 1, reason="late")
    day.later(50).call(1)
    assert pace_of(day) == Pace((50_000,))


def test_another_day_begins_with_its_own_line_and_the_pace_of_before(day):
    busy(day, 3)
    day.call(1)
    day.later(100).call(2)
    carried = {"counter": "q1", "officer": None, "reason": None, "services": ["ho-tich"], "state": "open"}
    day.opened("2026-11-24", counters=[carried, {"counter": "q2"}, 7])
    day.carry(3)
    day.carry(4)
    day.carry(5, "NO_SHOW", "q1")
    day.later(3600).call(3)
    day.later(120).call(4)
    assert pace_of(day) == Pace((100_000, 120_000))


def test_only_the_latest_spans_are_kept(day):
    busy(day, KEPT + 5)
    for number in range(1, KEPT + 4):
        day.later(number).call(number)
    assert pace_of(day) == Pace(tuple(1000 * seconds for seconds in range(4, KEPT + 4)))


def test_a_call_of_somebody_unknown_says_nothing(day):
    busy(day, 2)
    day.call(9)
    day.transfer(9, to_service="ho-tich")
    assert pace_of(day) == Pace()


STEADY = Pace((4 * MINUTE_MS, 6 * MINUTE_MS) * 10)


def test_nothing_is_known_of_a_closed_line_or_without_spans():
    assert expect(3, 0, STEADY) is None
    assert expect(3, 1, Pace(STEADY.spans_ms[: FEWEST - 1])) is None
    assert expect(3, 1, Pace(STEADY.spans_ms[:FEWEST])) is not None


def test_the_range_lies_about_the_calls_that_must_come_first():
    found = expect(9, 1, STEADY)
    assert found.low_ms < 47 * MINUTE_MS < found.high_ms  # nine and a half spans of five minutes
    assert found.high_ms - found.low_ms < 25 * MINUTE_MS


def test_two_counters_halve_it_and_the_next_one_may_be_called_at_once():
    one, two = expect(8, 1, STEADY), expect(8, 2, STEADY)
    assert two == pytest.approx([one.low_ms / 2, one.high_ms / 2], abs=1)
    assert expect(0, 1, STEADY).low_ms == 0


def test_few_samples_widen_it():
    few, many = expect(5, 1, Pace(STEADY.spans_ms[:4])), expect(5, 1, STEADY)
    assert few.low_ms < many.low_ms
    assert few.high_ms > many.high_ms


def test_one_lunch_without_a_pause_does_not_spoil_the_day():
    lunch = Pace((*STEADY.spans_ms[:-1], 90 * MINUTE_MS))
    assert expect(5, 1, lunch).high_ms < 1.6 * expect(5, 1, STEADY).high_ms


def test_spans_of_no_length_expect_no_wait():
    assert expect(4, 1, Pace((0,) * 5)) == Range(0, 0)


@given(
    st.integers(0, 200), st.integers(1, 20), st.lists(st.integers(0, 10**7), min_size=FEWEST, max_size=KEPT)
)
def test_a_range_is_one(ahead, counters, spans):
    low, high = expect(ahead, counters, Pace(tuple(spans)))
    assert 0 <= low <= high
    told = rounded(Range(low, high))
    assert told.low_ms <= low
    assert told.high_ms >= high


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        ((0, 0), (0, 1)),
        ((0.2, 0.4), (0, 1)),
        ((2.5, 3.2), (2, 4)),
        ((9.9, 10), (9, 10)),
        ((9.5, 10.1), (9, 15)),
        ((12, 21), (10, 25)),
        ((15, 40), (15, 40)),
    ],
)
def test_people_are_told_whole_minutes_and_then_steps_of_five(minutes, told):
    asked = Range(*(round(each * MINUTE_MS) for each in minutes))
    assert rounded(asked) == Range(*(each * MINUTE_MS for each in told))


def steady_hall(seed, counters, cv, people=400):
    """Let people come for a day of a steady hall; return (told, waited) of all who had to wait.

    Arrivals without memory at 95 % of what the counters can do; serving takes six minutes, lognormal.
    """
    chance = Random(seed)
    sigma = log(1 + cv**2) ** 0.5
    day, paces = HandDay(), Paces()
    day.opened()
    for counter in range(counters):
        day.counter(f"q{counter}")
    for event in day.events:
        paces.add(event)
    free = [(0, counter) for counter in range(counters)]
    arrivals, at = [], 0.0
    for _ in range(people):
        at += chance.expovariate(0.95 * counters / (6 * MINUTE_MS))
        arrivals.append(round(at))
    line, told, pairs, number = [], {}, [], 0

    while number < people or line:
        next_free = max(free[0][0], line[0][1]) if line else None
        if number < people and (next_free is None or arrivals[number] <= next_free):
            day.ms = arrivals[number]
            if line or free[0][0] > day.ms:
                told[number + 1] = expect(len(line), counters, paces.of("ho-tich"))
            line.append((number + 1, day.ms))
            paces.add(day.issue(number + 1))
            number += 1
        else:
            who, came = line.pop(0)
            _, counter = heapq.heappop(free)
            day.ms = next_free
            paces.add(day.call(who, f"q{counter}"))
            serving = 6 * MINUTE_MS * chance.lognormvariate(-(sigma**2) / 2, sigma)
            heapq.heappush(free, (day.ms + round(serving), counter))
            if told.get(who) is not None:
                pairs.append((told[who], day.ms - came))
    return pairs


@pytest.mark.parametrize("counters", [1, 2, 4])
@pytest.mark.parametrize("cv", [0.3, 0.7, 1.0])
def test_in_a_steady_hall_most_wait_as_long_as_they_were_told(counters, cv):
    pairs = [pair for seed in range(8) for pair in steady_hall(seed, counters, cv)]
    assert len(pairs) > 1500
    within = sum(told.low_ms <= waited <= told.high_ms for told, waited in pairs) / len(pairs)
    assert within >= 0.70
    # And the range says something: for a wait of more than ten minutes it is not wider than the wait.
    long = [(told, waited) for told, waited in pairs if waited > 10 * MINUTE_MS]
    width = sum(told.high_ms - told.low_ms for told, _ in long) / sum(waited for _, waited in long)
    assert width < 1.0
