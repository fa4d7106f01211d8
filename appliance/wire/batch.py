"""A batch: a signed header and the lines it covers, the same bytes over any carrier."""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from appliance.wire import jws
from appliance.wire.chain import WIRE, After, Genesis, is_local_id, may_follow
from appliance.wire.errors import AlteredError, BadEventError, BadLineError, TooLargeError, WireError
from appliance.wire.event import Event, check_line, is_epoch, is_hash, line_hash
from appliance.wire.keys import PublicKey, SigningKey
from appliance.wire.moment import is_wire_time

BATCH_TYPE = "motcua-batch+jws"
CONTENT_TYPE = "application/x-ndjson"
MAX_EVENTS = 5_000
MAX_BYTES = 4 * 1024 * 1024  # uncompressed, the whole file
_CHUNK = 64 * 1024
_TEXT = 64
_FILE = re.compile(
    r"(?P<device>[A-Za-z0-9_-]{1,32})-(?P<epoch>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"-(?P<first>[1-9][0-9]{0,15})-(?P<last>[1-9][0-9]{0,15})\.ndjson\.gz"
)
_KEYS = frozenset(
    {"wire", "device", "epoch", "first", "last", "count", "prev", "head", "sealed_at", "software"}
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the signature is over; the members are the header's keys."""

    device: str
    epoch: str
    first: int
    last: int
    prev: str
    head: str
    sealed_at: str
    software: str
    after: After | None = None

    @property
    def count(self) -> int:
        """How many events the range holds."""
        return self.last - self.first + 1

    @property
    def file_name(self) -> str:
        """The name of a file of exactly these bytes, gzipped."""
        return f"{self.device}-{self.epoch}-{self.first}-{self.last}.ndjson.gz"

    def to_json(self) -> dict[str, Any]:
        """Return the object whose canonical form is signed."""
        value: dict[str, Any] = {
            "wire": WIRE,
            "device": self.device,
            "epoch": self.epoch,
            "first": self.first,
            "last": self.last,
            "count": self.count,
            "prev": self.prev,
            "head": self.head,
            "sealed_at": self.sealed_at,
            "software": self.software,
        }
        if self.after is not None:
            value["after"] = self.after.to_json()
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Header":
        """Check a header by itself and return it.

        Raises:
            WireError: a member is missing, unknown or wrong.
        """
        if value.get("wire") != WIRE or type(value.get("wire")) is not int:
            raise WireError(reason=f"header wire must be {WIRE}")
        if value.keys() - {"after"} != _KEYS:
            raise WireError(reason=f"header members {sorted(value.keys() ^ _KEYS)} are missing or unknown")
        checks = {
            "device": is_local_id(value["device"]),
            "epoch": is_epoch(value["epoch"]),
            "first": type(value["first"]) is int and value["first"] >= 1,
            "last": type(value["last"]) is int,
            "count": type(value["count"]) is int,
            "prev": is_hash(value["prev"]),
            "head": is_hash(value["head"]),
            "software": isinstance(value["software"], str) and 0 < len(value["software"]) <= _TEXT,
            "sealed_at": is_wire_time(value["sealed_at"]),
        }
        for name, good in checks.items():
            if not good:
                raise WireError(reason=f"header {name} is wrong: {value[name]!r:.80}")
        after = After.from_json(value["after"]) if "after" in value else None
        header = cls(
            device=value["device"],
            epoch=value["epoch"],
            first=value["first"],
            last=value["last"],
            prev=value["prev"],
            head=value["head"],
            sealed_at=value["sealed_at"],
            software=value["software"],
            after=after,
        )
        header.check_range(value["count"])
        return header

    def check_range(self, count: int) -> None:
        """Check the range against itself and the genesis.

        Raises:
            WireError: empty, over the limit, miscounted, ``after`` or ``prev`` out of place.
        """
        if count != self.count or not 1 <= count <= MAX_EVENTS:
            raise WireError(reason=f"header count {count} must be last − first + 1, from 1 to {MAX_EVENTS}")
        if self.first != 1 and self.after is not None:
            raise WireError(reason="header after belongs to the batch whose first is 1")
        if self.after is not None and self.after.epoch == self.epoch:
            raise WireError(reason="header after must name another epoch than the batch's own")
        if self.first == 1 and self.prev != Genesis(self.device, self.epoch, self.after).hash():
            raise WireError(reason="header prev must be the genesis hash when first is 1")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch whose signature and chain were verified.

    Args:
        header: the signed header.
        token: the JWS as it came.
        lines: the events' lines without newline, in order.
        events: the same, parsed.
    """

    header: Header
    token: str
    lines: tuple[bytes, ...]
    events: tuple[Event, ...]

    def to_bytes(self) -> bytes:
        """Return the uncompressed bytes, exactly as sealed."""
        return assemble(self.token, self.lines)


def assemble(token: str, lines: Iterable[bytes]) -> bytes:
    """Return the file of a token and its lines."""
    return b"\n".join([token.encode(), *lines, b""])


def seal(header: Header, lines: Sequence[bytes], key: SigningKey) -> bytes:
    """Return the uncompressed bytes of a batch.

    Raises:
        WireError: the header's range is not that of the lines.
        TooLargeError: the lines are more than a receiver takes; seal fewer.
    """
    header.check_range(len(lines))
    if line_hash(lines[-1]) != header.head:
        raise WireError(reason="header head is not the hash of the last line")
    data = assemble(jws.sign(header.to_json(), key, BATCH_TYPE), lines)
    if len(data) > MAX_BYTES:
        raise TooLargeError(max_bytes=MAX_BYTES)
    return data


def compress(data: bytes) -> bytes:
    """Return gzip bytes that depend on the content alone (no time, no name)."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def content_digest(body: bytes) -> str:
    """Return the Content-Digest field (RFC 9530) over the bytes as sent."""
    import base64

    return f"sha-256=:{base64.b64encode(sha256(body).digest()).decode()}:"


def decompress(chunks: Iterable[bytes], max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of one gzip member, bounded while streaming.

    Raises:
        TooLargeError: more than ``max_bytes`` come out; what came is thrown away at once.
        WireError: not gzip, cut short, or followed by something.
    """
    inflate = zlib.decompressobj(wbits=31)
    out = bytearray()
    for part in _pieces(chunks):
        if inflate.eof:
            raise WireError(reason="bytes after the end of the gzip member")
        try:
            out += inflate.decompress(part, max_bytes + 1 - len(out))
        except zlib.error as error:
            raise WireError(reason=f"not gzip: {error}") from error
        if len(out) > max_bytes:
            raise TooLargeError(max_bytes=max_bytes)
        if inflate.unused_data:
            raise WireError(reason="bytes after the end of the gzip member")
    if not inflate.eof:
        raise WireError(reason="the gzip member is cut short")
    return bytes(out)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _CHUNK):
            yield chunk[start : start + _CHUNK]


def parse_file_name(name: str) -> tuple[str, str, int, int] | None:
    """Return (device, epoch, first, last) of a batch file's name, or None."""
    match = _FILE.fullmatch(name)
    if match is None:
        return None
    return match["device"], match["epoch"], int(match["first"]), int(match["last"])


def open_batch(data: bytes, find_key: jws.KeyFinder) -> Batch:
    """Verify the bytes of an uncompressed batch by itself and return it.

    The lines are walked backwards from the signed ``head``: a line whose hash is not the expected one was
    altered on the way; one whose hash is right but whose content is wrong was signed by a device with a bug.

    Raises:
        WireError: malformed: not lines, no header, wrong count.
        UnknownKeyError, AlteredError: who signed, and whether it covers these bytes.
        BadLineError: an authentic line that no receiver may take; ``line`` counts from 1, the header's.
        TooLargeError: over the limit.
    """
    if len(data) > MAX_BYTES:
        raise TooLargeError(max_bytes=MAX_BYTES)
    if not data.endswith(b"\n"):
        raise WireError(reason="the last line does not end with a newline")
    token_bytes, *lines = data[:-1].split(b"\n", MAX_EVENTS + 1)
    try:
        token = token_bytes.decode("ascii")
    except UnicodeDecodeError as error:
        raise WireError(reason="line 1 is not a JWS") from error

    def register(kid: str, payload: dict[str, Any]) -> PublicKey:
        Header.from_json(payload)  # the register sees only names that are names
        return find_key(kid, payload)

    header = Header.from_json(jws.verify(token, BATCH_TYPE, register))
    if len(lines) != header.count:
        raise AlteredError(reason=f"{len(lines)} lines where the header says {header.count}")
    return Batch(header, token, tuple(lines), _verified_events(header, lines))


def _verified_events(header: Header, lines: Sequence[bytes]) -> tuple[Event, ...]:
    events: list[Event] = []
    expected = header.head
    seq = header.last
    for line in reversed(lines):
        number = seq - header.first + 2
        if line_hash(line) != expected:
            raise AlteredError(reason=f"line {number} is not the one that was signed")
        try:
            event = check_line(line)
            _check_place(event, header, seq)
        except BadEventError as error:
            raise BadLineError(line=number, cause=error) from error
        if events and not may_follow(event.at, events[-1]):
            late = BadEventError(field="at", reason=f"earlier than {event.at} before it", value=events[-1].at)
            raise BadLineError(line=number + 1, cause=late)
        events.append(event)
        expected = event.prev
        seq -= 1
    if expected != header.prev:
        raise WireError(reason="header prev is not the prev of the first event")
    events.reverse()
    return tuple(events)


def _check_place(event: Event, header: Header, seq: int) -> None:
    if event.epoch != header.epoch:
        raise BadEventError(field="epoch", reason=f"expected {header.epoch}", value=event.epoch)
    if event.seq != seq:
        raise BadEventError(field="seq", reason=f"expected {seq}", value=event.seq)
