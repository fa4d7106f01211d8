"""Who this box is: its key, made once and here, and what the center told it at enrolment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import orjson
import structlog

from appliance.journal.journal import sync_folder, write_durably
from appliance.uplink.errors import IdentityDamagedError, NotEnrolledError, NotKeptError
from appliance.wire.enrolment import Claim, Enrolled
from appliance.wire.errors import UnknownKeyError, WireError
from appliance.wire.keys import PublicKey, SigningKey

log = structlog.get_logger(__name__)

KEY_NAME = "device.jwk"
NEXT_KEY_NAME = "device.jwk.next"
PUBLIC_NAME = "device.jwk.json"
CENTER_NAME = "center.json"
_SECRET_MODE = 0o600


@dataclass(frozen=True, slots=True)
class CenterRecord:
    """What enrolment brought; the content of ``center.json``.

    Args:
        device: this box's id.
        site: the office's id.
        role: ``office``, ``hotspot`` or ``display``.
        center: the center's id, as its receipts name it.
        url: where it is reached.
        root: RFC 7638 thumbprint of its root key, pinned by provisioning.
        keys: its keys now.
        retired: keys that it had; they still verify receipts kept from then, but no new ones.
        kid: thumbprint of the device key that was enrolled.
        claim: hex SHA-256 of the claim that enrolled it.
    """

    device: str
    site: str
    role: str
    center: str
    url: str
    root: str
    keys: tuple[PublicKey, ...]
    retired: tuple[PublicKey, ...]
    kid: str
    claim: str

    def find_key(self, kid: str, payload: dict[str, Any]) -> PublicKey:
        """Return the center's key for a fresh receipt.

        Raises:
            UnknownKeyError: not a key of this center, or retired.
        """
        return self._find(self.keys, kid, payload)

    def find_kept_key(self, kid: str, payload: dict[str, Any]) -> PublicKey:
        """Return the center's key for a receipt that was accepted in its time.

        Raises:
            UnknownKeyError: never a key of this center.
        """
        return self._find((*self.keys, *self.retired), kid, payload)

    def with_keys(self, keys: Iterable[PublicKey]) -> "CenterRecord":
        """Return the record with the center's new keys; those that are no longer among them are retired."""
        new = tuple(keys)
        kids = {key.kid for key in new}
        gone = tuple(key for key in (*self.keys, *self.retired) if key.kid not in kids)
        return replace(self, keys=new, retired=gone)

    def _find(self, keys: Iterable[PublicKey], kid: str, payload: dict[str, Any]) -> PublicKey:
        if payload.get("center") != self.center:
            raise UnknownKeyError(kid=kid, reason=f"it names the center {payload.get('center')!r:.40}")
        for key in keys:
            if key.kid == kid:
                return key
        raise UnknownKeyError(kid=kid, reason="not a key of this center")

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        value = {
            "device": self.device,
            "site": self.site,
            "role": self.role,
            "center": self.center,
            "url": self.url,
            "root": self.root,
            "keys": [key.jwk() for key in self.keys],
            "retired": [key.jwk() for key in self.retired],
            "kid": self.kid,
            "claim": self.claim,
        }
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the record of a file's content.

        Raises:
            ValueError: it is not one (WireError for a key).
        """
        value = orjson.loads(data)
        texts = ("device", "site", "role", "center", "url", "root", "kid", "claim")
        if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in texts):
            msg = f"members {texts} must be texts"
            raise ValueError(msg)
        keys, retired = (
            tuple(PublicKey.from_jwk(jwk) for jwk in value.get(name, [])) for name in ("keys", "retired")
        )
        return cls(**{name: value[name] for name in texts}, keys=keys, retired=retired)


@dataclass(frozen=True)
class Identity:
    """An enrolled box: its key and what the center told it."""

    key: SigningKey
    center: CenterRecord

    @property
    def device(self) -> str:
        """This box's id."""
        return self.center.device


