"""A receipt: the center's signed word that events 1 … ``upto`` are durably stored."""

import re
from dataclasses import dataclass
from typing import Any

from appliance.wire import jws
from appliance.wire.chain import is_local_id
from appliance.wire.errors import WireError
from appliance.wire.event import is_epoch, is_hash
from appliance.wire.keys import PublicKey, SigningKey
from appliance.wire.moment import is_wire_time

RECEIPT_TYPE = "motcua-receipt+jws"
MAX_NEXT_AFTER_S = 7 * 86_400
_KEYS = frozenset({"center", "device", "epoch", "upto", "head", "at", "next_after_s", "desired"})
_FILE = re.compile(
    r"(?P<device>[A-Za-z0-9_-]{1,32})-(?P<epoch>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"-(?P<upto>0|[1-9][0-9]{0,15})\.receipt"
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The members are the receipt's keys; ``at`` is center time, ``next_after_s`` seconds."""

    center: str
    device: str
    epoch: str
    upto: int
    head: str
    at: str
    next_after_s: int
    desired: int

    def to_json(self) -> dict[str, Any]:
        """Return the object whose canonical form is signed."""
        return {
            "center": self.center,
            "device": self.device,
            "epoch": self.epoch,
            "upto": self.upto,
            "head": self.head,
            "at": self.at,
            "next_after_s": self.next_after_s,
            "desired": self.desired,
        }

    @property
    def file_name(self) -> str:
        """The name under which it travels back by USB stick."""
        return f"{self.device}-{self.epoch}-{self.upto}.receipt"

    def sign(self, key: SigningKey) -> str:
        """Return the compact JWS."""
        return jws.sign(self.to_json(), key, RECEIPT_TYPE)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Receipt":
        """Check a receipt by itself and return it; members it does not know are ignored.

        Raises:
            WireError: a member is missing or wrong.
        """
        missing = _KEYS - value.keys()
        if missing:
            raise WireError(reason=f"receipt members {sorted(missing)} are missing")
        upto = value["upto"]
        checks = {
            "center": is_local_id(value["center"]),
            "device": is_local_id(value["device"]),
            "epoch": is_epoch(value["epoch"]),
            "upto": type(upto) is int and upto >= 0,
            "head": value["head"] == "" if upto == 0 else is_hash(value["head"]),
            "at": is_wire_time(value["at"]),
            "next_after_s": type(value["next_after_s"]) is int and value["next_after_s"] >= 0,
            "desired": type(value["desired"]) is int and value["desired"] >= 0,
        }
        for name, good in checks.items():
            if not good:
                raise WireError(reason=f"receipt {name} is wrong: {value[name]!r:.80}")
        return cls(**{name: value[name] for name in _KEYS})

    @classmethod
    def verify(cls, token: str, find_key: jws.KeyFinder) -> "Receipt":
        """Return the receipt of a token that verifies under a known center key.

        Raises:
            WireError: malformed, unknown key or altered (by subclass).
        """

        def register(kid: str, payload: dict[str, Any]) -> PublicKey:
            cls.from_json(payload)  # the register sees only names that are names
            return find_key(kid, payload)

        return cls.from_json(jws.verify(token, RECEIPT_TYPE, register))


def parse_receipt_name(name: str) -> tuple[str, str, int] | None:
    """Return (device, epoch, upto) of a receipt file's name, or None."""
    match = _FILE.fullmatch(name)
    return None if match is None else (match["device"], match["epoch"], int(match["upto"]))
