"""Errors as the phone gets them: a problem document from the API, a page from everything else."""

from http import HTTPStatus
from typing import Final

from fastapi.responses import JSONResponse

from appliance.errors import DomainError, MotcuaError, TransientError
from appliance.httpd.problems import problem, responses
from appliance.public.errors import RefusedError, TooOftenError

RESPONSES: Final = responses(
    {
        HTTPStatus.BAD_REQUEST: "the body cannot be read",
        HTTPStatus.FORBIDDEN: "the form token of a page is missing",
        HTTPStatus.NOT_FOUND: "no ticket of today",
        HTTPStatus.CONFLICT: "a rule refuses it; nothing happened",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is too large",
        HTTPStatus.UNPROCESSABLE_ENTITY: "a field is missing or wrong",
        HTTPStatus.TOO_MANY_REQUESTS: "asked too often; wait `Retry-After` seconds",
        HTTPStatus.SERVICE_UNAVAILABLE: "the office is away: repeat with the same request id",
    }
)
"""What every operation may answer, for the OpenAPI document."""
_STATUSES: Final = (
    (TooOftenError, HTTPStatus.TOO_MANY_REQUESTS),
    (TransientError, HTTPStatus.SERVICE_UNAVAILABLE),
    (PermissionError, HTTPStatus.FORBIDDEN),
    (LookupError, HTTPStatus.NOT_FOUND),
    (DomainError, HTTPStatus.CONFLICT),
)


def status_of(error: MotcuaError) -> HTTPStatus:
    """Return the HTTP status of an error."""
    found = (status for kind, status in _STATUSES if isinstance(error, kind))
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def retry_s(error: MotcuaError) -> int | None:
    """Return after how many seconds to try again, if that may help."""
    if isinstance(error, TooOftenError):
        return int(str(error.fields["retry_s"]))
    return 2 if isinstance(error, TransientError) else None


def problem_of(error: MotcuaError) -> JSONResponse:
    """Return the problem document of an error."""
    key = error.reason if isinstance(error, RefusedError) else error.key
    return problem(status_of(error), key, str(error), error.vi(), retry_s=retry_s(error))
