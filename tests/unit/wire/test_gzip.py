import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_forge import LINES, forged_batch

from appliance.wire.batch import MAX_BYTES, compress, decompress
from appliance.wire.errors import TooLargeError, WireError

PLAIN = forged_batch(LINES[:3])
PACKED = compress(PLAIN)


def test_the_bytes_depend_on_the_content_alone() -> None:
    assert compress(PLAIN) == PACKED
    assert PACKED[:8] == bytes.fromhex("1f8b0800 00000000")  # deflate, no name, no time
    assert gzip.decompress(PACKED) == PLAIN


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_content_in_any_chunks_comes_back(data: bytes, size: int) -> None:
    packed = compress(data)
    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert decompress(chunks) == data
    assert decompress([b"", packed, b""]) == data


def test_a_foreign_gzip_of_the_same_content_is_taken() -> None:
    assert decompress([gzip.compress(PLAIN, compresslevel=1, mtime=1_700_000_000)]) == PLAIN


def test_a_truncated_gzip_is_refused() -> None:
    for length in range(len(PACKED)):
        with pytest.raises(WireError):
            decompress([PACKED[:length]])


@pytest.mark.parametrize("more", [b"\x00", b"x", b"\n", PACKED, compress(b""), b"\x1f\x8b"])
@pytest.mark.parametrize("apart", [False, True])
def test_nothing_may_follow_the_one_member(more: bytes, *, apart: bool) -> None:
    with pytest.raises(WireError, match="after the end"):
        decompress([PACKED, more] if apart else [PACKED + more])


def test_a_flipped_byte_is_refused_or_changes_nothing() -> None:
    for at in range(len(PACKED)):
        for mask in (1 << at % 8, 0xFF):
            altered = PACKED[:at] + bytes([PACKED[at] ^ mask]) + PACKED[at + 1 :]
            try:
                content = decompress([altered])
            except WireError:
                continue
            # Time, operating system and the like: they say nothing about the content.
            assert at < 10
            assert content == PLAIN


@pytest.mark.parametrize(
    "data", [b"", b"\x1f", b"plain", zlib.compress(PLAIN), PLAIN, b"\x1f\x8b\x09" + PACKED[3:]]
)
def test_what_is_no_gzip(data: bytes) -> None:
    with pytest.raises(WireError):
        decompress([data])


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_the_limit_is_inclusive(size: int) -> None:
    assert decompress([compress(b"x" * size)], max_bytes=100) == b"x" * size


@pytest.mark.parametrize("size", [101, 102, 1000, 200_000])
def test_one_byte_over_the_limit_is_too_large(size: int) -> None:
    with pytest.raises(TooLargeError) as caught:
        decompress([compress(b"x" * size)], max_bytes=100)
    assert caught.value.fields["max_bytes"] == 100


def _bomb(megabytes: int) -> Iterator[bytes]:
    """Yield a gzip of zeros, itself made without holding them."""
    deflate = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    for _ in range(megabytes):
        yield deflate.compress(zeros)
    yield deflate.flush()


def test_a_bomb_is_stopped_at_the_limit() -> None:
    whole = b"".join(_bomb(64))
    assert len(whole) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decompress([whole])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_BYTES


def test_a_stream_is_read_no_further_than_the_limit() -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for chunk in _bomb(4096):
            taken += 1
            yield chunk

    with pytest.raises(TooLargeError):
        decompress(chunks())
    # zlib holds some output back before the first bytes come; far less than the 4,096 chunks there are.
    assert taken < 64
