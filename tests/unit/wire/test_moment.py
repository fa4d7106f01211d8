import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import golden

from appliance.wire.event import is_epoch, new_epoch
from appliance.wire.moment import (
    Moment,
    Quality,
    is_wire_time,
    microseconds,
    parse_wire_time,
    wire_time,
)
from appliance.wire.timeline import Timeline

YEAR_2100_US = 4_102_444_800_000_000
BOOTS = [str(uuid.UUID(int=number)) for number in range(1, 4)]


def moment(at: str, quality: Quality = Quality.SYNCED) -> Moment:
    return Moment(microseconds(datetime.fromisoformat(at)), quality, BOOTS[0], 0)


@given(st.integers(-(10**15), YEAR_2100_US))
def test_a_moment_is_exact_to_the_microsecond(at_us: int) -> None:
    subject = Moment(at_us, Quality.RTC, BOOTS[0], 0)
    assert microseconds(subject.at) == at_us
    assert subject.wire_at == wire_time(subject.at)
    assert parse_wire_time(subject.wire_at) == subject.at
    assert is_wire_time(subject.wire_at)


def test_wire_time_has_six_decimals_and_is_utc() -> None:
    assert moment("2026-11-23T01:02:03.000004+00:00").wire_at == "2026-11-23T01:02:03.000004Z"
    assert moment("2026-11-23T01:02:03+00:00").wire_at == "2026-11-23T01:02:03.000000Z"
    hanoi = datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=7)))
    assert wire_time(hanoi) == "2026-11-22T17:30:00.000000Z"
    assert wire_time(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"


def test_the_order_of_wire_times_is_the_order_of_time() -> None:
    at = [wire_time(datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=number * 36_500)) for number in range(90)]
    assert at == sorted(at)


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-23", "2026-11-23T01:02:03Z", "2026-11-23T01:02:03.000004", "2026-11-23T24:00:00.000000Z"],
)
def test_what_is_no_wire_time(text: str) -> None:
    assert not is_wire_time(text)
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_wire_time(text)


@pytest.mark.parametrize("value", [None, 5, b"2026-11-23T01:02:03.000004Z", ["x"]])
def test_a_wire_time_is_a_string(value: object) -> None:
    assert not is_wire_time(value)


def test_a_day_the_calendar_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="day"):
        parse_wire_time("2026-02-29T00:00:00.000000Z")


@pytest.mark.parametrize(
    ("at", "day", "minutes"),
    [
        ("2026-11-22T16:59:59.999999+00:00", "2026-11-22", 1439),
        ("2026-11-22T17:00:00+00:00", "2026-11-23", 0),
        ("2026-11-23T00:30:00+00:00", "2026-11-23", 450),
        ("2026-12-31T16:59:59+00:00", "2026-12-31", 1439),
        ("2026-12-31T17:00:00+00:00", "2027-01-01", 0),
        ("2028-02-28T17:00:00+00:00", "2028-02-29", 0),
        ("2099-12-31T16:59:59+00:00", "2099-12-31", 1439),
        ("2099-12-31T17:00:00+00:00", "2100-01-01", 0),
        # Saigon kept UTC+8 until June 1975: what a Pi without a clock may wake up in is what zoneinfo says.
        ("1970-01-01T00:00:00+00:00", "1970-01-01", 480),
        ("1970-01-01T15:59:59+00:00", "1970-01-01", 1439),
        ("1970-01-01T16:00:00+00:00", "1970-01-02", 0),
    ],
)
def test_the_local_day_turns_at_midnight_in_vietnam(at: str, day: str, minutes: int) -> None:
    subject = moment(at)
    assert subject.local_day() == day
    assert subject.local_minutes() == minutes


@pytest.mark.parametrize(("quality", "trusted"), [("synced", True), ("rtc", True), ("unsynced", False)])
def test_the_business_day_trusts_all_but_a_guess(quality: str, *, trusted: bool) -> None:
    assert moment("2026-11-23T00:00:00+00:00", Quality(quality)).trusted is trusted


@given(st.integers(0, 2**48 * 1000 - 1), st.binary(min_size=10, max_size=10))
def test_a_new_epoch_is_a_uuidv7_of_its_time(at_us: int, entropy: bytes) -> None:
    epoch = new_epoch(at_us, entropy)
    assert is_epoch(epoch)
    value = uuid.UUID(epoch)
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert value.int >> 80 == at_us // 1000


def test_epochs_of_later_milliseconds_sort_later_and_entropy_counts() -> None:
    assert new_epoch(1_000_000, b"\xff" * 10) < new_epoch(1_001_000, b"\x00" * 10)
    made = {new_epoch(1_000_000, bytes([number] * 10)) for number in range(64)}
    assert len(made) == 64
    assert golden.EPOCH_BEFORE < golden.EPOCH


STAMPS = st.lists(st.tuples(st.sampled_from(BOOTS), st.integers(0, 10**9)), max_size=20)


@given(STAMPS)
def test_the_timeline_never_goes_back(stamps: list[tuple[str, int]]) -> None:
    subject = Timeline()
    for boot, up_ms in stamps:
        longer = subject.advance(boot, up_ms)
        assert longer.elapsed_ms == subject.at(boot, up_ms) >= subject.elapsed_ms
        subject = longer


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), max_size=4))
def test_the_timeline_is_the_sum_of_the_boots(boots: list[list[int]]) -> None:
    subject = Timeline()
    for number, stamps in enumerate(boots):
        for up_ms in stamps:
            subject = subject.advance(f"boot-{number}", up_ms)
    assert subject.elapsed_ms == sum(max(stamps) for stamps in boots)


def test_a_span_across_a_restart_counts_both_boots() -> None:
    before = Timeline().advance(BOOTS[0], 60_000)
    after = before.advance(BOOTS[0], 90_000).advance(BOOTS[1], 41_000)
    assert after.elapsed_ms - before.elapsed_ms == 30_000 + 41_000
    assert after.at(BOOTS[1], 42_000) - after.elapsed_ms == 1_000
