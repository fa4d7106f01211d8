"""The province's key for records: X25519 as a JWK (RFC 8037), named by its RFC 7638 thumbprint.

The public part is all that a box ever has; the private part is made at the center and stays there.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Final, Self

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from appliance.records.errors import RecordKeyError

KEY_BYTES: Final = 32


def to_base64url(data: bytes) -> str:
    """Return base64url without padding, as JOSE writes it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: object) -> bytes:
    """Return the bytes of base64url without padding; of one spelling only.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(text, str) or not text.isascii():
        raise ValueError("not base64url")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None
    if to_base64url(data) != text:
        raise ValueError("not base64url in its one spelling")
    return data


class RecordKey:
    """The public part: seals.

    Args:
        raw: its 32 bytes.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.key = X25519PublicKey.from_public_bytes(raw)
        x = to_base64url(raw)
        members = orjson.dumps({"crv": "X25519", "kty": "OKP", "x": x})
        self.kid: str = to_base64url(hashlib.sha256(members).digest())

    @classmethod
    def from_x(cls, x: object) -> Self:
        """Return the key of the member ``x`` of a JWK.

        Raises:
            RecordKeyError: it is none, or one with which everybody could open what it seals.
        """
        try:
            raw = from_base64url(x)
        except ValueError:
            raise RecordKeyError(reason="x is not base64url") from None
        if len(raw) != KEY_BYTES:
            raise RecordKeyError(reason=f"x has {len(raw)} bytes, not {KEY_BYTES}")
        made = cls(raw)
        try:
            X25519PrivateKey.generate().exchange(made.key)
        except ValueError:  # a point of low order: the shared secret would be zero
            raise RecordKeyError(reason="x is a point of low order") from None
        return made

    def jwk(self) -> dict[str, str]:
        """Return the public JWK, with its thumbprint."""
        return {"crv": "X25519", "kid": self.kid, "kty": "OKP", "x": to_base64url(self.raw)}


class OpeningKey:
    """The private part: opens. It never leaves the center.

    Args:
        key: the private key.
    """

    def __init__(self, key: X25519PrivateKey) -> None:
        self.key = key
        self.public = RecordKey(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the system's randomness."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the key of a private JWK as :meth:`to_bytes` wrote it.

        Raises:
            RecordKeyError: it is none, or its two parts are not one key.
        """
        try:
            jwk = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise RecordKeyError(reason="not JSON") from None
        if not isinstance(jwk, Mapping) or jwk.get("kty") != "OKP" or jwk.get("crv") != "X25519":
            raise RecordKeyError(reason="not a JWK with kty OKP and crv X25519")
        if "d" not in jwk:
            raise RecordKeyError(reason="it is the public part, which opens nothing")
        try:
            made = cls(X25519PrivateKey.from_private_bytes(from_base64url(jwk["d"])))
        except ValueError:
            raise RecordKeyError(reason="d is no private key") from None
        if jwk.get("x") != to_base64url(made.public.raw):
            raise RecordKeyError(reason="its public part is not that of its private part")
        return made

    def to_bytes(self) -> bytes:
        """Return the private JWK; the caller guards it (file mode 0600)."""
        raw = self.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        members = {**self.public.jwk(), "d": to_base64url(raw)}
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS) + b"\n"
