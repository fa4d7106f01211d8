"""The hash chain: the genesis line, and continuity from one event to the next."""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.wire.canonical import canonical
from appliance.wire.errors import BadEventError, WireError
from appliance.wire.event import (
    STEP_SOURCES_THAT_MAY_GO_BACK,
    Event,
    check_line,
    is_epoch,
    is_hash,
    line_hash,
)

WIRE = 1
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


def is_local_id(value: object) -> bool:
    """Whether a value is a device, site, counter, service or officer id."""
    return isinstance(value, str) and _ID.match(value) is not None


@dataclass(frozen=True, slots=True)
class After:
    """Where an epoch begins: the last event of the epoch before it that stays valid."""

    epoch: str
    seq: int
    hash: str

    def to_json(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "hash": self.hash, "seq": self.seq}

    @classmethod
    def from_json(cls, value: object) -> "After":
        """Check and return it.

        Raises:
            WireError: a member is missing, unknown or malformed.
        """
        if not (
            isinstance(value, dict)
            and value.keys() == {"epoch", "hash", "seq"}
            and is_epoch(value["epoch"])
            and is_hash(value["hash"])
            and type(value["seq"]) is int
            and value["seq"] >= 1
        ):
            raise WireError(reason=f"after must be {{epoch, hash, seq}}, not {value!r:.80}")
        return cls(value["epoch"], value["seq"], value["hash"])


@dataclass(frozen=True, slots=True)
class Genesis:
    """The line before an epoch's first event."""

    device: str
    epoch: str
    after: After | None = None

    @classmethod
    def from_line(cls, line: bytes | str) -> "Genesis":
        """Return the genesis of its line.

        Raises:
            ValueError: the line is damaged.
        """
        try:
            value = orjson.loads(line)
            after = After.from_json(value["after"]) if "after" in value else None
            return cls(value["device"], value["epoch"], after)
        except (KeyError, TypeError) as error:
            msg = f"not a genesis line: {line!r:.80}"
            raise ValueError(msg) from error

    def line(self) -> bytes:
        """Return the canonical genesis line."""
        value: dict[str, Any] = {"device": self.device, "epoch": self.epoch, "wire": WIRE}
        if self.after is not None:
            value["after"] = self.after.to_json()
        return canonical(value)

    def hash(self) -> str:
        """Return the hex SHA-256 that the first event's ``prev`` carries."""
        return line_hash(self.line())


@dataclass(frozen=True, slots=True)
class Chain:
    """The end of a verified run of lines.

    Args:
        epoch: the epoch all lines belong to.
        seq: of the last line; 0 before the first.
        head: hash of the last line; the genesis hash before the first.
        at: ``at`` of the last line, or ``""`` when it is not known.
    """

    epoch: str
    seq: int
    head: str
    at: str = ""

    @classmethod
    def start(cls, genesis: Genesis) -> "Chain":
        """Return the chain before its first event."""
        return cls(genesis.epoch, 0, genesis.hash())

    def check(self, event: Event) -> None:
        """Check that an event continues this chain.

        Raises:
            BadEventError: names ``epoch``, ``seq``, ``prev`` or ``at``.
        """
        if event.epoch != self.epoch:
            raise BadEventError(field="epoch", reason=f"expected {self.epoch}", value=event.epoch)
        if event.seq != self.seq + 1:
            raise BadEventError(field="seq", reason=f"expected {self.seq + 1}", value=event.seq)
        if event.prev != self.head:
            raise BadEventError(field="prev", reason=f"expected {self.head}", value=event.prev)
        if not may_follow(self.at, event):
            raise BadEventError(field="at", reason=f"earlier than {self.at} before it", value=event.at)

    def extend(self, line: bytes) -> tuple["Chain", Event]:
        """Check the next line fully and return the longer chain and its event.

        Raises:
            BadEventError: the line by itself or its continuity is wrong.
        """
        event = check_line(line)
        self.check(event)
        return Chain(self.epoch, event.seq, line_hash(line), event.at), event


def may_follow(at: str, event: Event) -> bool:
    """Whether an event's ``at`` may come after ``at``: time goes back only by a named step."""
    if event.at >= at:
        return True
    return event.kind == "clock.stepped" and event.data.get("source") in STEP_SOURCES_THAT_MAY_GO_BACK
