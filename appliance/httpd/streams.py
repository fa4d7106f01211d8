"""Server-sent events as pages follow them: what a stream begins with, and what says that all is well."""

from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import StreamingResponse

RETRY: Final = b"retry: 1500\n\n"
"""The first of a stream: milliseconds after which a browser that lost it comes back."""
BEAT: Final = b"event: beat\ndata: {}\n\n"
BEAT_S: Final = 10.0
"""A page that hears nothing for 25 s says that it is out of date."""


def streamed(messages: AsyncIterator[bytes]) -> StreamingResponse:
    """Return the answer that sends messages as they come; nothing on the way keeps them."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(messages, media_type="text/event-stream", headers=headers)
