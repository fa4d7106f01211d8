import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import (
    CENTER_KEY,
    GENESIS,
    KEY,
    LINES,
    STRANGER,
    changed,
    event_json,
    forge,
    forged_batch,
    golden,
    header_of,
    parsed,
    rechained,
    register,
    run,
)

from appliance.wire import batch
from appliance.wire.batch import MAX_BYTES, MAX_EVENTS, Header, open_batch, parse_file_name, seal
from appliance.wire.canonical import canonical
from appliance.wire.chain import After, Genesis
from appliance.wire.errors import AlteredError, BadLineError, TooLargeError, UnknownKeyError, WireError
from appliance.wire.event import line_hash

SHORT = LINES[:3]
BATCH = forged_batch(SHORT)
STEP = next(number for number, line in enumerate(LINES) if b'"clock.stepped"' in line)


def test_a_sealed_batch_opens_to_what_was_sealed() -> None:
    header = Header.from_json(header_of(SHORT))
    data = seal(header, SHORT, KEY)
    opened = open_batch(data, register())
    assert opened.header == header
    assert opened.lines == SHORT
    assert opened.events == parsed(SHORT)
    assert opened.to_bytes() == data
    assert data == BATCH


def test_a_batch_from_the_middle_opens() -> None:
    before = run(LINES[:5])
    part = LINES[5:9]
    header = replace(
        Header.from_json(header_of(LINES[:1])),
        first=6,
        last=9,
        prev=before.head,
        head=line_hash(part[-1]),
        after=None,
    )
    assert open_batch(seal(header, part, KEY), register()).events == parsed(part)


def test_an_epoch_without_a_predecessor_has_no_after() -> None:
    lines = rechained(SHORT, Genesis(golden.DEVICE, golden.EPOCH).hash())
    data = forged_batch(lines, prev=Genesis(golden.DEVICE, golden.EPOCH).hash(), after=None)
    assert open_batch(data, register()).header.after is None
    assert b"after" not in canonical(open_batch(data, register()).header.to_json())


@pytest.mark.parametrize("all_bits", [False, True])
def test_no_flip_of_any_byte_is_accepted(*, all_bits: bool) -> None:
    find = register()
    for at in range(len(BATCH)):
        mask = 0xFF if all_bits else 1 << at % 8
        with pytest.raises(WireError):
            open_batch(BATCH[:at] + bytes([BATCH[at] ^ mask]) + BATCH[at + 1 :], find)


@given(st.integers(0, len(BATCH) - 1), st.integers(1, 255))
def test_no_other_byte_is_accepted(at: int, mask: int) -> None:
    with pytest.raises(WireError):
        open_batch(BATCH[:at] + bytes([BATCH[at] ^ mask]) + BATCH[at + 1 :], register())


@given(st.integers(0, len(BATCH)), st.integers(0, 40), st.binary(max_size=40))
def test_no_replaced_stretch_is_accepted(at: int, length: int, new: bytes) -> None:
    altered = BATCH[:at] + new + BATCH[at + length :]
    if altered != BATCH:
        with pytest.raises(WireError):
            open_batch(altered, register())


@given(st.permutations(SHORT))
def test_no_other_order_is_accepted(lines: list[bytes]) -> None:
    token = BATCH.split(b"\n")[0]
    data = b"\n".join([token, *lines, b""])
    if tuple(lines) == SHORT:
        assert open_batch(data, register()).lines == SHORT
    else:
        with pytest.raises(AlteredError):
            open_batch(data, register())


@pytest.mark.parametrize(
    "lines", [(), SHORT[:2], SHORT[1:], (*SHORT, LINES[3]), (*SHORT, b""), (*SHORT, SHORT[2])]
)
def test_a_missing_or_added_line_is_altered(lines: tuple[bytes, ...]) -> None:
    token = BATCH.split(b"\n")[0]
    with pytest.raises(AlteredError):
        open_batch(b"\n".join([token, *lines, b""]), register())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        BATCH[:-1],
        b"\n" + BATCH,
        BATCH.replace(b"\n", b"\r\n"),
        BATCH.split(b"\n", 1)[1],
        "é".encode() + BATCH,
        b"a.b\n",
        b"..\n",
        b"\x1f\x8b" + BATCH,
    ],
)
def test_what_is_no_batch(data: bytes) -> None:
    with pytest.raises(WireError):
        open_batch(data, register())


