"""What a center can answer: one class per row of the sending table (``docs/wire.md``); all else is unclear.

Nothing here is believed yet: a receipt counts only after :mod:`appliance.uplink.receipts` accepted it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import orjson

from appliance.wire import problems
from appliance.wire.batch import Header
from appliance.wire.problems import ProblemType

JOSE = "application/jose"
JSON = "application/json"
MAX_ANSWER_BYTES = 64 * 1024
MAX_WAIT_S = 3_600
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Stored:
    """200 with a receipt (compact JWS, not verified yet)."""

    receipt: str


@dataclass(frozen=True, slots=True)
class Gap:
    """409: earlier events of the epoch are missing; the receipt is for what is there."""

    receipt: str


@dataclass(frozen=True, slots=True)
class Fork:
    """409: another history claims the same numbers; the receipt is for the stored branch."""

    receipt: str


@dataclass(frozen=True, slots=True)
class KeyRefused:
    """401: the key is not enrolled, retired or quarantined, or the content was altered."""

    type: ProblemType
    detail: str


@dataclass(frozen=True, slots=True)
class Damaged:
    """400 or 422: transfer damage or a bug; ``line`` (from 1, the header's) when the center names it."""

    type: ProblemType
    detail: str
    line: int | None


@dataclass(frozen=True, slots=True)
class TooLarge:
    """413: ``max_bytes`` uncompressed, when the center names it."""

    max_bytes: int | None


@dataclass(frozen=True, slots=True)
class Busy:
    """429 or 503: come again after so many seconds, when the center names them."""

    wait_s: int | None


@dataclass(frozen=True, slots=True)
class Unclear:
    """No line, no answer in time, or an answer that is not the center's."""

    reason: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """200 to evidence: the center keeps exactly the range that was sent."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """201 to an enrolment: what this box is, signed by the root key (not verified yet)."""

    enrolled: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """202 to an enrolment: an operator must confirm; ask again after so many seconds."""

    wait_s: int | None


@dataclass(frozen=True, slots=True)
class ClaimUsed:
    """409 to an enrolment: another key used the claim."""

    detail: str


@dataclass(frozen=True, slots=True)
class ClaimRefused:
    """401 to an enrolment: unknown or expired claim."""

    detail: str


Refusal = KeyRefused | Damaged | TooLarge | Busy | Unclear
Answer = Stored | Gap | Fork | Refusal
EvidenceAnswer = SetAside | Refusal
EnrolAnswer = Admitted | Waiting | ClaimUsed | ClaimRefused | Refusal


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer as it came.

    Args:
        status: the status code.
        fields: header fields, names in lower case.
        body: at most 64 KiB.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case."""
        return self.fields.get("content-type", "").partition(";")[0].strip().lower()


def batch_answer(reply: Reply) -> Answer:
    """Return what an answer to a batch means."""
    if reply.status == HTTPStatus.OK and reply.media_type == JOSE:
        token = _token(reply.body)
        return Stored(token) if token else _unclear(reply)
    problem = _problem(reply)
    receipt = problem.get("receipt")
    if isinstance(receipt, str):
        match _type_of(reply, problem):
            case ProblemType.GAP:
                return Gap(receipt)
            case ProblemType.FORK:
                return Fork(receipt)
            case _:
                pass
    return _refusal(reply)


def evidence_answer(reply: Reply, header: Header) -> EvidenceAnswer:
    """Return what an answer to evidence means; it must repeat what was sent: no portal's 200 counts."""
    if reply.status == HTTPStatus.OK and reply.media_type == JSON:
        value = _object(reply.body)
        sent = {
            "device": header.device,
            "epoch": header.epoch,
            "first": header.first,
            "last": header.last,
            "head": header.head,
        }
        if {name: value.get(name) for name in sent} == sent:
            return SetAside()
    return _refusal(reply)


def enrol_answer(reply: Reply) -> EnrolAnswer:
    """Return what an answer to an enrolment means."""
    if reply.status == HTTPStatus.CREATED and reply.media_type == JOSE:
        token = _token(reply.body)
        return Admitted(token) if token else _unclear(reply)
    if reply.status == HTTPStatus.ACCEPTED and reply.media_type == JSON and _object(reply.body):
        return Waiting(retry_after_s(reply.fields))
    problem = _problem(reply)
    detail = _detail(problem)
    match _type_of(reply, problem):
        case ProblemType.CLAIM_USED:
            return ClaimUsed(detail)
        case ProblemType.BAD_CLAIM:
            return ClaimRefused(detail)
        case _:
            return _refusal(reply)


def retry_after_s(fields: Mapping[str, str]) -> int | None:
    """Return Retry-After (RFC 9110, section 10.2.3) in seconds from 1 to an hour, or None.

    A date is measured against the answer's own Date: this box's clock may be wrong.
    """
    text = fields.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        seconds = int(text[:9])
    else:
        until, now = _http_date(text), _http_date(fields.get("date", ""))
        if until is None or now is None:
            return None
        seconds = int((until - now).total_seconds())
    return max(1, min(seconds, MAX_WAIT_S))


def _refusal(reply: Reply) -> Refusal:
    problem = _problem(reply)
    kind = _type_of(reply, problem)
    match kind:
        case ProblemType.UNKNOWN_KEY | ProblemType.BAD_SIGNATURE:
            return KeyRefused(kind, _detail(problem))
        case ProblemType.BAD_DIGEST | ProblemType.MALFORMED | ProblemType.BAD_EVENT:
            return Damaged(kind, _detail(problem), _positive(problem.get("line")))
        case _:
            pass
    match reply.status:
        # These three keep their meaning when a proxy before the center gives them.
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return TooLarge(_positive(problem.get("max_bytes")))
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            return Busy(retry_after_s(reply.fields))
        case _:
            return _unclear(reply)


def _unclear(reply: Reply) -> Unclear:
    return Unclear(f"HTTP {reply.status} {reply.media_type or 'without a type'}: {reply.body[:_SHOWN]!r}")


def _problem(reply: Reply) -> dict[str, Any]:
    return _object(reply.body) if reply.media_type == problems.MEDIA_TYPE else {}


def _type_of(reply: Reply, problem: dict[str, Any]) -> ProblemType | None:
    try:
        kind = ProblemType(str(problem.get("type")))
    except ValueError:
        return None
    return kind if problems.STATUS[kind] == reply.status else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _token(body: bytes) -> str:
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError:
        return ""


def _detail(problem: dict[str, Any]) -> str:
    return str(problem.get("detail", ""))[:_SHOWN]


def _positive(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo is not None else None
