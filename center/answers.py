"""What goes back: receipts and enrolments as JWS, everything else as a problem document (RFC 9457)."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson

from appliance.wire import problems
from appliance.wire.errors import (
    AlteredError,
    BadLineError,
    TooLargeError,
    UnknownKeyError,
    WireError,
)
from appliance.wire.problems import Problem, ProblemType
from center.errors import (
    CenterError,
    ClaimRefusedError,
    ClaimUsedError,
    DigestError,
    EndlessBodyError,
    SlowBodyError,
    StoreUnavailableError,
)

JOSE = "application/jose"
JSON = "application/json"
_MAX_DETAIL = 500
_TYPES: tuple[tuple[type[Exception], ProblemType], ...] = (
    (UnknownKeyError, ProblemType.UNKNOWN_KEY),
    (AlteredError, ProblemType.BAD_SIGNATURE),
    (DigestError, ProblemType.BAD_DIGEST),
    (ClaimUsedError, ProblemType.CLAIM_USED),
    (ClaimRefusedError, ProblemType.BAD_CLAIM),
    (WireError, ProblemType.MALFORMED),  # last: the other wire errors are its subclasses
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, without HTTP."""

    status: HTTPStatus
    body: bytes
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


def signed(token: str, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    """Answer with a compact JWS."""
    return Reply(status, token.encode(), JOSE)


def plain(value: dict[str, Any], status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Reply:
    """Answer with a JSON object."""
    return Reply(status, orjson.dumps(value), JSON, headers)


def problem(
    kind: ProblemType,
    detail: str,
    *,
    receipt: str | None = None,
    headers: dict[str, str] | None = None,
    **members: Any,  # noqa: ANN401 - JSON
) -> Reply:
    """Answer with a problem of the wire."""
    document = Problem(kind, detail[:_MAX_DETAIL], receipt, members)
    return Reply(document.status, orjson.dumps(document.to_json()), problems.MEDIA_TYPE, headers or {})


def busy(detail: str, retry_after_s: int) -> Reply:
    """Answer that the same request is welcome in a while."""
    return problem(ProblemType.BUSY, detail, headers={"Retry-After": str(retry_after_s)})


def http_problem(status: HTTPStatus, detail: str, **headers: str) -> Reply:
    """Answer with a problem the wire has no type for: RFC 9457, section 4.2.1."""
    value = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail[:_MAX_DETAIL],
    }
    return Reply(status, orjson.dumps(value), problems.MEDIA_TYPE, headers)


def refused(error: WireError | CenterError, retry_after_s: int) -> Reply:
    """Answer for an error that is the sender's or passes.

    Raises:
        WireError, CenterError: the same, when it is the center's own trouble.
    """
    detail = str(error)
    match error:
        case StoreUnavailableError():
            return busy(detail, retry_after_s)
        case TooLargeError():
            headers = {"Connection": "close"} if isinstance(error, EndlessBodyError) else {}
            return problem(
                ProblemType.TOO_LARGE, detail, headers=headers, max_bytes=error.fields["max_bytes"]
            )
        case BadLineError():
            return problem(ProblemType.BAD_EVENT, detail, line=error.line, field=error.fields["field"])
        case SlowBodyError():
            return http_problem(HTTPStatus.REQUEST_TIMEOUT, detail, Connection="close")
        case _:
            pass
    for cause, kind in _TYPES:
        if isinstance(error, cause):
            return problem(kind, detail)
    raise error
