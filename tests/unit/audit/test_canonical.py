import json

import pytest
import rfc8785
from audit_line import INTEGER_MAX, RefusedError, canonical, genesis, read_canonical, read_line, sha256
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(VALUES)
def test_canonical_form_agrees_with_another_implementation(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(st.dictionaries(TEXTS, st.none(), max_size=6))
def test_keys_are_sorted_by_utf16_units(value: dict[str, None]) -> None:
    assert canonical(dict(value)) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b'{"a":1.5}', "float"),
        (b'{"a":1e3}', "float"),
        (b'{"a":-0.0}', "float"),
        (b'{"a":NaN}', "float"),
        (b'{"a":Infinity}', "float"),
        (b'{"a":-0}', "canonical"),
        (b'{"a": 1}', "canonical"),
        (b'{"b":1,"a":2}', "canonical"),
        (b'{"a":"\\u0041"}', "canonical"),
        (b'{"a":"\\/"}', "canonical"),
        (b'{"a":"\\u000A"}', "canonical"),
        (b' {"a":1}', "canonical"),
        (b'{"a":1}\r', "canonical"),
        (b'{"a":9007199254740992}', "integer-range"),
        (b'{"a":-9007199254740992}', "integer-range"),
        (b'{"a":' + b"9" * 5000 + b"}", "integer-range"),
        (b'{"a":1,"a":1}', "duplicate-key"),
        (b'{"a":{"b":1,"b":2}}', "duplicate-key"),
        (b'{"A":1}', "key"),
        (b'{"":1}', "key"),
        (b'{"a":{"b-c":1}}', "key"),
        (b'{"a":[{"\xc3\xa9":1}]}', "key"),
        ('{"a":"Ho\u0302"}'.encode(), "nfc"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":"\xff"}', "utf8"),
        (b'\xef\xbb\xbf{"a":1}', "json"),
        (b'{"a":"\x01"}', "json"),
        (b"[1]", "json"),
        (b"7", "json"),
        (b"", "json"),
        (b'{"a":01}', "json"),
        (b'{"a":' + b"[" * 7000 + b"]" * 7000 + b"}", "depth"),
        (b'{"a":"' + b"x" * 16377 + b'"}', "line-size"),
    ],
)
def test_forbidden_bytes_are_named(line: bytes, rule: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_line(line)
    assert caught.value.key == rule
    assert caught.value.reason


def test_a_line_of_exactly_16_kib_is_read() -> None:
    line = b'{"a":"' + b"x" * (16 * 1024 - 8) + b'"}'
    assert len(line) == 16384
    assert len(str(read_line(line)["a"])) == 16376


def test_controls_and_vietnamese_keep_their_canonical_spelling() -> None:
    line = '{"a":"\\b\\t\\n\\f\\r\\u001f\\"\\\\/\x7fMột cửa"}'.encode()
    assert read_canonical(line) == json.loads(line)


def test_genesis_is_the_hash_of_the_published_line() -> None:
    line = b'{"device":"d1","epoch":"e","wire":1}'
    assert genesis("d1", "e", None) == sha256(line)
    line = b'{"after":{"epoch":"o","hash":"h","seq":3},"device":"d1","epoch":"e","wire":1}'
    assert genesis("d1", "e", {"seq": 3, "hash": "h", "epoch": "o"}) == sha256(line)
