"""The center over HTTP: four routes, every error a problem document."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import anyio
import anyio.to_thread
import structlog
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from appliance.wire import problems
from appliance.wire.errors import WireError
from appliance.wire.jws import MAX_TOKEN_BYTES
from appliance.wire.problems import ProblemType
from center import answers, body
from center.answers import JOSE, JSON, Reply
from center.clock import Clock
from center.errors import CenterError
from center.keys import CenterKeys
from center.reception import Reception
from center.settings import Settings
from center.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Work = Callable[[bytes], Reply]


class Door:
    """Lets a bounded number of requests in and does their work on a bounded number of threads.

    Args:
        settings: the bounds.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = anyio.CapacityLimiter(settings.workers)
        self._inside = 0

    async def admit(self, answer: Callable[[], Awaitable[Reply]]) -> Response:
        """Return the answer, or tell the client to come again; whatever fails becomes a problem document."""
        if self._inside >= self._settings.max_requests:
            return _response(answers.busy("too many requests at once", self._settings.retry_after_s))
        self._inside += 1
        try:
            return _response(await answer())
        except (WireError, CenterError) as error:
            return self._refused(error)
        except ClientDisconnect:
            return _response(
                answers.problem(ProblemType.MALFORMED, "the connection ended before the body did")
            )
        except Exception as error:  # noqa: BLE001 - the boundary: a client gets a document, whatever happened
            return _failed(error)
        finally:
            self._inside -= 1

    async def work(self, work: Callable[[], Reply]) -> Reply:
        """Do blocking work on a thread, so that the event loop lives."""
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    def _refused(self, error: WireError | CenterError) -> Response:
        try:
            return _response(answers.refused(error, self._settings.retry_after_s))
        except CenterError as own:
            return _failed(own)


def _failed(error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    detail = "the center failed; nothing was stored, it was written to the log"
    return _response(answers.http_problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers, media_type=reply.media_type)


def create_app(store: Store, keys: CenterKeys, settings: Settings, clock: Clock) -> FastAPI:
    """Return the ASGI application; the caller keeps and closes the store."""
    reception = Reception(store, keys, settings, clock)
    door = Door(settings)
    app = FastAPI(title="motcua center", version="1", docs_url=None, redoc_url=None)

    async def read(request: Request, max_bytes: int) -> bytes:
        length = request.headers.get("content-length")
        return await body.read_body(request.stream(), length, max_bytes, settings.body_timeout_s)

    async def take(request: Request, work: Work) -> Reply:
        headers = request.headers
        body.check_batch_headers(headers.get("content-type"), headers.get("content-encoding"))
        digest = body.sent_digest(", ".join(headers.getlist("content-digest")))
        content = await read(request, settings.max_body_bytes)
        body.check_digest(digest, content)
        return await door.work(lambda: work(content))

    @app.post("/v1/batches", responses=_documented(HTTPStatus.OK, JOSE, "a receipt"))
    async def batches(request: Request) -> Response:
        """Take a signed batch of events."""
        return await door.admit(lambda: take(request, reception.take_batch))

    @app.post("/v1/evidence", responses=_documented(HTTPStatus.OK, JSON, "what is set aside"))
    async def evidence(request: Request) -> Response:
        """Set a forked branch aside."""
        return await door.admit(lambda: take(request, reception.take_evidence))

    @app.post(
        "/v1/enrolments",
        status_code=HTTPStatus.CREATED,
        responses=_documented(HTTPStatus.CREATED, JOSE, "the enrolment"),
    )
    async def enrolments(request: Request) -> Response:
        """Enrol a key by a claim."""

        async def enrol() -> Reply:
            token = await read(request, MAX_TOKEN_BYTES)
            return await door.work(lambda: reception.enrol(token))

        return await door.admit(enrol)

    @app.get("/v1/health", responses=_documented(HTTPStatus.OK, JSON, "it works"))
    async def health() -> Response:
        """Say whether the center works."""
        return await door.admit(lambda: door.work(reception.health))

    @app.exception_handler(HTTPException)
    async def other(_request: Request, error: HTTPException) -> Response:
        reply = answers.http_problem(
            HTTPStatus(error.status_code), str(error.detail), **(error.headers or {})
        )
        return _response(reply)

    return app


def _documented(status: HTTPStatus, media_type: str, words: str) -> dict[int | str, dict[str, Any]]:
    good: dict[str, Any] = {"description": words, "content": {media_type: {}}}
    errors: dict[str, Any] = {"description": "a problem (RFC 9457)", "content": {problems.MEDIA_TYPE: {}}}
    return {status.value: good, "default": errors}
