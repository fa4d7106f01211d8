"""Static files from memory: gzipped where the browser takes it, cached for ever under their own version."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

FOR_EVER = "public, max-age=31536000, immutable"


class File(Protocol):
    """A static file."""

    @property
    def version(self) -> str:
        """Changes with the content."""
        ...

    @property
    def media_type(self) -> str:
        """Its media type."""
        ...

    @property
    def body(self) -> bytes:
        """Its bytes."""
        ...

    @property
    def gzipped(self) -> bytes | None:
        """The same, packed; None where that gains nothing."""
        ...


def answer_of(file: File, request: Request, *, is_versioned: bool = True) -> Response:
    """Return the answer to a request for a file.

    Args:
        file: the file.
        request: who asks.
        is_versioned: whether an address with the file's version may be cached for ever.
    """
    is_current = is_versioned and request.query_params.get("v") == file.version
    headers = {"Cache-Control": FOR_EVER if is_current else "no-cache", "Vary": "Accept-Encoding"}
    if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(file.gzipped, headers=headers, media_type=file.media_type)
    return Response(file.body, headers=headers, media_type=file.media_type)