class IdentityFolder:
    """The identity's files in a data folder.

    A replacement's key waits as ``device.jwk.next`` until the center took it; the record in ``center.json``
    says which of the two was enrolled, so that a power cut between the two writes is finished at the next
    start.

    Args:
        folder: the data folder; exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> Identity:
        """Return the identity.

        Raises:
            NotEnrolledError: there is none yet, or its key is not here (a restored backup never holds it).
            IdentityDamagedError: a file cannot be used.
        """
        record = self.record()
        if record is None:
            raise NotEnrolledError(reason=f"{CENTER_NAME} does not exist")
        key = self._key(KEY_NAME)
        if key is None or key.kid != record.kid:
            key = self._finish_replacement(record)
        return Identity(key, record)

    def record(self) -> CenterRecord | None:
        """Return what the center told, or None before enrolment.

        Raises:
            IdentityDamagedError: the file cannot be used.
        """
        path = self._folder / CENTER_NAME
        try:
            return CenterRecord.from_bytes(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise IdentityDamagedError(path=path, reason=str(error)) from error

    def key_for(self, claim: Claim) -> SigningKey:
        """Return the key to enrol with a claim, made here if need be: a new claim replaces the key.

        Raises:
            IdentityDamagedError: a key file cannot be used.
            NotKeptError: a new key cannot be made durable.
        """
        record = self.record()
        if record is None:
            return self._key(KEY_NAME) or self._make(KEY_NAME)
        if record.claim == claim_digest(claim):
            return self.load().key
        return self._key(NEXT_KEY_NAME) or self._make(NEXT_KEY_NAME)

    def enrolled(
        self, enrolled: Enrolled, key: SigningKey, claim: Claim, *, center: str, url: str, root: str
    ) -> Identity:
        """Keep what the center told and return the identity.

        Raises:
            NotKeptError: it cannot be made durable; enrolling again gives the same answer.
        """
        old = self.record()
        record = CenterRecord(
            device=enrolled.device,
            site=enrolled.site,
            role=enrolled.role,
            center=center,
            url=url,
            root=root,
            keys=old.keys if old else (),
            retired=old.retired if old else (),
            kid=key.kid,
            claim=claim_digest(claim),
        ).with_keys(enrolled.center_keys)
        self._write(CENTER_NAME, record.to_bytes(), 0o644)
        return self.load()

    def _finish_replacement(self, record: CenterRecord) -> SigningKey:
        key = self._key(NEXT_KEY_NAME)
        if key is None or key.kid != record.kid:
            raise NotEnrolledError(reason=f"the enrolled key {record.kid} is not on this card")
        try:
            (self._folder / NEXT_KEY_NAME).replace(self._folder / KEY_NAME)
            sync_folder(self._folder)
        except OSError as error:
            raise NotKeptError(path=self._folder / KEY_NAME, reason=str(error)) from error
        self._write(PUBLIC_NAME, orjson.dumps(key.public.jwk()) + b"\n", 0o644)
        return key

    def _make(self, name: str) -> SigningKey:
        key = SigningKey.generate()
        self._write(name, key.to_bytes(), _SECRET_MODE)
        if name == KEY_NAME:
            self._write(PUBLIC_NAME, orjson.dumps(key.public.jwk()) + b"\n", 0o644)
        return key

    def _key(self, name: str) -> SigningKey | None:
        path = self._folder / name
        try:
            if path.stat().st_mode & 0o077:
                log.warning("identity.key_was_readable", path=str(path))
                path.chmod(_SECRET_MODE)
            return SigningKey.from_bytes(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, WireError) as error:
            raise IdentityDamagedError(path=path, reason=str(error)) from error

    def _write(self, name: str, data: bytes, mode: int) -> None:
        try:
            write_durably(self._folder / name, data, mode)
        except OSError as error:
            raise NotKeptError(path=self._folder / name, reason=error.strerror or str(error)) from error


def claim_digest(claim: Claim) -> str:
    """Return the hex SHA-256 under which a used claim is remembered; the secret itself is not kept."""
    return sha256(str(claim).encode()).hexdigest()
