"""Errors as RFC 9457 problems: the key is stable, both sentences are for people."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from appliance.accounts.errors import SignInRefusedError, TooManyTriesError
from appliance.errors import DomainError, MotcuaError, TransientError
from appliance.uplink.errors import IdentityDamagedError, NoStickError, NotEnrolledError, StickError
from appliance.web.errors import CrowdedError, SignInNeededError

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:motcua:error:"

_VI = {
    HTTPStatus.BAD_REQUEST: "Yêu cầu không đọc được",
    HTTPStatus.NOT_FOUND: "Không có địa chỉ này",
    HTTPStatus.METHOD_NOT_ALLOWED: "Phương thức không được hỗ trợ tại địa chỉ này",
}
_TEXT = {"type": "string"}
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "detail_vi"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "detail_vi": _TEXT,
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": _TEXT, "reason": _TEXT}},
        },
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status.value: {"description": description, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    for status, description in {
        HTTPStatus.BAD_REQUEST: "the body cannot be read",
        HTTPStatus.UNAUTHORIZED: "nobody is signed in (staff app)",
        HTTPStatus.FORBIDDEN: "this caller may not, or the form token is missing (staff app)",
        HTTPStatus.NOT_FOUND: "something named is not known",
        HTTPStatus.CONFLICT: "a rule refuses it; nothing happened",
        HTTPStatus.UNPROCESSABLE_ENTITY: "a field is missing or wrong",
        HTTPStatus.SERVICE_UNAVAILABLE: "not now: repeat with the same request id",
    }.items()
}
"""What every operation may answer, for the OpenAPI document."""


_STATUSES: Final = (
    ((TransientError, CrowdedError), HTTPStatus.SERVICE_UNAVAILABLE),
    ((SignInNeededError, SignInRefusedError), HTTPStatus.UNAUTHORIZED),
    (TooManyTriesError, HTTPStatus.TOO_MANY_REQUESTS),
    (PermissionError, HTTPStatus.FORBIDDEN),
    (DomainError, HTTPStatus.CONFLICT),
    # Somebody has to change something at the box first.
    ((NoStickError, StickError, NotEnrolledError, IdentityDamagedError), HTTPStatus.CONFLICT),
    (ValueError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
"""The first that fits decides."""


def status_of(error: MotcuaError) -> HTTPStatus:
    """Return the HTTP status of one of our errors, by its type."""
    for kinds, status in _STATUSES:
        if isinstance(error, kinds):
            is_unknown = isinstance(error, LookupError) and "unknown" in error.key
            # And not that nobody waits, which is a state of the hall.
            return HTTPStatus.NOT_FOUND if status is HTTPStatus.CONFLICT and is_unknown else status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(status: HTTPStatus, key: str, detail: str, detail_vi: str, **members: Any) -> JSONResponse:  # noqa: ANN401
    """Return one problem document."""
    content = {
        "type": PREFIX + key,
        "title": key,
        "status": status.value,
        "detail": detail,
        "detail_vi": detail_vi,
        **members,
    }
    headers = {"Retry-After": "1"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(content, status.value, headers, MEDIA_TYPE)


def _printable(part: object) -> str:
    """Return text that can be encoded: a caller's own field names may be lone surrogates."""
    return str(part).encode("utf-8", "backslashreplace").decode()


def install(app: FastAPI) -> None:
    """Let every error of the app leave as a problem."""

    @app.exception_handler(MotcuaError)
    async def ours(_request: Request, error: MotcuaError) -> JSONResponse:
        answer = problem(status_of(error), error.key, str(error), error.vi())
        if isinstance(error, TooManyTriesError):
            answer.headers["Retry-After"] = str(error.retry_s)
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"field": ".".join(_printable(part) for part in item["loc"]), "reason": _printable(item["msg"])}
            for item in error.errors()
        ]
        first = errors[0]
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "request.invalid",
            f"{first['field']}: {first['reason']}",
            f"Trường {first['field']} không hợp lệ",
            errors=errors,
        )

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        detail_vi = _VI.get(status, status.phrase)
        answer = problem(status, f"http.{status.value}", str(error.detail), detail_vi)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(TimeoutError)
    async def slow(_request: Request, _error: TimeoutError) -> JSONResponse:
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "desk.slow",
            "no answer in time; repeat with the same request id",
            "Hệ thống phản hồi chậm; hãy thử lại với cùng mã yêu cầu",
        )
