"""An event, its line, and the one check of a line that both sides use."""

import re
import uuid
from dataclasses import dataclass
from hashlib import sha256
from sys import intern
from typing import Any, NamedTuple

from appliance.wire.canonical import canonical, parse
from appliance.wire.errors import BadEventError
from appliance.wire.kinds import check_data
from appliance.wire.moment import Quality, is_wire_time

MAX_LINE_BYTES = 16 * 1024

_KEYS = frozenset({"seq", "epoch", "kind", "at", "clock", "boot", "up_ms", "data", "prev"})
_QUALITIES = frozenset(quality.value for quality in Quality)
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
_MAX_KIND = 64
_SHARED = ("ticket", "counter", "officer", "service", "priority")

STEP_SOURCES_THAT_MAY_GO_BACK = frozenset({"ntp", "receipt", "officer"})


@dataclass(frozen=True, slots=True)
class Draft:
    """What a decision wants recorded, before it has a place in the chain."""

    kind: str
    data: dict[str, Any]


class Event(NamedTuple):
    """One event as it stands in the journal; the members are the line's keys.

    A named tuple because one is made for every line that is checked: it costs a fifth of a frozen dataclass.
    """

    seq: int
    epoch: str
    kind: str
    at: str
    clock: str
    boot: str
    up_ms: int
    data: dict[str, Any]
    prev: str

    def to_line(self) -> bytes:
        """Return the canonical line, without the final newline."""
        return canonical(
            {
                "at": self.at,
                "boot": self.boot,
                "clock": self.clock,
                "data": self.data,
                "epoch": self.epoch,
                "kind": self.kind,
                "prev": self.prev,
                "seq": self.seq,
                "up_ms": self.up_ms,
            }
        )


def line_hash(line: bytes) -> str:
    """Return the hex SHA-256 of a line (without newline): the event's hash."""
    return sha256(line).hexdigest()


def is_hash(value: object) -> bool:
    """Whether a value is a hex SHA-256."""
    return isinstance(value, str) and _HASH.match(value) is not None


def is_epoch(value: object) -> bool:
    """Whether a value is a UUIDv7 in lower case."""
    return isinstance(value, str) and _UUID7.match(value) is not None


def new_epoch(at_us: int, entropy: bytes) -> str:
    """Return a UUIDv7 (RFC 9562) for this wall time.

    Args:
        at_us: microseconds since 1970, UTC.
        entropy: ten random bytes.
    """
    value = ((at_us // 1000) & (2**48 - 1)) << 80 | int.from_bytes(entropy[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def _refuse(field: str, reason: str, value: object) -> BadEventError:
    return BadEventError(field=field, reason=reason, value=value)


def _check_stamp(obj: dict[str, Any]) -> None:
    if not is_wire_time(obj["at"]):
        raise _refuse("at", "must be an instant in RFC 3339 UTC with six decimals and Z", obj["at"])
    if not (isinstance(obj["clock"], str) and obj["clock"] in _QUALITIES):
        raise _refuse("clock", f"must be one of {sorted(_QUALITIES)}", obj["clock"])
    if not (isinstance(obj["boot"], str) and _UUID.match(obj["boot"])):
        raise _refuse("boot", "must be a UUID", obj["boot"])
    if type(obj["up_ms"]) is not int or obj["up_ms"] < 0:
        raise _refuse("up_ms", "must be an integer of at least 0", obj["up_ms"])


def event_of(obj: dict[str, Any]) -> Event:
    """Return the event of a line's object that was checked before, or written by ourselves."""
    # Thousands of events share these words: one copy of each is kept.
    data = obj["data"]
    for name in _SHARED:
        value = data.get(name)
        if type(value) is str:
            data[name] = intern(value)
    return Event(
        obj["seq"],
        intern(obj["epoch"]),
        intern(obj["kind"]),
        obj["at"],
        intern(obj["clock"]),
        intern(obj["boot"]),
        obj["up_ms"],
        data,
        obj["prev"],
    )


def check_line(line: bytes) -> Event:
    """Check one line by itself and return its event: the same check at the journal and at the center.

    Continuity (``seq``, ``prev``, ``epoch``, ``at``) is :class:`appliance.wire.chain.Chain`'s.

    Raises:
        BadEventError: names the first field that is wrong.
    """
    if len(line) > MAX_LINE_BYTES:
        raise _refuse("$", f"a line is at most {MAX_LINE_BYTES} bytes", len(line))
    obj = parse(line)
    if obj.keys() != _KEYS:
        missing, unknown = sorted(_KEYS - obj.keys()), sorted(obj.keys() - _KEYS)
        if missing:
            raise _refuse(missing[0], "missing", None)
        raise _refuse(unknown[0], "unknown key of an event", obj[unknown[0]])
    if type(obj["seq"]) is not int or obj["seq"] < 1:
        raise _refuse("seq", "must be an integer of at least 1", obj["seq"])
    if not is_epoch(obj["epoch"]):
        raise _refuse("epoch", "must be a UUIDv7", obj["epoch"])
    kind = obj["kind"]
    if not (isinstance(kind, str) and len(kind) <= _MAX_KIND and _KIND.match(kind)):
        raise _refuse("kind", "must be dotted lower-case words", kind)
    _check_stamp(obj)
    if not is_hash(obj["prev"]):
        raise _refuse("prev", "must be 64 hex digits", obj["prev"])
    if not isinstance(obj["data"], dict):
        raise _refuse("data", "must be an object", obj["data"])
    check_data(kind, obj["data"])
    return event_of(obj)
