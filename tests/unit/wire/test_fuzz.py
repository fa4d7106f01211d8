"""Whatever comes, the wire answers with a value or a WireError, never with another exception."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_forge import (
    CENTER_KEY,
    GENESIS,
    KEY,
    LINES,
    ROOT_KEY,
    changed,
    event_json,
    forge,
    forged_batch,
    golden,
    register,
)

from appliance.wire import jws
from appliance.wire.batch import BATCH_TYPE, compress, decompress, open_batch, parse_file_name
from appliance.wire.canonical import canonical
from appliance.wire.chain import After, Chain
from appliance.wire.enrolment import ENROLLED_TYPE, ENROLMENT_TYPE, Claim, Enrolled, EnrolmentRequest
from appliance.wire.errors import WireError
from appliance.wire.event import check_line
from appliance.wire.keys import PublicKey, SigningKey
from appliance.wire.receipt import RECEIPT_TYPE, Receipt, parse_receipt_name

FIND = register()
FIND_CENTER = register(CENTER_KEY.public)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)

READS_BYTES: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "check_line": (check_line, LINES[11]),
    "extend": (Chain.start(GENESIS).extend, LINES[0]),
    "open_batch": (lambda data: open_batch(data, FIND), forged_batch(LINES[:2])),
    "decompress": (lambda data: decompress([data]), compress(LINES[0])),
    "stored key": (SigningKey.from_bytes, KEY.to_bytes()),
}
READS_TEXT: dict[str, tuple[Callable[[str], object], str]] = {
    "receipt": (lambda text: Receipt.verify(text, FIND_CENTER), golden.receipts()[0].sign(CENTER_KEY)),
    "enrolment": (EnrolmentRequest.verify, golden.enrolments()["enrolment.jws"]),
    "enrolled": (lambda text: Enrolled.verify(text, ROOT_KEY.kid), golden.enrolments()["enrolled.jws"]),
    "claim": (Claim.parse, golden.enrolments()["claim.txt"]),
    "payload": (jws.unverified_payload, golden.enrolments()["enrolment.jws"]),
    "batch name": (parse_file_name, f"a-{golden.EPOCH}-1-2.ndjson.gz"),
    "receipt name": (parse_receipt_name, f"a-{golden.EPOCH}-1.receipt"),
}


@pytest.mark.parametrize("name", READS_BYTES)
@given(st.data())
def test_bytes(name: str, data: st.DataObject) -> None:
    read, good = READS_BYTES[name]
    at, end = (data.draw(st.integers(0, len(good))) for _ in range(2))
    read(good)
    for hostile in (
        data.draw(st.binary(max_size=60)),
        good[:at] + data.draw(st.binary(max_size=9)) + good[end:],
    ):
        with suppress(WireError):
            read(hostile)


@pytest.mark.parametrize("name", READS_TEXT)
@given(st.data())
def test_text(name: str, data: st.DataObject) -> None:
    read, good = READS_TEXT[name]
    at, end = (data.draw(st.integers(0, len(good))) for _ in range(2))
    any_text = st.text(st.characters(), max_size=20)  # surrogates too
    read(good)
    for hostile in (data.draw(any_text), good[:at] + data.draw(any_text) + good[end:]):
        with suppress(WireError):
            read(hostile)


@given(st.dictionaries(st.sampled_from(sorted(event_json())), JSON))
def test_an_event_of_any_json(members: dict[str, Any]) -> None:
    with suppress(WireError):
        check_line(changed(**members))


@pytest.mark.parametrize(
    ("typ", "read", "good", "key"),
    [
        (
            BATCH_TYPE,
            lambda token: open_batch(token.encode() + b"\n" + LINES[0] + b"\n", FIND),
            jws.unverified_payload(forged_batch(LINES[:1]).split(b"\n")[0].decode()),
            KEY,
        ),
        (
            RECEIPT_TYPE,
            lambda token: Receipt.verify(token, FIND_CENTER),
            golden.receipts()[0].to_json(),
            CENTER_KEY,
        ),
        (
            ENROLMENT_TYPE,
            EnrolmentRequest.verify,
            jws.unverified_payload(golden.enrolments()["enrolment.jws"]),
            KEY,
        ),
        (
            ENROLLED_TYPE,
            lambda token: Enrolled.verify(token, ROOT_KEY.kid),
            jws.unverified_payload(golden.enrolments()["enrolled.jws"]),
            ROOT_KEY,
        ),
    ],
)
@settings(max_examples=50)
@given(st.data())
def test_a_signed_payload_of_any_json(
    typ: str, read: Callable[[str], object], good: dict[str, object], key: SigningKey, data: st.DataObject
) -> None:
    header = {"alg": "Ed25519", "kid": key.kid, "typ": typ}
    read(forge(header, canonical(good), key))
    changes = data.draw(st.dictionaries(st.sampled_from([*good, "after", "extra"]), JSON))
    try:
        payload = canonical({**good, **changes})
    except WireError:
        return
    with suppress(WireError):
        read(forge(header, payload, key))


@given(JSON)
def test_parts_of_any_json(value: object) -> None:
    for read in (After.from_json, PublicKey.from_jwk, Claim.parse):
        with suppress(WireError):
            read(value)
