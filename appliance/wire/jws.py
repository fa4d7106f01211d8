"""Compact JWS (RFC 7515) with exactly ``alg`` Ed25519 (RFC 9864), ``kid`` and ``typ``.

A verifier refuses any other member or value and takes the key from its own register, never from the message.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from appliance.wire.canonical import canonical, parse
from appliance.wire.errors import AlteredError, BadEventError, WireError
from appliance.wire.keys import PublicKey, SigningKey

ALGORITHM = "Ed25519"
MAX_TOKEN_BYTES = 64 * 1024

_KID = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, base64url

KeyFinder = Callable[[str, dict[str, Any]], PublicKey]
"""From a ``kid`` and the unverified payload to the key of its owner; raises UnknownKeyError."""


def _part(text: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise WireError(reason=f"JWS {name} is not base64url") from error
    # One spelling per value: no padding, no stray trailing bits.
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != text.encode():
        raise WireError(reason=f"JWS {name} is not base64url without padding")
    return raw


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise WireError(reason="JWS header repeats a member")
    return value


def _header(raw: bytes, typ: str) -> str:
    import json

    try:
        # Decoded here: json.loads would guess UTF-16 and UTF-32 from the bytes.
        header = json.loads(raw.decode(), object_pairs_hook=_once)
    except WireError:  # a ValueError too, but it names the fault
        raise
    except (ValueError, RecursionError) as error:
        raise WireError(reason="JWS header is not JSON") from error
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"}:
        raise WireError(reason="JWS header must have exactly alg, kid and typ")
    if header["alg"] != ALGORITHM:
        raise WireError(reason=f"JWS alg must be {ALGORITHM}, not {header['alg']!r:.80}")
    if header["typ"] != typ:
        raise WireError(reason=f"JWS typ must be {typ}, not {header['typ']!r:.80}")
    kid = header["kid"]
    if not (isinstance(kid, str) and _KID.fullmatch(kid)):
        raise WireError(reason="JWS kid must be an RFC 7638 SHA-256 thumbprint")
    return kid


def sign(payload: dict[str, Any], key: SigningKey, typ: str) -> str:
    """Return the compact JWS over the canonical form of ``payload``.

    Raises:
        BadEventError: the payload is outside the limits of the wire; no verifier would take it.
    """
    raw = canonical(payload)
    parse(raw, check_keys=False)
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": typ}
    return jws.serialize_compact(header, raw, key.okp, algorithms=[ALGORITHM])


def verify(token: str, typ: str, find_key: KeyFinder) -> dict[str, Any]:
    """Return the payload of a JWS that verifies.

    Args:
        token: the compact form.
        typ: the one ``typ`` accepted here.
        find_key: the verifier's own register.

    Raises:
        WireError: the form, header or payload is not exactly as the wire demands.
        UnknownKeyError: from ``find_key``.
        AlteredError: the signature does not verify.
    """
    if len(token) > MAX_TOKEN_BYTES or not token.isascii():
        raise WireError(reason=f"a JWS is ASCII of at most {MAX_TOKEN_BYTES} bytes")
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - RFC 7515, section 7.1
        raise WireError(reason="a compact JWS has three parts")
    kid = _header(_part(parts[0], "header"), typ)
    raw = _part(parts[1], "payload")
    _part(parts[2], "signature")
    try:
        payload = parse(raw, check_keys=False)
    except BadEventError as error:
        raise WireError(reason=f"JWS payload: {error}") from error
    key = find_key(kid, payload)
    if key.kid != kid:
        raise AlteredError(reason="the key found is not the key named")
    try:
        jws.deserialize_compact(token, key.okp, algorithms=[ALGORITHM])
    except JoseError as error:
        raise AlteredError(reason="signature does not verify") from error
    return payload


def unverified_payload(token: str) -> dict[str, Any]:
    """Return the payload without any check of the signature: only to find whose it claims to be.

    Raises:
        WireError: it is not the form of a compact JWS over an object.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MAX_TOKEN_BYTES:  # noqa: PLR2004 - RFC 7515
        raise WireError(reason="a compact JWS has three parts")
    try:
        value = orjson.loads(_part(parts[1], "payload"))
    except orjson.JSONDecodeError as error:
        raise WireError(reason="JWS payload is not JSON") from error
    if not isinstance(value, dict):
        raise WireError(reason="JWS payload is not an object")
    return value
