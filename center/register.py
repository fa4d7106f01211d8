"""The register of devices, keys and claims: who may send, and how a key gets in and out of it.

Every function that writes is called inside a transaction of the store.
"""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from hashlib import sha256

from appliance.wire.chain import is_local_id
from appliance.wire.enrolment import ROLES, Claim, EnrolmentRequest
from appliance.wire.errors import UnknownKeyError
from appliance.wire.moment import wire_time
from center.errors import ClaimRefusedError, ClaimUsedError, RegisterError
from center.store.port import Store
from center.store.records import ClaimRecord, Device, DeviceKey, DeviceState

_SECRET_BYTES = 24
_OFFICE = "office"
_REPLACED = "replaced by the key of a newer claim"


@dataclass(frozen=True, slots=True)
class Place:
    """What a claim is made for."""

    device: str
    site: str
    role: str


class Admission(Enum):
    """What became of an enrolment."""

    ENROLLED = auto()
    WAITING = auto()
    """An operator has to confirm it."""


def usable_key(store: Store, kid: str, device: object) -> DeviceKey:
    """Return the key of this thumbprint if it may sign for the device.

    Raises:
        UnknownKeyError: not enrolled, another device's, retired, or its device is quarantined.
    """
    key = store.key(kid)
    if key is None or key.device != device:
        raise UnknownKeyError(kid=kid, reason="not enrolled for this device")
    if key.retired_at is not None:
        raise UnknownKeyError(kid=kid, reason=f"retired at {key.retired_at}: {key.retired_because}")
    owner = store.device(key.device)
    if owner is None or owner.state is DeviceState.QUARANTINED:
        reason = "" if owner is None else owner.reason
        raise UnknownKeyError(kid=kid, reason=f"quarantined, an operator must make a new claim: {reason}")
    return key


def quarantine(store: Store, device: str, reason: str) -> None:
    """Take nothing more under the device's keys until a new claim brings a new one."""
    known = store.device(device)
    if known is not None:
        store.put_device(replace(known, state=DeviceState.QUARANTINED, reason=reason))


def make_claim(store: Store, place: Place, now: datetime, valid: timedelta) -> Claim:
    """Make a one-time claim; its secret exists in the returned value only.

    Raises:
        RegisterError: the place is malformed or contradicts the register.
    """
    _check_place(store, place)
    claim = Claim(place.device, secrets.token_urlsafe(_SECRET_BYTES))
    store.put_claim(
        ClaimRecord(
            secret_hash=_hash(claim),
            device=place.device,
            site=place.site,
            role=place.role,
            made_at=wire_time(now),
            expires_at=wire_time(now + valid),
        )
    )
    return claim


def enrol(
    store: Store, request: EnrolmentRequest, now: datetime, *, confirm: bool
) -> tuple[Admission, Place]:
    """Let a key in whose claim is good; the same key and claim again changes nothing.

    Args:
        store: inside a transaction.
        request: verified: signed by the key it carries.
        now: center time.
        confirm: whether an operator has to confirm.

    Raises:
        ClaimRefusedError: unknown, expired, or the key cannot be enrolled.
        ClaimUsedError: another key used the claim.
    """
    claim = _find_claim(store, request.claim)
    place = Place(claim.device, claim.site, claim.role)
    kid = request.key.kid
    if claim.used_by not in {None, kid}:
        raise ClaimUsedError(device=claim.device)
    if claim.enrolled_at is not None:
        return Admission.ENROLLED, place
    at = wire_time(now)
    if at > claim.expires_at:
        raise ClaimRefusedError(reason=f"expired at {claim.expires_at}; ask for a new one")
    _check_new_key(store, request, place)
    claim = replace(claim, used_by=kid, used_at=claim.used_at or at)
    if confirm and claim.confirmed_at is None:
        store.put_claim(claim)
        return Admission.WAITING, place
    _admit(store, request, place, at)
    store.put_claim(replace(claim, enrolled_at=at))
    return Admission.ENROLLED, place


