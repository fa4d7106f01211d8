import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.figures.spans import MOST_KEPT, Spans

LISTS = st.lists(st.integers(0, 10**8), max_size=200)


def test_no_spans_have_no_median():
    spans = Spans()
    assert (spans.count, spans.longest_ms, spans.median_ms, spans.p90_ms) == (0, 0, None, None)


@pytest.mark.parametrize(
    ("spans", "median", "p90"),
    [
        ([7], 7, 7),
        ([3, 1], 1, 3),
        ([5, 1, 3], 3, 5),
        ([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 50, 90),
        ([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110], 60, 100),
    ],
)
def test_quantiles_are_spans_that_were(spans, median, p90):
    subject = Spans(*spans)
    assert (subject.median_ms, subject.p90_ms, subject.longest_ms) == (median, p90, max(spans))


@given(LISTS, LISTS)
def test_spans_of_two_days_are_those_of_both(one, other):
    assert Spans(*one) + Spans(*other) == Spans(*one, *other)


def test_a_copy_stays_as_it_was():
    subject = Spans(1, 2)
    copy = subject.copy()
    subject.add(3)
    assert copy == Spans(1, 2)
    assert subject == Spans(1, 2, 3)


def test_memory_is_bounded_and_quantiles_stay_near():
    subject = Spans()
    for span in range(100_000):
        subject.add(span * 7919 % 100_000)
    assert subject.count == 100_000
    assert subject.longest_ms == 99_999
    assert len(subject._kept) <= MOST_KEPT
    assert subject.median_ms == pytest.approx(50_000, rel=0.02)
    assert subject.p90_ms == pytest.approx(90_000, rel=0.02)


def test_a_thinned_day_weighs_as_much_as_it_had_spans():
    thinned, few = Spans(*[100] * (2 * MOST_KEPT)), Spans(*[1] * MOST_KEPT)
    both = thinned + few
    assert both.count == 3 * MOST_KEPT
    assert both.quantile_ms(0.3) == 1
    assert both.quantile_ms(0.37) == 100


def test_a_span_beyond_what_is_kept_is_the_longest_that_can_be():
    assert Spans(2**50, -4).longest_ms == 2**32 - 1
    assert Spans(-4).median_ms == 0
