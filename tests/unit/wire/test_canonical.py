import json
import unicodedata
from datetime import UTC, date, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import LINES, refused

from appliance.wire.canonical import MAX_DEPTH, MAX_INTEGER, canonical, parse
from appliance.wire.errors import BadEventError, WireError

TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=6)


@given(OBJECTS)
def test_agrees_with_rfc8785(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(OBJECTS)
def test_reads_back_what_it_wrote(value: dict[str, Any]) -> None:
    assert parse(canonical(value)) == value


@given(OBJECTS, st.booleans(), st.booleans(), st.sampled_from([None, 1]), st.booleans())
def test_accepts_only_the_canonical_spelling(
    value: dict[str, Any],
    sort: bool,
    escape: bool,
    indent: int | None,
    tight: bool,
) -> None:
    separators = (",", ":") if tight else (", ", ": ")
    text = json.dumps(value, sort_keys=sort, ensure_ascii=escape, indent=indent, separators=separators)
    if text.encode() == rfc8785.dumps(value):
        assert parse(text.encode()) == value
    else:
        with refused("$"):
            parse(text.encode())


@given(st.sampled_from(LINES), st.data())
def test_what_parses_after_a_change_is_canonical_by_the_oracle(line: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line) - 1))
    altered = line[:at] + data.draw(st.binary(max_size=3)) + line[at + data.draw(st.integers(0, 3)) :]
    try:
        value = parse(altered)
    except WireError:
        return
    assert rfc8785.dumps(value) == altered


@pytest.mark.parametrize("number", [*range(0x20), 0x22, 0x5C, 0x2F, 0x7F, 0x80, 0xA0, 0x2028, 0x2029, 0xFEFF])
def test_special_characters_are_spelled_as_rfc8785_says(number: int) -> None:
    value = {"a": f"x{chr(number)}y"}
    assert canonical(value) == rfc8785.dumps(value)
    assert parse(canonical(value)) == value


@pytest.mark.parametrize("text", ["\U0001f600", "\U0010ffff", "\uffff", "\ud7ff", "Xã Tân Thành", "đ", "𠮷"])
def test_all_planes_are_plain_utf8(text: str) -> None:
    assert canonical({"a": text}) == b'{"a":"' + text.encode() + b'"}'
    assert parse(canonical({"a": text})) == {"a": text}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"{}\n",
        b" {}",
        b"{} ",
        b"{}{}",
        b"\xef\xbb\xbf{}",
        b"[]",
        b"1",
        b'"a"',
        b"null",
        b'{"a": 1}',
        b'{"a":1 }',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\\u0008"}',
        b'{"a":"\\u007f"}',
        b'{"a":"\x01"}',
        b'{"a":"\n"}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\\ud83d\\ude00"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc0\xaf"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xf4\x90\x80\x80"}',
        b'{"\\u0061":1}',
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":-0}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":TRUE}',
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":1/**/}',
        b'{"a":1}\x00',
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        "{}".encode("utf-16"),
    ],
)
def test_refuses_what_is_not_the_canonical_form_of_an_object(data: bytes) -> None:
    with refused("$"):
        parse(data)


@pytest.mark.parametrize("number", [b"1.0", b"1e2", b"-0.0", b"0.5", b"12345678901234567890123", b"1E400"])
def test_refuses_floats(number: bytes) -> None:
    with pytest.raises(BadEventError):
        parse(b'{"a":' + number + b"}")


@pytest.mark.parametrize("sign", [1, -1])
def test_integers_end_at_two_to_the_53_minus_one(sign: int) -> None:
    assert parse(b'{"a":%d}' % (sign * MAX_INTEGER)) == {"a": sign * MAX_INTEGER}
    with refused("$.a"):
        parse(b'{"a":%d}' % (sign * (MAX_INTEGER + 1)))
    with refused("$"):
        canonical({"a": sign * (MAX_INTEGER + 1)})


@pytest.mark.parametrize("text", ["a\u0300", "Vi\u00ea\u0323t", "\u212b", "\u0340", "\uf900"])
def test_refuses_text_that_is_not_nfc(text: str) -> None:
    with refused("$.data.list[1].name"):
        parse(canonical({"data": {"list": [1, {"name": text}]}}))


@pytest.mark.parametrize("key", ["", "A", "a-b", "a.b", "é", "a b", "a\n", "\u0665", "a\x00"])
def test_refuses_other_keys_and_names_where(key: str) -> None:
    with refused("$.data"):
        parse(canonical({"data": {key: 1, "good": 2}}))


def test_foreign_keys_are_printable_ascii() -> None:
    assert parse(b'{"x5t#S256":"a"}', check_keys=False) == {"x5t#S256": "a"}
    for key in ("é", "", "a\n"):
        with refused("$"):
            parse(canonical({key: 1}), check_keys=False)


def test_nesting_ends_somewhere() -> None:
    def nested(depth: int) -> bytes:
        return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)

    parse(nested(MAX_DEPTH))
    with pytest.raises(BadEventError, match="nested deeper"):
        parse(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        {1},
        b"x",
        {1: 2},
        object(),
        datetime(2026, 11, 23, tzinfo=UTC),
        date(2026, 11, 23),
    ],
)
def test_writes_nothing_json_does_not_have(value: object) -> None:
    with refused("$"):
        canonical({"a": value})


def test_a_float_that_slips_into_the_writer_is_refused_by_the_reader() -> None:
    with refused("$.a"):
        parse(canonical({"a": 1.5}))


def test_a_refused_value_is_shown_but_bounded() -> None:
    with pytest.raises(BadEventError) as caught:
        parse(canonical({"a" * 5000: {"B" * 5000: 1}}))
    assert len(str(caught.value)) < 400
