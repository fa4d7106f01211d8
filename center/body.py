"""A request's body: bounded in size and time, and exactly the bytes that were sent."""

import asyncio
import base64
import hmac
import re
from collections.abc import AsyncIterator
from hashlib import sha256

from appliance.wire.batch import CONTENT_TYPE, MAX_BYTES
from appliance.wire.errors import TooLargeError, WireError
from center.errors import DigestError, EndlessBodyError, SlowBodyError

_DRAIN_BYTES = 16 * 1024 * 1024
_MEMBER = re.compile(r"(?P<name>[a-z*][a-z0-9_.*-]*)=:(?P<value>[A-Za-z0-9+/]*={0,2}):\Z")
_ALGORITHM = "sha-256"


def check_batch_headers(content_type: str | None, content_encoding: str | None) -> None:
    """Check what a batch says it is.

    Raises:
        WireError: not gzipped NDJSON.
    """
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type != CONTENT_TYPE:
        raise WireError(reason=f"Content-Type must be {CONTENT_TYPE}, not {media_type or 'absent'}")
    if (content_encoding or "").strip().lower() != "gzip":
        raise WireError(reason="Content-Encoding must be gzip")


def sent_digest(field: str | None) -> bytes:
    """Return the SHA-256 a Content-Digest field (RFC 9530) states; other algorithms are passed over.

    Raises:
        DigestError: missing or malformed.
    """
    if not field:
        raise DigestError(reason="missing")
    found: bytes | None = None
    for member in field.split(","):
        match = _MEMBER.match(member.strip(" \t"))
        if match is None:
            raise DigestError(reason=f"malformed: {field[:120]!r}")
        if match["name"] == _ALGORITHM:
            if found is not None:
                raise DigestError(reason=f"{_ALGORITHM} is given twice")
            found = _decode(match["value"])
    if found is None:
        raise DigestError(reason=f"must have {_ALGORITHM}")
    return found


def _decode(value: str) -> bytes:
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError as error:
        raise DigestError(reason=f"{_ALGORITHM} is not base64") from error
    if len(digest) != sha256().digest_size:
        raise DigestError(reason=f"{_ALGORITHM} has {len(digest)} bytes instead of {sha256().digest_size}")
    return digest


def check_digest(digest: bytes, body: bytes) -> None:
    """Check that the bytes came as they were sent.

    Raises:
        DigestError: they did not.
    """
    if not hmac.compare_digest(digest, sha256(body).digest()):
        raise DigestError(reason=f"does not match the {len(body)} bytes that came")


async def read_body(
    chunks: AsyncIterator[bytes], length: str | None, max_bytes: int, timeout_s: float
) -> bytes:
    """Return a whole body.

    A body that is too large is read on and thrown away for a while: a client that is still sending would
    otherwise see a broken connection instead of the answer.

    Args:
        chunks: the body as it arrives.
        length: the Content-Length field, or None.
        max_bytes: the largest body taken.
        timeout_s: seconds it may take.

    Raises:
        TooLargeError: it is larger; EndlessBodyError when so large that it was not read to its end.
        SlowBodyError: it took longer.
    """
    told = min(max_bytes, MAX_BYTES)
    announced = int(length) if length is not None and length.isdecimal() else 0
    if announced > max_bytes + _DRAIN_BYTES:
        raise EndlessBodyError(max_bytes=told)
    body = bytearray()
    size = 0
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in chunks:
                size += len(chunk)
                if size <= max_bytes:
                    body += chunk
                    continue
                body.clear()
                if size > max_bytes + _DRAIN_BYTES:
                    raise EndlessBodyError(max_bytes=told)
    except TimeoutError as error:
        raise SlowBodyError(seconds=timeout_s) from error
    if size > max_bytes:
        raise TooLargeError(max_bytes=told)
    return bytes(body)
