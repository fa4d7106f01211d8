"""Errors as RFC 9457 problems: the key is stable, both sentences are for people."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from appliance.accounts.errors import SignInRefusedError, TooManyTriesError
from appliance.errors import DomainError, MotcuaError, TransientError
from appliance.httpd.problems import TEXT, problem, responses
from appliance.uplink.errors import IdentityDamagedError, NoStickError, NotEnrolledError, StickError
from appliance.web.errors import CrowdedError, SignInNeededError

_VI = {
    HTTPStatus.BAD_REQUEST: "Yêu cầu không đọc được",
    HTTPStatus.NOT_FOUND: "Không có địa chỉ này",
    HTTPStatus.METHOD_NOT_ALLOWED: "Phương thức không được hỗ trợ tại địa chỉ này",
}
RESPONSES: Final = responses(
    {
        HTTPStatus.BAD_REQUEST: "the body cannot be read",
        HTTPStatus.UNAUTHORIZED: "nobody is signed in (staff app)",
        HTTPStatus.FORBIDDEN: "this caller may not, or the form token is missing (staff app)",
        HTTPStatus.NOT_FOUND: "something named is not known",
        HTTPStatus.CONFLICT: "a rule refuses it; nothing happened",
        HTTPStatus.UNPROCESSABLE_ENTITY: "a field is missing or wrong",
        HTTPStatus.SERVICE_UNAVAILABLE: "not now: repeat with the same request id",
    },
    {
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": TEXT, "reason": TEXT}},
        },
    },
)
"""What every operation may answer, for the OpenAPI document."""
RETRY_S: Final = 1


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


def retry_s(error: MotcuaError) -> int | None:
    """Return the seconds after which to try again, if that may help."""
    if isinstance(error, TooManyTriesError):
        return error.retry_s
    return RETRY_S if status_of(error) is HTTPStatus.SERVICE_UNAVAILABLE else None


def _printable(part: object) -> str:
    """Return text that can be encoded: a caller's own field names may be lone surrogates."""
    return str(part).encode("utf-8", "backslashreplace").decode()


def install(app: FastAPI) -> None:
    """Let every error of the app leave as a problem."""

    @app.exception_handler(MotcuaError)
    async def ours(_request: Request, error: MotcuaError) -> JSONResponse:
        return problem(status_of(error), error.key, str(error), error.vi(), retry_s=retry_s(error))

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
            retry_s=RETRY_S,
        )
