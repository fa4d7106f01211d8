"""The answers that are not receipts: problem types (RFC 9457) of the sending protocol."""

from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:motcua:"


class ProblemType(StrEnum):
    """Every ``type`` a center may answer with."""

    GAP = "urn:motcua:gap"
    FORK = "urn:motcua:fork"
    UNKNOWN_KEY = "urn:motcua:unknown-key"
    BAD_SIGNATURE = "urn:motcua:bad-signature"
    BAD_DIGEST = "urn:motcua:bad-digest"
    MALFORMED = "urn:motcua:malformed"
    BAD_EVENT = "urn:motcua:bad-event"
    TOO_LARGE = "urn:motcua:too-large"
    CLAIM_USED = "urn:motcua:claim-used"
    BAD_CLAIM = "urn:motcua:bad-claim"
    BUSY = "urn:motcua:busy"


STATUS: dict[ProblemType, HTTPStatus] = {
    ProblemType.GAP: HTTPStatus.CONFLICT,
    ProblemType.FORK: HTTPStatus.CONFLICT,
    ProblemType.UNKNOWN_KEY: HTTPStatus.UNAUTHORIZED,
    ProblemType.BAD_SIGNATURE: HTTPStatus.UNAUTHORIZED,
    ProblemType.BAD_DIGEST: HTTPStatus.BAD_REQUEST,
    ProblemType.MALFORMED: HTTPStatus.BAD_REQUEST,
    ProblemType.BAD_EVENT: HTTPStatus.UNPROCESSABLE_ENTITY,
    ProblemType.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ProblemType.CLAIM_USED: HTTPStatus.CONFLICT,
    ProblemType.BAD_CLAIM: HTTPStatus.UNAUTHORIZED,
    ProblemType.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document.

    Args:
        type: the stable urn.
        detail: an English sentence for the log.
        receipt: for gap and fork: the receipt for what is there (compact JWS).
        members: further members (``line``, ``max_bytes``).
    """

    type: ProblemType
    detail: str
    receipt: str | None = None
    members: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status that goes with the type."""
        return STATUS[self.type]

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        value: dict[str, Any] = {
            "type": self.type.value,
            "title": self.type.value.removeprefix(PREFIX),
            "status": self.status.value,
            "detail": self.detail,
            **self.members,
        }
        if self.receipt is not None:
            value["receipt"] = self.receipt
        return value
