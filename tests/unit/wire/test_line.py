from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import LINES, changed, event_json, refused

from appliance.wire.canonical import canonical
from appliance.wire.errors import BadEventError, WireError
from appliance.wire.event import MAX_LINE_BYTES, check_line, is_epoch, is_hash, line_hash

NINE = ("seq", "epoch", "kind", "at", "clock", "boot", "up_ms", "data", "prev")
ANY_JSON: tuple[Any, ...] = (None, True, False, -1, 0, 1, 2**53 - 1, "", "x", [], [1], {}, {"a": 1})


def test_every_golden_line_is_an_event_that_writes_itself() -> None:
    for line in LINES:
        assert check_line(line).to_line() == line
        assert set(orjson.loads(line)) == set(NINE)


@pytest.mark.parametrize("key", NINE)
def test_names_the_key_that_is_missing(key: str) -> None:
    value = event_json()
    del value[key]
    with refused(key):
        check_line(canonical(value))


@pytest.mark.parametrize("key", ["wire", "device", "a", "seq_", "hash"])
def test_an_event_has_no_tenth_key(key: str) -> None:
    with refused(key):
        check_line(changed(**{key: 1}))


@pytest.mark.parametrize("key", NINE)
def test_any_json_in_any_key_is_taken_or_refused_by_name(key: str) -> None:
    for value in ANY_JSON:
        try:
            event = check_line(changed(**{key: value}))
        except BadEventError as error:
            assert str(error.fields["field"]).split(".")[0] == key  # noqa: PT017 - both ways are right
        else:
            assert key in {"seq", "up_ms"}
            assert getattr(event, key) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seq", 0),
        ("seq", "1"),
        ("up_ms", -1),
        ("up_ms", "1"),
        ("epoch", "01a205cf-4740-4001-8203-040506070809"),
        ("epoch", "01a205cf-4740-7001-c203-040506070809"),
        ("epoch", "01A205CF-4740-7001-8203-040506070809"),
        ("epoch", "01a205cf474070018203040506070809"),
        ("epoch", "01a205cf-4740-7001-8203-040506070809\n"),
        ("kind", "ticket"),
        ("kind", "Ticket.issued"),
        ("kind", ".issued"),
        ("kind", "ticket."),
        ("kind", "ticket..issued"),
        ("kind", "ticket.issued "),
        ("kind", "ticket.íssued"),
        ("kind", "a." + "b" * 63),
        ("clock", "SYNCED"),
        ("clock", "ntp"),
        ("boot", "5b8e3a4c-1f0d-4b6e-9a57-0c2d9e41f7a"),
        ("boot", "5B8E3A4C-1f0d-4b6e-9a57-0c2d9e41f7aa"),
        ("prev", "0" * 63),
        ("prev", "A" * 64),
        ("prev", "0" * 64 + "\n"),
        ("at", "2026-11-23T00:30:00Z"),
        ("at", "2026-11-23T00:30:00.000Z"),
        ("at", "2026-11-23T00:30:00.0000000Z"),
        ("at", "2026-11-23T00:30:00.000000"),
        ("at", "2026-11-23T00:30:00.000000z"),
        ("at", "2026-11-23t00:30:00.000000Z"),
        ("at", "2026-11-23 00:30:00.000000Z"),
        ("at", "2026-11-23T00:30:00,000000Z"),
        ("at", "2026-11-23T00:30:00.000000+00:00"),
        ("at", "2026-11-23T24:00:00.000000Z"),
        ("at", "2026-11-23T23:59:60.000000Z"),
        ("at", "2026-11-23T23:60:00.000000Z"),
        ("at", "2026-02-29T00:00:00.000000Z"),
        ("at", "2026-13-01T00:00:00.000000Z"),
        ("at", "0000-01-01T00:00:00.000000Z"),
        ("at", "2026-11-23T00:30:00.00000\u0660Z"),
        ("at", "２０２６-11-23T00:30:00.000000Z"),
        ("at", "2026-11-23T00:30:00.000000Z\n"),
    ],
)
def test_refuses_a_value_outside_its_form(key: str, value: Any) -> None:
    with refused(key):
        check_line(changed(**{key: value}))


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00.000000Z",
        "1970-01-01T00:00:00.000000Z",
        "2028-02-29T23:59:59.999999Z",
        "9999-12-31T23:59:59.999999Z",
    ],
)
def test_takes_every_instant_the_calendar_has(at: str) -> None:
    assert check_line(changed(at=at)).at == at


def test_an_unknown_kind_may_say_anything() -> None:
    data = {"level": "high", "ticket": 5, "nested": [{"deep": None}]}
    assert check_line(changed(kind="elevator.stuck_again2", data=data)).data == data


def test_unknown_keys_of_data_are_kept() -> None:
    for number in range(len(LINES)):
        data = {**event_json(number)["data"], "zz_newer": {"than": ["we", 1, None]}}
        assert check_line(changed(number, data=data)).data == data


def test_a_line_is_at_most_16_kib() -> None:
    spare = MAX_LINE_BYTES - len(changed(kind="note.made", data={"text": ""}))
    assert MAX_LINE_BYTES == 16384
    longest = changed(kind="note.made", data={"text": "x" * spare})
    assert len(longest) == MAX_LINE_BYTES
    check_line(longest)
    with refused("$"):
        check_line(changed(kind="note.made", data={"text": "x" * (spare + 1)}))


def test_a_line_has_no_newline() -> None:
    with refused("$"):
        check_line(LINES[0] + b"\n")


@given(st.sampled_from(LINES), st.data(), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_the_hash(line: bytes, data: st.DataObject, mask: int) -> None:
    at = data.draw(st.integers(0, len(line) - 1))
    altered = line[:at] + bytes([line[at] ^ mask]) + line[at + 1 :]
    try:
        event = check_line(altered)
    except WireError:
        return
    assert line_hash(altered) != line_hash(line)
    assert event != check_line(line)
    assert event.to_line() == altered


@pytest.mark.parametrize("value", [None, 1, "0" * 63, "g" * 64, b"0" * 64, "0" * 65])
def test_what_is_no_hash(value: object) -> None:
    assert not is_hash(value)
    assert not is_epoch(value)
