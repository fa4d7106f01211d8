"""Enrolment: a one-time claim makes the key of this box known; nothing is trusted on first use."""

from dataclasses import dataclass
from typing import assert_never

import structlog

from appliance.uplink.answers import (
    Admitted,
    Busy,
    ClaimRefused,
    ClaimUsed,
    Damaged,
    KeyRefused,
    TooLarge,
    Unclear,
    Waiting,
)
from appliance.uplink.center import Center
from appliance.uplink.errors import ClaimRefusedError, ClaimUsedError, UnclearError, UnconfirmedError
from appliance.uplink.identity import Identity, IdentityFolder, claim_digest
from appliance.wire.enrolment import Claim, Enrolled, EnrolmentRequest
from appliance.wire.errors import WireError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What provisioning put on the card.

    Args:
        claim: ``<device>.<secret>``.
        center: the center's id, as its receipts name it.
        url: where it is reached; the request is good for this center only.
        root: RFC 7638 thumbprint of the center's root key.
        serial: the board's serial number.
        board: the board's model.
        software: version of this software.
    """

    claim: Claim
    center: str
    url: str
    root: str
    serial: str
    board: str
    software: str


def enrol(folder: IdentityFolder, center: Center, order: Order) -> Identity:
    """Return the identity of this box, asking the center if this claim was not used here yet.

    Asking again after a lost answer is safe: the same key and claim get the same answer.

    Raises:
        UnconfirmedError: an operator must confirm; ask again after ``wait_s``.
        ClaimUsedError, ClaimRefusedError: by what they name; only a new claim helps.
        UnclearError: no usable answer; ask again.
        IdentityDamagedError, NotKeptError: this box's own files.
    """
    record = folder.record()
    if record is not None and record.claim == claim_digest(order.claim):
        return folder.load()
    key = folder.key_for(order.claim)
    request = EnrolmentRequest(
        center=order.url,
        claim=order.claim,
        key=key.public,
        serial=order.serial,
        board=order.board,
        software=order.software,
    )
    enrolled = _admitted(center, request.sign(key), order)
    log.info("enrol.done", device=enrolled.device, site=enrolled.site, role=enrolled.role, kid=key.kid)
    return folder.enrolled(enrolled, key, order.claim, center=order.center, url=order.url, root=order.root)


def _admitted(center: Center, token: str, order: Order) -> Enrolled:
    device = order.claim.device
    answer = center.enrol(token)
    match answer:
        case Admitted():
            return _verified(answer.enrolled, order)
        case Waiting():
            raise UnconfirmedError(device=device, wait_s=answer.wait_s)
        case ClaimUsed():
            raise ClaimUsedError(device=device)
        case ClaimRefused() | KeyRefused() | Damaged():
            raise ClaimRefusedError(device=device, reason=answer.detail)
        case TooLarge() | Busy():
            raise UnclearError(reason="the center is busy")
        case Unclear():
            raise UnclearError(reason=answer.reason)
        case _:
            assert_never(answer)


def _verified(token: str, order: Order) -> Enrolled:
    try:
        enrolled = Enrolled.verify(token, order.root)
    except WireError as error:
        raise UnclearError(reason=f"not signed by the pinned root key: {error}") from error
    if enrolled.device != order.claim.device:
        raise UnclearError(reason=f"it enrols {enrolled.device}, the claim is for {order.claim.device}")
    return enrolled
