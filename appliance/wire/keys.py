"""Ed25519 keys as JWKs (RFC 8037) named by their RFC 7638 thumbprint."""

from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64encode

from appliance.wire.errors import WireError


class PublicKey:
    """A verifying key.

    Args:
        okp: the joserfc key, public part only.
    """

    def __init__(self, okp: OKPKey) -> None:
        self.okp = okp
        self.kid: str = okp.thumbprint()

    @classmethod
    def from_jwk(cls, jwk: object) -> "PublicKey":
        """Return the key of a public JWK.

        Raises:
            WireError: it is not an Ed25519 public JWK.
        """
        if not isinstance(jwk, dict) or jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            raise WireError(reason="the key must be a JWK with kty OKP and crv Ed25519")
        if "d" in jwk:
            raise WireError(reason="a private key was given where a public one belongs")
        try:
            return cls(OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": jwk["x"]}))
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise WireError(reason=f"not an Ed25519 JWK: {error}") from error

    def jwk(self) -> dict[str, str]:
        """Return the public JWK with exactly ``crv``, ``kty`` and ``x``."""
        value: dict[str, Any] = self.okp.as_dict(private=False)
        return {"crv": "Ed25519", "kty": "OKP", "x": value["x"]}


class SigningKey:
    """A private key; it never leaves the machine it was made on.

    Args:
        okp: the joserfc key with its private part.
    """

    def __init__(self, okp: OKPKey) -> None:
        self.okp = okp
        self.public = PublicKey.from_jwk(
            {"kty": "OKP", "crv": "Ed25519", "x": okp.as_dict(private=False)["x"]}
        )

    @property
    def kid(self) -> str:
        """The RFC 7638 SHA-256 thumbprint, base64url."""
        return self.public.kid

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a new key from the system's randomness."""
        return cls._from_private(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """Return the key of a 32-byte seed; for golden files, never for a real box."""
        return cls._from_private(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_bytes(cls, data: bytes) -> "SigningKey":
        """Return the key of a private JWK as stored by :meth:`to_bytes`.

        Raises:
            WireError: the bytes are no Ed25519 private JWK, or its two parts are not one key.
        """
        try:
            jwk = orjson.loads(data)
            okp = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": jwk["x"], "d": jwk["d"]})
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise WireError(reason=f"not an Ed25519 private JWK: {error}") from error
        private = okp.private_key
        # joserfc believes ``x``; with a damaged file every signature would be refused at the center.
        if (
            not isinstance(private, Ed25519PrivateKey)
            or cls._from_private(private).public.jwk()["x"] != jwk["x"]
        ):
            raise WireError(reason="the public part of the private JWK is not that of its private part")
        return cls(okp)

    @classmethod
    def _from_private(cls, private: Ed25519PrivateKey) -> "SigningKey":
        raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        x, d = (urlsafe_b64encode(part).decode() for part in (public, raw))
        return cls(OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x, "d": d}))

    def to_bytes(self) -> bytes:
        """Return the private JWK; the caller guards it (file mode 0600)."""
        value: dict[str, Any] = self.okp.as_dict(private=True)
        members = {"crv": "Ed25519", "kty": "OKP", "x": value["x"], "d": value["d"]}
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
