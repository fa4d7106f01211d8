"""Lines of sealed records, and the chain that they are.

A line is one canonical JSON object:

    {"chain":ID,"device":ID,"key":THUMBPRINT,"missed":N,"prev":HASH,"sealed":BASE64URL,"seq":N}

``prev`` is the SHA-256 of the line before, without its newline; before the first, that of
``{"chain":ID,"device":ID}``. ``missed`` counts the sessions since the line before that could not be recorded.
``sealed`` is HPKE (RFC 9180) in base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
ChaCha20-Poly1305, encapsulated key before ciphertext. Its ``info`` is the line without ``sealed``: what was
sealed for one place of one chain opens at no other. Each line has a key of its own, whose private part nobody
keeps: whoever wrote a line cannot read it.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from appliance.records.errors import RecordsError, SealedForAnotherError
from appliance.records.keys import OpeningKey, RecordKey, from_base64url, to_base64url
from appliance.records.record import Record
from appliance.wire.canonical import canonical, parse
from appliance.wire.chain import is_local_id
from appliance.wire.errors import WireError

MOST_LINE: Final = 8_192
"""Bytes. A record with every address it may have is half of that."""
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_MEMBERS: Final = {"chain", "device", "key", "missed", "prev", "sealed", "seq"}
_CHAIN: Final = re.compile(r"[0-9a-f]{16}\Z")
_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")
_KID: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def line_hash(line: bytes) -> str:
    """Return the hex SHA-256 of a line without its newline."""
    return hashlib.sha256(line).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """The end of a chain: what the next line goes on from.

    Attributes:
        chain: id of the chain, 16 hex digits, drawn when it begins.
        device: the box.
        seq: of the last line; 0 before the first.
        head: hash of the last line.
    """

    chain: str
    device: str
    seq: int
    head: str

    @classmethod
    def start(cls, chain: str, device: str) -> "Link":
        """Return the chain before its first line."""
        return cls(chain, device, 0, line_hash(canonical({"chain": chain, "device": device})))


@dataclass(frozen=True, slots=True)
class Line:
    """One sealed record in its place."""

    chain: str
    device: str
    seq: int
    prev: str
    key: str
    missed: int
    sealed: bytes

    @classmethod
    def of(cls, data: bytes) -> "Line":
        """Return the line of bytes, checked by itself.

        Raises:
            RecordsError: it is none.
        """
        if len(data) > MOST_LINE:
            raise RecordsError(reason=f"longer than {MOST_LINE} bytes")
        try:
            told = parse(data)
        except WireError as error:
            raise RecordsError(reason=f"not a line of records: {error}") from None
        if told.keys() != _MEMBERS or not _is_well_formed(told):
            raise RecordsError(reason="not a line of records: members missing, unknown or malformed")
        try:
            sealed = from_base64url(told["sealed"])
        except ValueError:
            raise RecordsError(reason="not a line of records: sealed is not base64url") from None
        return cls(
            told["chain"], told["device"], told["seq"], told["prev"], told["key"], told["missed"], sealed
        )

    def to_bytes(self) -> bytes:
        """Return it as it stands in its file, without newline."""
        return canonical({**self._around(), "sealed": to_base64url(self.sealed)})

    def after(self) -> Link:
        """Return the chain's end with this line."""
        return Link(self.chain, self.device, self.seq, line_hash(self.to_bytes()))

    def follows(self, link: Link) -> str | None:
        """Return why this is not the line after ``link``; None if it is."""
        if (self.chain, self.device) != (link.chain, link.device):
            return f"belongs to chain {self.chain} of {self.device}, not to {link.chain} of {link.device}"
        if self.seq != link.seq + 1:
            return f"has number {self.seq} where {link.seq + 1} was expected"
        if self.prev != link.head:
            return "does not go on from the line before it: one of the two was altered"
        return None

    def open(self, key: OpeningKey) -> Record:
        """Return what was sealed.

        Raises:
            SealedForAnotherError: another key opens it.
            RecordsError: it was altered.
        """
        if self.key != key.public.kid:
            raise SealedForAnotherError
        try:
            # Nothing but what was sealed in this very place opens.
            plain = _SUITE.decrypt(self.sealed, key.key, info=canonical(self._around()))
        except (InvalidTag, ValueError):
            raise RecordsError(reason="what is sealed was altered, or belongs elsewhere") from None
        return Record.from_bytes(plain)

    def _around(self) -> dict[str, Any]:
        return {
            "chain": self.chain,
            "device": self.device,
            "key": self.key,
            "missed": self.missed,
            "prev": self.prev,
            "seq": self.seq,
        }


def sealed(record: Record, key: RecordKey, link: Link, missed: int = 0) -> Line:
    """Return the next line of a chain.

    Args:
        record: what to seal.
        key: the province's.
        link: the chain so far.
        missed: sessions since the line before that could not be recorded.
    """
    bare = Line(link.chain, link.device, link.seq + 1, link.head, key.kid, missed, b"")
    content = _SUITE.encrypt(record.to_bytes(), key.key, info=canonical(bare._around()))  # noqa: SLF001 - ours
    return Line(bare.chain, bare.device, bare.seq, bare.prev, bare.key, missed, content)


def _is_well_formed(told: dict[str, Any]) -> bool:
    patterns = (("chain", _CHAIN), ("prev", _HASH), ("key", _KID))
    return (
        all(isinstance(told[name], str) and pattern.match(told[name]) for name, pattern in patterns)
        and is_local_id(told["device"])
        and all(type(told[name]) is int for name in ("seq", "missed"))
        and told["seq"] >= 1
        and told["missed"] >= 0
    )
