"""HTTP/1.1 messages as the hostile proxy needs them: whole, in order, and writable with a false length."""

import contextlib
import http.client
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

HEAD_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 64 * 1024 * 1024
# Of one hop (RFC 9110, 7.6.1), or written anew because the body may have changed.
NOT_FORWARDED = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "proxy-connection", "transfer-encoding"}
)
NO_BODY = frozenset({204, 304})


class LineError(ConnectionError):
    """A peer broke off, or did not speak HTTP."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was read, its body whole.

    Args:
        method: As sent.
        target: As sent.
        headers: Name and value, in order, without those of one hop.
        body: Freed from chunking, not from Content-Encoding.
        index: Counts POSTs from 0; -1 for other methods.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    index: int = -1

    def to_bytes(self, claimed_length: int | None = None) -> bytes:
        """The request for the upstream, which shall close afterwards; the length may be a lie."""
        length = len(self.body) if claimed_length is None else claimed_length
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{n}: {v}" for n, v in self.headers)]
        if self.body or length or self.method == "POST":
            lines.append(f"Content-Length: {length}")
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, from the upstream or invented."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def to_bytes(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *(f"{n}: {v}" for n, v in self.headers)]
        if self.status not in NO_BODY:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def read_request(stream: BinaryIO, go_on: Callable[[], None]) -> Request | None:
    """Reads one request; None when the client has no more.

    Args:
        stream: The client's bytes.
        go_on: Called before the body when the client waits for `100 Continue`.

    Raises:
        LineError: when the client breaks off or does not speak HTTP.
    """
    start = stream.readline(HEAD_BYTES_MAX)
    if not start:
        return None
    words = start.decode("latin-1").split()
    try:
        method, target, _ = words
        headers = http.client.parse_headers(stream)
        length = int(headers.get("Content-Length", "0"))
    except (ValueError, http.client.HTTPException) as error:
        raise LineError(f"no HTTP request: {start[:80]!r}") from error
    if headers.get("Expect", "").lower() == "100-continue":
        go_on()
    if headers.get("Transfer-Encoding", "").lower() == "chunked":
        body = b"".join(_read_chunks(stream))
    else:
        body = _read_exactly(stream, length)
    kept = tuple((name, value) for name, value in headers.items() if name.lower() not in NOT_FORWARDED)
    return Request(method, target, kept, body)


def read_answer(upstream: socket.socket) -> Answer:
    """Reads one answer, freed from chunking.

    Raises:
        OSError: when the connection breaks.
        http.client.HTTPException: when it is not HTTP, or ends too early.
    """
    with contextlib.closing(http.client.HTTPResponse(upstream)) as response:
        response.begin()
        body = response.read()
        headers = response.getheaders()
    kept = tuple((name, value) for name, value in headers if name.lower() not in NOT_FORWARDED)
    return Answer(response.status, response.reason, kept, body)


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    if not 0 <= length <= BODY_BYTES_MAX:
        raise LineError(f"a body of {length} bytes, at most {BODY_BYTES_MAX}")
    body = stream.read(length)
    if len(body) < length:
        raise LineError(f"the client broke off at byte {len(body)} of {length}")
    return body


def _read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    left = BODY_BYTES_MAX
    while True:
        try:
            size = int(stream.readline(HEAD_BYTES_MAX).partition(b";")[0], 16)
        except ValueError as error:
            raise LineError("a chunk has no size") from error
        left -= size
        yield _read_exactly(stream, size if left >= 0 else -1)
        if stream.readline(HEAD_BYTES_MAX).strip() or size == 0:  # trailers are not expected from our client
            return
