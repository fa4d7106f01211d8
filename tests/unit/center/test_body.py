import asyncio
from collections.abc import AsyncIterator

import pytest

from appliance.wire.batch import CONTENT_TYPE, MAX_BYTES, content_digest
from appliance.wire.errors import TooLargeError, WireError
from center import body
from center.errors import DigestError, EndlessBodyError, SlowBodyError

SENT = b"some bytes"
GOOD = content_digest(SENT)


@pytest.mark.parametrize("field", [GOOD, f"sha-512=:AAAA:, {GOOD}", f"  {GOOD} , unixsum=:AA==:"])
def test_a_good_digest_is_found_among_others(field: str) -> None:
    body.check_digest(body.sent_digest(field), SENT)
    with pytest.raises(DigestError, match="does not match"):
        body.check_digest(body.sent_digest(field), SENT + b".")


@pytest.mark.parametrize(
    "field",
    [
        None,
        "",
        "sha-256",
        "sha-256=AAAA",
        "sha-256=:AAAA:",
        "sha-256=:A:",
        "sha-512=:AAAA:",
        f"{GOOD}, {GOOD}",
        f"{GOOD},",
        GOOD.replace("sha-256", "SHA-256"),
        GOOD.replace("=:", ":=:"),
        GOOD + "; q=1",
    ],
)
def test_any_other_digest_is_refused(field: str | None) -> None:
    with pytest.raises(DigestError):
        body.sent_digest(field)


@pytest.mark.parametrize("content_type", [CONTENT_TYPE, "Application/X-NDJSON; charset=utf-8"])
def test_the_type_of_a_batch_is_known_in_any_spelling(content_type: str) -> None:
    body.check_batch_headers(content_type, " GZIP ")


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        (None, "gzip"),
        ("text/plain", "gzip"),
        (CONTENT_TYPE, None),
        (CONTENT_TYPE, "br"),
        (CONTENT_TYPE, "gzip, gzip"),
    ],
)
def test_any_other_type_or_coding_is_malformed(content_type: str | None, encoding: str | None) -> None:
    with pytest.raises(WireError):
        body.check_batch_headers(content_type, encoding)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def never() -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.Event().wait()


def read(
    parts: AsyncIterator[bytes], length: str | None = None, limit: int = 10, timeout_s: float = 30
) -> bytes:
    return asyncio.run(body.read_body(parts, length, limit, timeout_s))


def test_a_body_of_just_the_limit_is_taken() -> None:
    assert read(chunks(b"01234", b"", b"56789")) == b"0123456789"


@pytest.mark.parametrize("length", [None, "11", "nonsense", "-1"])
def test_a_larger_one_is_not(length: str | None) -> None:
    with pytest.raises(TooLargeError) as raised:
        read(chunks(b"01234", b"56789", b"x"), length)
    assert raised.value.fields["max_bytes"] == 10


def test_a_hopeless_length_is_refused_before_a_byte_is_read() -> None:
    with pytest.raises(EndlessBodyError):
        read(never(), "99999999999")


def test_reading_on_ends_at_some_point() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1_000_000

    with pytest.raises(EndlessBodyError):
        read(endless())


def test_the_limit_told_is_never_more_than_a_batch_may_have() -> None:
    with pytest.raises(TooLargeError) as raised:
        read(chunks(b"x" * 5_000_000), None, MAX_BYTES + 65_536)
    assert raised.value.fields["max_bytes"] == MAX_BYTES


def test_a_body_that_does_not_come_is_given_up() -> None:
    with pytest.raises(SlowBodyError):
        read(never(), timeout_s=0.01)