@pytest.mark.parametrize(
    "changes",
    [
        {"wire": 2},
        {"wire": True},
        {"wire": "1"},
        {"wire": None},
        {"device": "a b"},
        {"device": ["tan-thanh-01"]},
        {"device": {}},
        {"device": None},
        {"epoch": "01a205cf-4740-4001-8203-040506070809"},
        {"epoch": 5},
        {"epoch": golden.EPOCH_BEFORE},
        {"first": 0},
        {"first": 2},
        {"first": "1"},
        {"first": True},
        {"first": -1, "last": 1},
        {"last": 2},
        {"last": 4},
        {"last": "3"},
        {"last": 0, "count": 0},
        {"count": 2},
        {"count": 4},
        {"count": -3},
        {"count": True},
        {"count": None},
        {"prev": "0" * 64},
        {"prev": ""},
        {"head": "0" * 64},
        {"head": line_hash(SHORT[1])},
        {"head": ""},
        {"sealed_at": "2026-11-23T00:35:00Z"},
        {"sealed_at": 5},
        {"software": ""},
        {"software": "x" * 65},
        {"software": 1},
        {"after": None},
        {"after": {}},
        {"after": {"epoch": golden.EPOCH_BEFORE, "hash": "c0" * 32, "seq": 4710}},
        {"extra": 1},
        {"hash": "0" * 64},
    ],
)
def test_a_signed_header_must_still_be_right(changes: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        open_batch(forged_batch(SHORT, **changes), register())


def test_an_epoch_does_not_follow_itself() -> None:
    after = After(golden.EPOCH, 5, "c0" * 32)
    prev = Genesis(golden.DEVICE, golden.EPOCH, after).hash()
    lines = rechained(SHORT, prev)
    with pytest.raises(WireError, match="another epoch"):
        open_batch(forged_batch(lines, prev=prev, after=after.to_json()), register())


def test_only_the_first_batch_carries_after() -> None:
    part = LINES[5:7]
    data = forged_batch(part, first=6, last=7, count=2, prev=run(LINES[:5]).head)
    with pytest.raises(WireError, match="first is 1"):
        open_batch(data, register())


def test_a_batch_from_the_middle_begins_where_its_header_says() -> None:
    data = forged_batch(LINES[5:7], first=6, last=7, count=2, prev="0" * 64, after=None)
    with pytest.raises(WireError, match="header prev"):
        open_batch(data, register())


def test_the_key_belongs_to_the_device_of_the_header() -> None:
    with pytest.raises(UnknownKeyError):
        open_batch(BATCH, register(device="tan-thanh-02"))
    with pytest.raises(UnknownKeyError):
        open_batch(BATCH, register(CENTER_KEY.public))
    with pytest.raises(UnknownKeyError):
        open_batch(forged_batch(SHORT, STRANGER), register())


def test_a_register_that_answers_with_another_key_is_not_believed() -> None:
    with pytest.raises(AlteredError):
        open_batch(BATCH, lambda _kid, _payload: STRANGER.public)


def test_the_register_is_asked_only_about_a_header_that_is_one() -> None:
    asked: list[str] = []

    def find(_kid: str, payload: dict[str, Any]) -> Any:
        asked.append(payload["device"])
        return KEY.public

    strange: tuple[Any, ...] = (["x"], {}, 5, "a b")
    for device in strange:
        with pytest.raises(WireError):
            open_batch(forged_batch(SHORT, device=device), find)
    open_batch(BATCH, find)
    assert asked == [golden.DEVICE]


def _signed(number: int, **changes: Any) -> bytes:
    lines = [event_json(at) for at in range(4)]
    lines[number].update(changes)
    chained: list[bytes] = []
    prev = GENESIS.hash()
    for line in lines:
        chained.append(canonical({**line, "prev": prev}))
        prev = line_hash(chained[-1])
    return forged_batch(chained)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("data.officer", {"kind": "ticket.held", "data": {"ticket": "2026-11-23/A/1", "counter": "q"}}),
        ("seq", {"seq": 9}),
        ("epoch", {"epoch": golden.EPOCH_BEFORE}),
        ("clock", {"clock": []}),
        ("extra", {"extra": 1}),
    ],
)
def test_a_signed_line_that_no_receiver_takes_is_named_with_its_number(
    number: int, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadLineError) as caught:
        open_batch(_signed(number, **changes), register())
    assert caught.value.line == number + 2
    assert caught.value.fields["field"] == field


@pytest.mark.parametrize("number", range(1, 4))
def test_time_going_back_is_named_at_the_line_that_goes_back(number: int) -> None:
    with pytest.raises(BadLineError) as caught:
        open_batch(_signed(number, at="2026-11-22T00:00:00.000000Z"), register())
    assert caught.value.line == number + 2
    assert caught.value.fields["field"] == "at"
    assert caught.value.key == "wire.bad_line"


def test_time_may_go_back_on_a_step() -> None:
    assert LINES[STEP] < LINES[STEP - 1]  # lines begin with `at`
    open_batch(forged_batch(LINES[: STEP + 1]), register())


def _notes(count: int, size: int = 0) -> tuple[bytes, ...]:
    note = changed(0, kind="note.made", data={"text": "x" * size})
    return rechained([note] * count, GENESIS.hash())


