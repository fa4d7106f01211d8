"""The office's API: every verb of the hall as a POST with a request id, the state, and events as a stream."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from appliance import __version__
from appliance.desk.commands import Command
from appliance.desk.desk import Desk
from appliance.desk.lanes import Lane
from appliance.desk.state import State
from appliance.feedback import rating
from appliance.queueing import commands as queueing
from appliance.uplink.errors import NoStickError
from appliance.web import bodies
from appliance.web.problems import RESPONSES, install
from appliance.web.stream import Listening

ANSWER_S = 30.0


def _no_stick() -> dict[str, Any]:
    raise NoStickError


@dataclass(frozen=True, slots=True)
class Views:
    """What the office shows of itself.

    Args:
        hall: from a state to the hall's snapshot.
        health: what is wrong and how the uplink stands; may block, runs in a worker thread.
        deliver: asks the uplink to deliver now.
        stick: exchanges batches and receipts with the USB stick; blocks, runs in a worker thread.
    """

    hall: Callable[[State], dict[str, Any]]
    health: Callable[[], dict[str, Any]]
    deliver: Callable[[], None]
    stick: Callable[[], dict[str, Any]] = _no_stick


def create_app(desk: Desk, views: Views) -> FastAPI:
    """Return the API over a running desk."""
    app = FastAPI(
        title="motcua office",
        version=__version__,
        description="The counter hall of one office. Every change carries a request id: the same id again "
        "gets the first answer and causes nothing new.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=RESPONSES,
    )
    install(app)

    async def ask(command: Command, lane: Lane = Lane.OFFICE) -> dict[str, Any]:
        answer = await asyncio.wait_for(asyncio.wrap_future(desk.post(command, lane)), ANSWER_S)
        return {"seq": answer.seq, "kind": answer.kind, **answer.result}

    _add_tickets(app, ask)
    _add_counters(app, ask)
    _add_day(app, ask)
    _add_views(app, desk, views)
    return app


_Ask = Callable[..., Awaitable[dict[str, Any]]]


def _add_tickets(app: FastAPI, ask: _Ask) -> None:
    @app.post("/v1/tickets", tags=["tickets"], summary="Take a number")
    async def issue(body: bodies.Issue) -> dict[str, Any]:
        return await ask(bodies.command_of(queueing.IssueTicket, body), _lane(body.source))

    @app.post("/v1/ratings", tags=["ratings"], summary="Rate the service at a counter")
    async def rate(body: bodies.Rate) -> dict[str, Any]:
        return await ask(bodies.command_of(rating.Press, body), _lane(body.source))

    @app.post("/v1/ratings/reason", tags=["ratings"], summary="Say why")
    async def reason(body: bodies.Reason) -> dict[str, Any]:
        return await ask(bodies.command_of(rating.GiveReason, body), Lane.PUBLIC)

    for verb, make in bodies.TICKET_VERBS.items():
        _add_ticket_verb(app, ask, verb, make)


def _lane(source: str) -> Lane:
    return Lane.PUBLIC if source == "phone" else Lane.OFFICE


def _add_ticket_verb(app: FastAPI, ask: _Ask, verb: str, make: Callable[..., Command]) -> None:
    async def act(body: bodies.OfTicket) -> dict[str, Any]:
        return await ask(bodies.command_of(make, body))

    app.post(f"/v1/tickets/{verb}", tags=["tickets"], summary=make.__doc__, name=f"ticket_{verb}")(act)


def _add_counters(app: FastAPI, ask: _Ask) -> None:
    for verb, (body_type, make) in bodies.COUNTER_VERBS.items():
        _add_counter_verb(app, ask, verb, body_type, make)


def _add_counter_verb(
    app: FastAPI, ask: _Ask, verb: str, body_type: type[BaseModel], make: Callable[..., Command]
) -> None:
    async def act(counter: bodies.Id, body: BaseModel) -> dict[str, Any]:
        return await ask(bodies.command_of(make, body, counter=counter))

    act.__annotations__["body"] = body_type
    name = f"counter_{verb.replace('-', '_')}"
    app.post(f"/v1/counters/{{counter}}/{verb}", tags=["counters"], summary=make.__doc__, name=name)(act)


def _add_day(app: FastAPI, ask: _Ask) -> None:
    for verb, make in bodies.DAY_VERBS.items():
        _add_day_verb(app, ask, verb, make)

    @app.post("/v1/clock", tags=["day"], summary="An officer confirms date and time")
    async def confirm_time(body: bodies.ConfirmTime) -> dict[str, Any]:
        return await ask(body.command())


def _add_day_verb(app: FastAPI, ask: _Ask, verb: str, make: Callable[..., Command]) -> None:
    async def act(body: bodies.Day) -> dict[str, Any]:
        return await ask(bodies.command_of(make, body))

    app.post(f"/v1/day/{verb}", tags=["day"], summary=make.__doc__, name=f"day_{verb}")(act)


def _add_views(app: FastAPI, desk: Desk, views: Views) -> None:
    @app.get("/v1/hall", tags=["views"], summary="The hall as it is")
    async def hall() -> dict[str, Any]:
        return views.hall(desk.state)

    @app.get("/v1/health", tags=["views"], summary="What is wrong, and how the uplink stands")
    async def health() -> dict[str, Any]:
        return await asyncio.to_thread(views.health)

    @app.post("/v1/uplink/deliver", tags=["views"], summary="Deliver now", status_code=202)
    async def deliver() -> dict[str, Any]:
        views.deliver()
        return {}

    @app.post(
        "/v1/uplink/stick",
        tags=["views"],
        summary="Take the receipts from the USB stick, then write everything without a receipt to it",
    )
    async def stick() -> dict[str, Any]:
        return await asyncio.to_thread(views.stick)

    @app.get(
        "/v1/events",
        tags=["views"],
        summary="What happens, as server-sent events: a snapshot first",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def events() -> Response:
        async def body() -> AsyncIterator[bytes]:
            # Here and not before: a caller who hung up by now never gets this far, and leaves nobody behind.
            listening = Listening(views.hall)
            stop = desk.listen(listening.on_commit)
            try:
                # Listening first, then looking: an event in between comes twice and is dropped by its seq.
                async for part in listening.messages(desk.state):
                    yield part
            finally:
                stop()

        return StreamingResponse(
            body(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