def confirm(store: Store, device: str, kid: str, now: datetime) -> ClaimRecord:
    """Confirm the key that waits for an operator; the box gets in when it asks next.

    Raises:
        RegisterError: no such key waits for this device.
    """
    for claim in store.claims(device):
        if claim.waits_for_operator and claim.used_by == kid:
            confirmed = replace(claim, confirmed_at=wire_time(now))
            store.put_claim(confirmed)
            return confirmed
    raise RegisterError(
        field="device", value=device, reason=f"no key {kid} waits", remedy="see `motcua center devices`"
    )


def retire_key(store: Store, kid: str, reason: str, now: datetime) -> DeviceKey:
    """Retire a key for good; it stays in the register. Retiring it again changes nothing.

    Raises:
        RegisterError: there is no such key.
    """
    key = store.key(kid)
    if key is None:
        raise RegisterError(
            field="kid", value=kid, reason="not in the register", remedy="see `motcua center devices`"
        )
    if key.retired_at is not None:
        return key
    retired = replace(key, retired_at=wire_time(now), retired_because=reason)
    store.put_key(retired)
    return retired


def _hash(claim: Claim) -> str:
    # The secret has 192 random bits: a slow password hash would add nothing.
    return sha256(str(claim).encode()).hexdigest()


def _find_claim(store: Store, claim: Claim) -> ClaimRecord:
    given = _hash(claim)
    found = None
    for kept in store.claims(claim.device):
        if hmac.compare_digest(kept.secret_hash, given):
            found = kept
    if found is None:
        raise ClaimRefusedError(reason=f"not a claim of {claim.device}")
    return found


def _check_new_key(store: Store, request: EnrolmentRequest, place: Place) -> None:
    known = store.key(request.key.kid)
    device = store.device(place.device)
    if known is not None and known.device != place.device:
        raise ClaimRefusedError(reason="this key belongs to another device; make a new key")
    quarantined = device is not None and device.state is DeviceState.QUARANTINED
    if known is not None and (known.retired_at is not None or quarantined):
        raise ClaimRefusedError(reason="this key was retired or quarantined; make a new key")
    if device is not None and (device.site, device.role) != (place.site, place.role):
        raise ClaimRefusedError(reason=f"{place.device} is the {device.role} device of site {device.site}")
    other = _other_office(store, place)
    if other is not None:
        raise ClaimRefusedError(reason=f"site {place.site} has an active office device, {other}")


def _admit(store: Store, request: EnrolmentRequest, place: Place, at: str) -> None:
    store.put_device(Device(place.device, place.site, place.role))
    for key in store.keys(place.device):
        if key.retired_at is None and key.kid != request.key.kid:
            store.put_key(replace(key, retired_at=at, retired_because=_REPLACED))
    store.put_key(
        DeviceKey(
            key=request.key,
            device=place.device,
            serial=request.serial,
            board=request.board,
            software=request.software,
            enrolled_at=at,
        )
    )


def _check_place(store: Store, place: Place) -> None:
    for field, value in (("device", place.device), ("site", place.site)):
        if not is_local_id(value):
            raise RegisterError(
                field=field, value=value, reason="not an id", remedy="use 1–32 of A–Z a–z 0–9 _ -"
            )
    if place.role not in ROLES:
        raise RegisterError(
            field="role", value=place.role, reason="no such role", remedy=f"use one of {sorted(ROLES)}"
        )
    known = store.device(place.device)
    if known is not None and (known.site, known.role) != (place.site, place.role):
        raise RegisterError(
            field="device",
            value=place.device,
            reason=f"it is the {known.role} device of site {known.site}",
            remedy="name that site and role, or another device",
        )
    other = _other_office(store, place)
    if other is not None:
        raise RegisterError(
            field="site",
            value=place.site,
            reason=f"it has an active office device, {other}",
            remedy="make the claim for that device (a replacement keeps the name), or retire its key first",
        )


def _other_office(store: Store, place: Place) -> str | None:
    """Return another active office device of the site: a site has one."""
    if place.role != _OFFICE:
        return None
    for device in store.devices():
        same_place = device.site == place.site and device.role == _OFFICE and device.device != place.device
        if same_place and any(key.retired_at is None for key in store.keys(device.device)):
            return device.device
    return None
