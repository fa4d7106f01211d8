"""Each evaluation once, and nobody can be found in what is shown."""

import itertools
from collections import Counter

import pytest
from hand_day import OTHER_BOOT, HandDay
from hypothesis import given
from hypothesis import strategies as st

from appliance.figures.cells import BLOCK, Cell, together
from appliance.figures.totals import RatingTotals, merged


def ratings_of(day, counter="q1"):
    return day.totals().counters[counter].ratings


def shown(day, counter="q1", levels=3):
    return ratings_of(day, counter).shown.get(levels)


def test_evaluations_counted_by_hand(day):
    for number in (1, 2, 3):
        day.call(number)
        day.serve(number)
    first = day.rate(1, 1)
    second = day.later(1).rate(3, 1, corrects=first)
    day.later(1).rate(2, 1, corrects=second, source="phone")
    day.later(30).rate(1, 1, flags=["repeat", "burst"])
    day.later(30).rate(3, 2, flags=["stuck"])
    day.later(30).rate(3)
    assert ratings_of(day) == RatingTotals(
        bound=2, unbound=1, repeats=1, corrections=2, burst=1, stuck=1, sources={"phone": 1, "gpio": 2}
    )
    counter = day.totals().counters["q1"]
    assert counter.response_rate == pytest.approx(2 / 3)
    assert counter.ratings.evaluations == 3


def test_a_correction_of_a_rating_given_before_midnight_counts_there():
    day = HandDay()
    given_ = day.rate(1, 1)
    day.later(2).rate(3, 1, corrects=given_)
    today = day.tally(first=1).totals().counters["q1"].ratings
    assert today == RatingTotals(corrections=1)


def test_ratings_shortly_before_the_next_call_are_counted(day):
    day.call(1)
    day.later(60).rate(3, 1)
    day.later(10).call(2)  # 10 s before: at the edge
    day.later(60).rate(3, 2)
    day.later(10.001).call(3)
    day.later(60).rate(3, 3)
    day.later(1).rate(2, counter="q2")
    day.later(1).call(4)
    day.later(1).call(5)
    assert ratings_of(day).before_call == 2
    assert ratings_of(day).before_call_share == pytest.approx(2 / 3)
    assert ratings_of(day, "q2").before_call == 0
    assert RatingTotals().before_call_share is None


def test_a_call_of_another_boot_is_not_shortly_after(day):
    day.later(100).rate(3, 1)
    day.boot = OTHER_BOOT
    day.call(2)
    assert ratings_of(day).before_call == 0


def test_under_five_nothing_is_shown_then_steps_of_five(day):
    for number in range(1, 12):
        day.later(120).rate(3 if number % 4 else 1, number)
        seen = shown(day)
        # The latest one may still be corrected; it is counted and not shown.
        assert ratings_of(day).bound == number
        assert seen == (None if number < 6 else (1, 0, 4) if number < 11 else (2, 0, 8))


def test_what_can_be_corrected_is_not_shown(day):
    for number in range(1, 5):
        day.later(120).rate(3, number)
    fifth = day.later(120).rate(1, 5)
    day.later(59.999).issue(9)
    assert shown(day) is None
    day.rate(2, 5, corrects=fifth)  # an office that allows a minute for it
    assert shown(day) is None
    day.later(0.001).issue(10)
    assert shown(day) == (0, 1, 4)


def test_after_a_restart_the_new_boot_counts_from_its_start(day):
    for number in range(1, 6):
        day.later(120).rate(3, number)
    day.boot, day.ms = OTHER_BOOT, 59_999
    day.issue(7)
    assert shown(day) is None
    day.later(0.001).issue(8)
    assert shown(day) == (0, 0, 5)


def test_when_the_day_is_over_the_last_one_settles_and_steps_stay_steps(day):
    for number in range(1, 8):
        day.later(0.1).rate(2, number)
    tally = day.tally()
    assert tally.totals().counters["q1"].ratings.shown == {}
    tally.close()
    assert tally.totals().counters["q1"].ratings.shown == {3: (0, 5, 0)}
    assert tally.totals().counters["q1"].ratings.bound == 7


def test_scales_do_not_mix(day):
    for number in range(1, 6):
        day.later(120).rate(3, number)
        day.rate(5, number, levels=5, counter="q1")
    day.later(120).issue(1)
    assert ratings_of(day).shown == {3: (0, 0, 5), 5: (0, 0, 0, 0, 5)}


def test_a_correction_on_another_scale_counts_there(day):
    for number in range(1, 5):
        day.later(120).rate(3, number, levels=5)
    given_ = day.later(120).rate(2, 5)
    day.later(1).rate(5, 5, corrects=given_, levels=5)
    day.later(120).issue(1)
    assert ratings_of(day).shown == {5: (0, 0, 4, 0, 1)}


def test_a_counter_that_is_not_shown_does_not_follow_from_the_total(day):
    for number in range(1, 6):
        day.later(120).rate(3, number)
    for number in (6, 7):
        day.later(120).rate(1, number, "q2")
    day.later(120).issue(1)
    totals = day.totals()
    assert totals.counters["q2"].ratings.shown == {}
    assert totals.all_counters.ratings.shown == {3: (0, 0, 5)}  # nothing of q2
    assert totals.all_counters.ratings.bound == 7
    assert merged([totals, totals]).all_counters.ratings.shown == {3: (0, 0, 10)}


PRESSES = st.lists(
    st.tuples(
        st.sampled_from(["q1", "q2", "q3"]),
        st.integers(1, 3),
        st.sampled_from(["new", "new", "correct", "repeat"]),
        st.integers(0, 90),
    ),
    max_size=80,
)


@given(PRESSES)
def test_two_versions_of_a_page_never_tell_of_one_to_four_people(presses):
    day, last = HandDay(), {}
    tally = day.tally()
    versions = [tally.totals()]
    for number, (counter, level, what, seconds) in enumerate(presses, 1):
        day.later(seconds)
        if what == "correct" and counter in last:
            begun, event = last[counter]
            last[counter] = (begun, day.rate(level, begun, counter, corrects=event))
        elif what == "repeat" and counter in last:
            day.rate(level, last[counter][0], counter, flags=["repeat"])
        else:
            last[counter] = (number, day.rate(level, number, counter))
        tally.add(day.events[-1])
        versions.append(tally.totals())
    tally.close()
    versions.append(tally.totals())
    for counter in ("q1", "q2", "q3", None):
        seen = [
            (version.all_counters if counter is None else version.counters[counter]).ratings.shown.get(
                3, (0, 0, 0)
            )
            for version in versions
            if counter is None or counter in version.counters
        ]
        for before, after in itertools.pairwise(seen):
            grown = [new - old for old, new in zip(before, after, strict=True)]
            assert before == after or (min(grown) >= 0 and sum(grown) % BLOCK == 0)
    for version in versions:
        by_counter = [each.ratings.shown.get(3) for each in version.counters.values()]
        assert version.all_counters.ratings.shown.get(3) == together(by_counter)


@given(st.lists(st.integers(1, 4), max_size=23))
def test_steps_show_the_longest_multiple_of_five(levels):
    subject = Cell(4)
    for level in levels:
        subject.add(level)
    whole = Counter(levels[: len(levels) // BLOCK * BLOCK])
    assert subject.shown == (tuple(whole[level] for level in (1, 2, 3, 4)) if whole else None)


def test_nothing_shown_together_is_nothing():
    assert together([None, None]) is None
    assert together([]) is None
    assert together([(1, 4), None, (5, 0)]) == (6, 4)
