"""Errors as RFC 9457 problems: the key is stable, both sentences are for people."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import JSONResponse

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "urn:motcua:error:"
TEXT: Final = {"type": "string"}
_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "detail_vi"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "detail_vi": TEXT,
    },
}


def problem(
    status: HTTPStatus,
    key: str,
    detail: str,
    detail_vi: str,
    *,
    retry_s: int | None = None,
    **members: Any,  # noqa: ANN401 - any JSON value
) -> JSONResponse:
    """Return one problem document.

    Args:
        status: of the answer.
        key: of the error.
        detail: the sentence in English.
        detail_vi: the same in Vietnamese.
        retry_s: seconds after which to try again, or None.
        members: more of it.
    """
    content = {
        "type": PREFIX + key,
        "title": key,
        "status": status.value,
        "detail": detail,
        "detail_vi": detail_vi,
        **members,
    }
    headers = None if retry_s is None else {"Retry-After": str(retry_s)}
    return JSONResponse(content, status.value, headers, MEDIA_TYPE)


def responses(
    descriptions: Mapping[HTTPStatus, str], members: Mapping[str, Any] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return what every operation may answer, for an OpenAPI document.

    Args:
        descriptions: when, by status.
        members: schemas of what a problem may have beside the usual.
    """
    schema = {**_SCHEMA, "properties": {**_SCHEMA["properties"], **(members or {})}}  # type: ignore[dict-item]
    return {
        status.value: {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status, description in descriptions.items()
    }
