"""Babel, which knows CLDR, is the oracle of what we write ourselves; the box does without it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import format_date, format_time, get_timezone
from babel.messages.plurals import get_plural
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from hypothesis import given
from hypothesis import strategies as st

from appliance.pages import texts

MINUTE = 60_000
langs = st.sampled_from(texts.LANGS)
days = st.dates(date(1970, 1, 2), date(2200, 12, 31))


@given(langs, st.integers(-(10**12), 10**12))
def test_whole_numbers_are_grouped_as_babel_groups_them(lang, value):
    assert texts.of(lang).number(value) == format_decimal(value, locale=lang)


@given(langs, st.floats(-1e9, 1e9, allow_nan=False), st.integers(0, 3))
def test_decimals_are_marked_and_rounded_as_babel_does(lang, value, decimals):
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    expected = format_decimal(Decimal(repr(value)), pattern, locale=lang)
    assert texts.of(lang).number(value, decimals) in {expected, expected.removeprefix("-")}


@given(langs, st.floats(0, 10, allow_nan=False))
def test_percent_is_written_as_babel_writes_it(lang, fraction):
    assert texts.of(lang).percent(fraction) == format_percent(Decimal(repr(fraction)), locale=lang)


def test_nothing_is_ever_minus_nothing():
    assert texts.of("vi").number(-0.2) == "0"


@given(days)
def test_the_date_has_the_weekday_of_babel_in_vietnamese(on):
    assert texts.of("vi").date(on) == format_date(on, "EEEE, dd/MM/yyyy", locale="vi")
    assert texts.of("vi").day(on) == format_date(on, "dd/MM/yyyy", locale="vi")


@given(days)
def test_the_date_has_the_weekday_of_babel_in_english(on):
    assert texts.of("en").date(on) == format_date(on, "EEEE, d MMMM y", locale="en")
    assert texts.of("en").day(on) == format_date(on, "d MMM y", locale="en")


@given(langs, st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_is_shown_in_the_time_of_hanoi(lang, at):
    expected = format_time(at, "HH:mm", tzinfo=get_timezone("Asia/Ho_Chi_Minh"), locale=lang)
    microseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert texts.of(lang).clock(at) == texts.of(lang).clock(microseconds) == expected


def test_an_instant_late_in_the_evening_of_utc_is_of_the_next_day_in_hanoi():
    at = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
    assert texts.of("vi").date(at) == "Thứ Tư, 25/11/2026"
    assert texts.of("en").date(at) == "Wednesday, 25 November 2026"


@given(langs, st.integers(1, 59))
def test_minutes_carry_the_unit_of_babel(lang, minutes):
    assert texts.of(lang).minutes(minutes * MINUTE + 59_999) == format_unit(
        minutes, "minute", "short", locale=lang
    )


@pytest.mark.parametrize(
    ("span_ms", "vi", "en"),
    [
        (-5, "dưới 1 phút", "under 1 min"),
        (59_999, "dưới 1 phút", "under 1 min"),
        (60 * MINUTE, "1 giờ", "1 h"),
        (61 * MINUTE, "1 giờ 1 phút", "1 h 1 min"),
        (1500 * 60 * MINUTE, "1.500 giờ", "1,500 h"),
    ],
)
def test_spans_at_the_edges(span_ms, vi, en):
    assert (texts.of("vi").minutes(span_ms), texts.of("en").minutes(span_ms)) == (vi, en)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (10, 15, "10–15 phút"),
        (10, 10.5, "10 phút"),
        (0, 5, "không quá 5 phút"),
        (0, 1, "không quá 1 phút"),
        (0, 0.5, "dưới 1 phút"),
        (0.5, 70, "không quá 1 giờ 10 phút"),
        (50, 70, "50 phút – 1 giờ 10 phút"),
    ],
)
def test_a_range_names_its_unit_once_where_it_can(low, high, said):
    assert texts.of("vi").span(low * MINUTE, high * MINUTE) == said


@given(st.integers(0, 10**6))
def test_plurals_are_chosen_as_cldr_chooses_them(n):
    said = texts.of("en").ngettext("one", "other", n)
    assert said == Locale("en").plural_form(n)
    assert Locale("vi").plural_form(n) == "other"
    assert get_plural("vi").num_plurals == 1
