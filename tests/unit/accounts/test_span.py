import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.accounts.span import IDLE_MS, LIFE_MS, UNWRITTEN_MS, Span
from appliance.wire.moment import Moment, Quality

HOUR_MS = 3_600_000
START_US = 1_795_311_000_000_000
YEAR_US = 365 * 24 * HOUR_MS * 1000


def moment(up_ms, wall_ms=None, boot="a", quality=Quality.SYNCED):
    wall_ms = up_ms if wall_ms is None else wall_ms
    return Moment(START_US + wall_ms * 1000, quality, boot, up_ms)


def worked(hours, boot="a"):
    """A span that was used every hour, until now."""
    span = Span.start(moment(0, boot=boot))
    for hour in range(1, hours + 1):
        span = span.used(moment(hour * HOUR_MS, boot=boot))
    return span


def test_it_lives_twelve_hours_however_much_it_is_used():
    assert worked(11).left_ms(moment(11 * HOUR_MS)) == HOUR_MS
    assert worked(12).left_ms(moment(12 * HOUR_MS)) == 0


def test_unused_it_lives_two_hours():
    span = Span.start(moment(0))
    assert span.left_ms(moment(0)) == IDLE_MS
    assert span.left_ms(moment(IDLE_MS - 1)) == 1
    assert span.left_ms(moment(IDLE_MS)) == 0


@pytest.mark.parametrize("jump_us", [YEAR_US, -YEAR_US])
def test_within_a_boot_the_wall_clock_may_jump(jump_us):
    span = Span.start(moment(0))
    assert span.left_ms(moment(1000, jump_us // 1000)) == IDLE_MS - 1000
    assert span.used(moment(1000, jump_us // 1000)).left_ms(moment(2000, 2000)) == IDLE_MS - 1000


def test_across_boots_the_wall_clock_counts():
    span = Span.start(moment(0))
    assert span.left_ms(moment(5000, HOUR_MS, "b")) == IDLE_MS - HOUR_MS
    assert span.left_ms(moment(5000, 14 * HOUR_MS, "b")) < 0


def test_across_boots_a_wall_clock_that_went_back_gives_nothing_back():
    span = worked(11)
    after = span.left_ms(moment(60_000, -YEAR_US // 1000, "b"))
    assert after == HOUR_MS - 60_000 - UNWRITTEN_MS


def test_pulling_the_plug_again_and_again_ends_it_too():
    span, boots = Span.start(moment(0)), 0
    while span.left_ms(now := moment(1000, -1, f"b{boots}", Quality.UNSYNCED)) > 0:
        span, boots = span.used(now), boots + 1
    assert boots < LIFE_MS / UNWRITTEN_MS


def test_a_night_that_is_learned_of_later_counts():
    span = worked(9)
    unsure = moment(60_000, 9 * HOUR_MS, "b", Quality.UNSYNCED)
    span = span.used(unsure)
    assert span.left_ms(moment(120_000, 9 * HOUR_MS + 60_000, "b", Quality.UNSYNCED)) > 0
    assert span.left_ms(moment(180_000, 23 * HOUR_MS, "b")) < 0


def test_a_trusted_new_boot_is_measured_by_its_own_time_from_then_on():
    span = Span.start(moment(0)).used(moment(5000, HOUR_MS, "b"))
    assert span.left_ms(moment(6000, YEAR_US // 1000, "b")) > IDLE_MS - 2000


MOMENTS = st.lists(
    st.tuples(
        st.integers(0, HOUR_MS),
        st.integers(-YEAR_US // 1000, YEAR_US // 1000),
        st.booleans(),
        st.booleans(),
        st.sampled_from(Quality),
    ),
    max_size=30,
)


@given(MOMENTS)
def test_what_is_spent_never_comes_back_and_is_never_less_than_the_time_it_was_up(steps):
    boot, up_ms, lived_ms = 0, 0, 0
    span = Span.start(moment(0, 0, "0"))
    for step_ms, wall_ms, reboots, is_use, quality in steps:
        if reboots:
            boot, up_ms = boot + 1, 0
        up_ms += step_ms
        lived_ms += step_ms
        now = moment(up_ms, wall_ms, str(boot), quality)
        moved = span.used(now) if is_use else span.at(now)
        assert moved.spent_ms >= max(span.spent_ms, lived_ms)
        assert moved.left_ms(now) <= LIFE_MS - lived_ms
        assert (moved.idle_ms == 0) if is_use else (moved.left_ms(now) <= span.left_ms(now))
        span = Span.parse(moved.text())
        assert span == moved


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "7", '{"boot": 1}', Span.start(moment(0)).text().replace("0,", "null,")]
)
def test_a_text_that_is_no_span_is_refused(text):
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        Span.parse(text)
