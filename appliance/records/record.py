"""One session of the public WiFi as it is recorded: when, which device, how much. Never where to."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from appliance.records.errors import RecordsError

MOST_ADDRESSES: Final = 32
"""Of one family. A phone has one IPv4 address and a few of IPv6, of which some change every hour."""
FIELDS: Final = ("mac", "ipv4", "ipv6", "bytes", "terms")
"""What a policy may ask for; start, end and the reason of the end are always there."""
PAD: Final = 256
"""Bytes to which a record is filled up: its length says nothing about its owner."""


@dataclass(frozen=True, slots=True)
class Record:
    """One session.

    Attributes:
        start: RFC 3339 UTC with six decimals; None when it is not known.
        end: the same.
        is_clock_trusted: whether both times were known at the end and not only supposed.
        is_resumed: whether the session was taken over from an earlier start of the gate; ``start`` is then
            when this one took it over.
        mac: hardware address, or None where the policy does not ask for it; as all that follow.
        ipv4: addresses it had.
        ipv6: the same.
        bytes_up: from the device.
        bytes_down: to it.
        terms: SHA-256 of the terms that were agreed to; None also for a session that was taken over.
        reason: why it ended: ``time``, ``idle``, ``hours``, ``quota``, ``blocked``; ``left`` when its owner
            wished so; ``renewed`` when he agreed anew; ``stopped`` when the gate was, and the device may go
            on under the next start, which is another record; ``power`` when the gate was cut off, and the
            session over when it came back.
    """

    start: str | None
    end: str | None
    is_clock_trusted: bool
    is_resumed: bool
    reason: str
    mac: str | None = None
    ipv4: tuple[str, ...] | None = None
    ipv6: tuple[str, ...] | None = None
    bytes_up: int | None = None
    bytes_down: int | None = None
    terms: str | None = None

    def only(self, fields: frozenset[str]) -> "Record":
        """Return the record with what a policy asks for, and nothing else."""
        has_bytes = "bytes" in fields
        return Record(
            self.start,
            self.end,
            self.is_clock_trusted,
            self.is_resumed,
            self.reason,
            mac=self.mac if "mac" in fields else None,
            ipv4=self.ipv4 if "ipv4" in fields else None,
            ipv6=self.ipv6 if "ipv6" in fields else None,
            bytes_up=self.bytes_up if has_bytes else None,
            bytes_down=self.bytes_down if has_bytes else None,
            terms=self.terms if "terms" in fields else None,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as it is written out."""
        return {
            "start": self.start,
            "end": self.end,
            "clock": "trusted" if self.is_clock_trusted else "untrusted",
            "resumed": self.is_resumed,
            "mac": self.mac,
            "ipv4": None if self.ipv4 is None else list(self.ipv4),
            "ipv6": None if self.ipv6 is None else list(self.ipv6),
            "bytes_up": self.bytes_up,
            "bytes_down": self.bytes_down,
            "terms": self.terms,
            "reason": self.reason,
        }

    def to_bytes(self) -> bytes:
        """Return what is sealed: JSON, filled up with spaces."""
        text = orjson.dumps({name: value for name, value in self.to_json().items() if value is not None})
        return text + b" " * (-len(text) % PAD)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Record":
        """Return the record that was sealed.

        Raises:
            RecordsError: it is none.
        """
        try:
            told = orjson.loads(data)
            return cls(
                start=told.get("start"),
                end=told.get("end"),
                is_clock_trusted=told["clock"] == "trusted",
                is_resumed=told["resumed"] is True,
                reason=told["reason"],
                mac=told.get("mac"),
                ipv4=_listed(told, "ipv4"),
                ipv6=_listed(told, "ipv6"),
                bytes_up=told.get("bytes_up"),
                bytes_down=told.get("bytes_down"),
                terms=told.get("terms"),
            )
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise RecordsError(reason=f"what was sealed is no record: {error}") from None


def _listed(told: dict[str, Any], name: str) -> tuple[str, ...] | None:
    return tuple(told[name]) if name in told else None