def test_a_batch_has_at_most_5000_events() -> None:
    lines = _notes(MAX_EVENTS + 1)
    assert MAX_EVENTS == 5000
    assert len(open_batch(forged_batch(lines[:-1]), register()).events) == MAX_EVENTS
    with pytest.raises(WireError, match="5000"):
        open_batch(forged_batch(lines), register())
    with pytest.raises(WireError, match="5000"):
        seal(replace(Header.from_json(header_of(SHORT)), last=5001, head=line_hash(lines[-1])), lines, KEY)


def _filled(total: int) -> tuple[bytes, ...]:
    """Return lines whose batch has exactly this many bytes."""

    def note(size: int) -> bytes:
        return changed(0, kind="note.made", data={"text": "x" * size})

    full = [note(16_000)] * (total // len(note(16_000)) - 1)

    def ending(size: int) -> tuple[bytes, ...]:
        return rechained([*full, note(size // 2), note(size - size // 2)], GENESIS.hash())

    return ending(total - len(forged_batch(ending(2))) + 2)


def test_a_batch_has_at_most_4_mib() -> None:
    assert MAX_BYTES == 4 * 1024 * 1024
    lines = _filled(MAX_BYTES)
    data = seal(Header.from_json(header_of(lines)), lines, KEY)
    assert len(data) == MAX_BYTES
    assert open_batch(data, register()).lines == lines


def test_one_byte_more_is_too_large() -> None:
    lines = _filled(MAX_BYTES + 1)
    with pytest.raises(TooLargeError) as caught:
        seal(Header.from_json(header_of(lines)), lines, KEY)
    assert caught.value.fields["max_bytes"] == MAX_BYTES
    with pytest.raises(TooLargeError):
        open_batch(forged_batch(lines), register())


def test_newlines_without_end_are_refused() -> None:
    with pytest.raises(WireError):
        open_batch(BATCH.split(b"\n")[0] + b"\n" * 4_000_000, register())


@pytest.mark.parametrize("lines", [(), SHORT[:2], LINES[:4]])
def test_seal_refuses_another_range_than_the_header_says(lines: tuple[bytes, ...]) -> None:
    with pytest.raises(WireError):
        seal(Header.from_json(header_of(SHORT)), lines, KEY)


def test_seal_refuses_another_head() -> None:
    with pytest.raises(WireError, match="head"):
        seal(Header.from_json(header_of(SHORT)), (*SHORT[:2], LINES[5]), KEY)


def test_seal_refuses_an_empty_batch() -> None:
    header = replace(Header.from_json(header_of(SHORT)), last=0)
    with pytest.raises(WireError):
        seal(header, (), KEY)


def test_a_payload_of_another_spelling_is_refused() -> None:
    payload = canonical(header_of(SHORT)).replace(b",", b", ")
    token = forge({"alg": "Ed25519", "kid": KEY.kid, "typ": batch.BATCH_TYPE}, payload)
    with pytest.raises(WireError, match="canonical"):
        open_batch(b"\n".join([token.encode(), *SHORT, b""]), register())


def test_the_file_name_reads_back() -> None:
    header = Header.from_json(header_of(SHORT))
    assert header.file_name == f"{golden.DEVICE}-{golden.EPOCH}-1-3.ndjson.gz"
    assert parse_file_name(header.file_name) == (golden.DEVICE, golden.EPOCH, 1, 3)
    odd = replace(header, device="-1-" + "_" * 29)
    assert parse_file_name(odd.file_name) == (odd.device, golden.EPOCH, 1, 3)


@pytest.mark.parametrize(
    "name",
    [
        "",
        f"{golden.EPOCH}-1-3.ndjson.gz",
        f"a-{golden.EPOCH}-0-3.ndjson.gz",
        f"a-{golden.EPOCH}-01-3.ndjson.gz",
        f"a-{golden.EPOCH}-1-3.ndjson",
        f"a-{golden.EPOCH}-1-3.ndjson.gz.part",
        f"a-{golden.EPOCH}-1-3.ndjson.gz\n",
        f"a-{golden.EPOCH}-1-\u0663.ndjson.gz",
        f"a-{golden.EPOCH}-1-{'9' * 5000}.ndjson.gz",
        f"../a-{golden.EPOCH}-1-3.ndjson.gz",
        f"{'a' * 33}-{golden.EPOCH}-1-3.ndjson.gz",
    ],
)
def test_what_is_no_file_name(name: str) -> None:
    assert parse_file_name(name) is None


def test_content_digest_is_that_of_rfc9530() -> None:
    # RFC 9530, appendix B.1: the digest of {"hello": "world"} and a newline.
    assert batch.content_digest(b'{"hello": "world"}\n') == (
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    )


def test_a_title_of_an_error_never_holds_the_whole_message() -> None:
    with pytest.raises(WireError) as caught:
        open_batch(forged_batch(SHORT, software="x" * 40_000), register())
    assert len(str(caught.value)) < 300
    assert re.search("software", str(caught.value))
