"""Compact JWS (RFC 7515) as the wire narrows it, and the keys an auditor was given."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit_line import Json, RefusedError, read_object
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALGORITHM = "Ed25519"
SEGMENTS = 3


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Bytes of base64url without padding.

    Raises:
        RefusedError: `base64url` for padding, another alphabet, or spare bits that are not zero, for which
            two spellings of the same bytes would exist.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError("base64url", f"{text[:40]!r} is not base64url without padding") from None
    if encode(data) != text:
        raise RefusedError("base64url", f"{text[:40]!r} is not the only spelling of its bytes")
    return data


@dataclass(frozen=True, slots=True)
class Key:
    """A public key an auditor trusts.

    Args:
        kid: RFC 7638 SHA-256 thumbprint, base64url.
        public: The Ed25519 key.
        owner: Id of the device or center it belongs to, None when the auditor did not say.
    """

    kid: str
    public: Ed25519PublicKey
    owner: str | None


def thumbprint(jwk: dict[str, Json]) -> str:
    """RFC 7638 (with the members RFC 8037 names for OKP): SHA-256 over crv, kty and x alone."""
    members = {name: jwk[name] for name in ("crv", "kty", "x")}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return encode(hashlib.sha256(text.encode()).digest())


def read_key(jwk: Json, owner: str | None) -> Key:
    """Takes a public OKP key from a JWK (RFC 8037).

    Raises:
        RefusedError: `jwk` when it is anything but a public Ed25519 key.
    """
    if not isinstance(jwk, dict) or jwk.get("kty") != "OKP" or jwk.get("crv") != ALGORITHM:
        raise RefusedError("jwk", "not an OKP key on Ed25519")
    if "d" in jwk:
        raise RefusedError("jwk", "holds the private member d: give the public key only")
    x = jwk.get("x")
    if not isinstance(x, str):
        raise RefusedError("jwk", "has no x")
    try:
        public = Ed25519PublicKey.from_public_bytes(decode(x))
    except ValueError as error:
        raise RefusedError("jwk", f"x: {error}") from None
    return Key(thumbprint(jwk), public, owner)


def read_keys(argument: str) -> Iterator[Key]:
    """Keys of one `--jwk [OWNER=]FILE`; the file holds a JWK or a JWK set.

    Raises:
        RefusedError: `jwk` for a file without usable keys.
        OSError: when the file cannot be read.
    """
    owner, path = None, Path(argument)
    if "=" in argument and not path.exists():
        owner, _, name = argument.rpartition("=")
        path = Path(name)
    try:
        read: Json = json.loads(path.read_bytes())
    except ValueError as error:
        raise RefusedError("jwk", str(error)) from None
    keys = read.get("keys", [read]) if isinstance(read, dict) else [read]
    for jwk in keys if isinstance(keys, list) else [keys]:
        yield read_key(jwk, owner)


@dataclass(frozen=True, slots=True)
class Seal:
    """A JWS taken apart.

    Args:
        payload: The signed bytes.
        key: The key its `kid` names in the auditor's register, None when there is none.
        faults: What is wrong with header or signature, as (rule, reason).
    """

    payload: bytes
    key: Key | None
    faults: tuple[tuple[str, str], ...]


def _header_faults(header: dict[str, Json], typ: str) -> Iterator[tuple[str, str]]:
    if header.get("alg") != ALGORITHM:
        yield "alg", f"alg is {header.get('alg')!r}, only {ALGORITHM!r} is taken"
    if header.get("typ") != typ:
        yield "typ", f"typ is {header.get('typ')!r}, not {typ!r}"
    for name in sorted(header.keys() - {"alg", "kid", "typ"}):
        yield "jws-member", f"the protected header has the member {name!r}"


def open_seal(compact: bytes, typ: str, keys: dict[str, Key]) -> Seal:
    """Takes a compact JWS apart and verifies it, without stopping at the first fault of header or signature.

    Args:
        compact: The JWS, without newline.
        typ: The `typ` it must have.
        keys: The register, by thumbprint; the message's own idea of a key is never asked.

    Raises:
        RefusedError: when there is no payload to speak of: not three segments, not base64url, not JSON.
    """
    try:
        segments = compact.decode("ascii").split(".")
    except UnicodeDecodeError:
        raise RefusedError("jws", "not ASCII") from None
    if len(segments) != SEGMENTS:
        raise RefusedError("jws", f"{len(segments)} segments, a compact JWS has {SEGMENTS}")
    header = read_object(decode(segments[0]))
    payload = decode(segments[1])
    faults = list(_header_faults(header, typ))
    kid = header.get("kid")
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        faults.append(("kid", f"kid {kid!r} is the thumbprint of none of the given keys"))
    else:
        try:
            # The signing input is the ASCII of the first two segments as they were sent.
            key.public.verify(decode(segments[2]), f"{segments[0]}.{segments[1]}".encode("ascii"))
        except InvalidSignature:
            faults.append(("signature", f"does not verify under {key.kid}"))
        except RefusedError as error:
            faults.append((error.key, f"signature: {error.reason}"))
    return Seal(payload, key, tuple(faults))
