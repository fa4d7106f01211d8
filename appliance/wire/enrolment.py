"""Enrolment: a box proves it holds a key and a claim made for it; the center answers with what it is.

One of two cases in which the key comes from the message: the request is signed by the key in its payload, and
the one-time claim is what makes it ours.
"""

import re
from dataclasses import dataclass
from typing import Any

from appliance.wire import jws
from appliance.wire.chain import is_local_id
from appliance.wire.errors import UnknownKeyError, WireError
from appliance.wire.keys import PublicKey, SigningKey
from appliance.wire.schema import TEXT

ENROLMENT_TYPE = "motcua-enrolment+jws"
ENROLLED_TYPE = "motcua-enrolled+jws"
ROLES = frozenset({"office", "hotspot", "display"})
_KEYS = frozenset({"center", "claim", "key", "serial", "board", "software"})
_SECRET = re.compile(r"[!-~]{1,128}")  # printable: it is typed, printed and put in a file


@dataclass(frozen=True, slots=True)
class Claim:
    """``<device>.<secret>``: one-time, expiring, made beforehand for one device of one site."""

    device: str
    secret: str

    def __str__(self) -> str:
        return f"{self.device}.{self.secret}"

    @classmethod
    def parse(cls, text: object) -> "Claim":
        """Return the claim of its text.

        Raises:
            WireError: it is not ``<device>.<secret>``.
        """
        device, dot, secret = text.partition(".") if isinstance(text, str) else ("", "", "")
        if not (dot and is_local_id(device) and _SECRET.fullmatch(secret)):
            raise WireError(reason="a claim is <device>.<secret>")
        return cls(device, secret)


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """What a box sends once; ``center`` is the URL it is meant for."""

    center: str
    claim: Claim
    key: PublicKey
    serial: str
    board: str
    software: str

    def sign(self, key: SigningKey) -> str:
        """Return the compact JWS, signed by the key it carries."""
        payload: dict[str, Any] = {
            "center": self.center,
            "claim": str(self.claim),
            "key": self.key.jwk(),
            "serial": self.serial,
            "board": self.board,
            "software": self.software,
        }
        return jws.sign(payload, key, ENROLMENT_TYPE)

    @classmethod
    def verify(cls, token: str) -> "EnrolmentRequest":
        """Return the request of a token signed by the key in its payload.

        Raises:
            WireError: malformed or altered.
        """
        payload = jws.verify(token, ENROLMENT_TYPE, _own_key)
        if payload.keys() != _KEYS:
            raise WireError(
                reason=f"enrolment members {sorted(payload.keys() ^ _KEYS)} are missing or unknown"
            )
        for name in ("center", "serial", "board", "software"):
            if not TEXT.accepts(payload[name]):
                raise WireError(reason=f"enrolment {name} must be {TEXT.words}")
        return cls(
            center=payload["center"],
            claim=Claim.parse(payload["claim"]),
            key=PublicKey.from_jwk(payload["key"]),
            serial=payload["serial"],
            board=payload["board"],
            software=payload["software"],
        )


def _own_key(_kid: str, payload: dict[str, Any]) -> PublicKey:
    return PublicKey.from_jwk(payload.get("key"))


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The center's answer, signed by its root key, which is among ``center_keys``."""

    device: str
    site: str
    role: str
    center_keys: tuple[PublicKey, ...]

    def sign(self, root: SigningKey) -> str:
        """Return the compact JWS."""
        payload: dict[str, Any] = {
            "device": self.device,
            "site": self.site,
            "role": self.role,
            "center_keys": [key.jwk() for key in self.center_keys],
        }
        return jws.sign(payload, root, ENROLLED_TYPE)

    @classmethod
    def verify(cls, token: str, root_thumbprint: str) -> "Enrolled":
        """Return the answer of a token signed by the root key whose thumbprint is pinned.

        Raises:
            WireError: malformed, another root key, or altered.
        """

        def pinned(kid: str, payload: dict[str, Any]) -> PublicKey:
            for jwk in _keys(payload):
                key = PublicKey.from_jwk(jwk)
                if key.kid == root_thumbprint == kid:
                    return key
            raise UnknownKeyError(kid=kid, reason="not the pinned root key of the center")

        payload = jws.verify(token, ENROLLED_TYPE, pinned)
        if not (
            is_local_id(payload.get("device"))
            and is_local_id(payload.get("site"))
            and isinstance(payload.get("role"), str)
            and payload["role"] in ROLES
        ):
            raise WireError(reason="enrolled device, site or role is wrong")
        return cls(
            payload["device"],
            payload["site"],
            payload["role"],
            tuple(PublicKey.from_jwk(jwk) for jwk in _keys(payload)),
        )


def _keys(payload: dict[str, Any]) -> list[Any]:
    keys = payload.get("center_keys")
    if not isinstance(keys, list):
        raise WireError(reason="center_keys must be a list of JWKs")
    return keys
