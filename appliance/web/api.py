"""Every verb of the hall as a POST with a request id, the state, and events as a stream.

The same routes are served twice: on the box's own socket, where whoever may open it names the officer, and by
the staff app, where the session does. Who asks comes in as the dependency ``asker``.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from appliance.desk.commands import Command
from appliance.desk.desk import Desk
from appliance.desk.lanes import Lane
from appliance.desk.state import State
from appliance.feedback import rating
from appliance.httpd.streams import streamed
from appliance.queueing import commands as queueing
from appliance.setup_notice import SetupNotice
from appliance.uplink.errors import NoStickError
from appliance.web import bodies
from appliance.web.stream import Listening, Told

ANSWER_S = 30.0

Ask = Callable[[Command, Lane], Awaitable[dict[str, Any]]]
"""Puts a command to the desk and waits for its answer."""
Asker = Callable[..., Ask]
"""A FastAPI dependency that returns how this caller may ask."""
Teller = Callable[..., Told]
"""A FastAPI dependency that returns what this caller is told of the events."""


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
        setup: what the first start found wrong with the last card; None for nothing.
    """

    hall: Callable[[State], dict[str, Any]]
    health: Callable[[], dict[str, Any]]
    deliver: Callable[[], None]
    stick: Callable[[], dict[str, Any]] = _no_stick
    setup: Callable[[], SetupNotice | None] = lambda: None


async def answered(desk: Desk, command: Command, lane: Lane = Lane.OFFICE) -> dict[str, Any]:
    """Put a command to the desk and return its answer as JSON values.

    Raises:
        MotcuaError: it was refused or could not be recorded.
        TimeoutError: no answer in time.
    """
    answer = await asyncio.wait_for(asyncio.wrap_future(desk.post(command, lane)), ANSWER_S)
    return {"seq": answer.seq, "kind": answer.kind, **answer.result}


def _everything() -> Told:
    return Told()


def routes(prefix: str, desk: Desk, views: Views, asker: Asker, teller: Teller = _everything) -> APIRouter:
    """Return the API under a prefix, such as ``/v1``.

    Args:
        prefix: of every route.
        desk: where commands go.
        views: what is shown.
        asker: the dependency that says how a caller may ask.
        teller: the dependency that says what the stream of events tells a caller.
    """
    router = APIRouter(prefix=prefix)
    _add_tickets(router, asker)
    for verb, make in bodies.TICKET_VERBS.items():
        _add_ticket_verb(router, asker, verb, make)
    for verb, (body_type, make_command) in bodies.COUNTER_VERBS.items():
        _add_counter_verb(router, asker, verb, body_type, make_command)
    for verb, (body_type, make_command) in bodies.DAY_VERBS.items():
        _add_day_verb(router, asker, verb, body_type, make_command)
    _add_clock(router, asker)
    _add_views(router, views, desk)
    _add_stream(router, desk, views, teller)
    return router


def _add_tickets(router: APIRouter, asker: Asker) -> None:
    @router.post("/tickets", tags=["tickets"], summary="Take a number")
    async def issue(body: bodies.Issue, ask: Annotated[Ask, Depends(asker)]) -> dict[str, Any]:
        return await ask(bodies.command_of(queueing.IssueTicket, body), _lane(body.source))

    @router.post("/ratings", tags=["ratings"], summary="Rate the service at a counter")
    async def rate(body: bodies.Rate, ask: Annotated[Ask, Depends(asker)]) -> dict[str, Any]:
        return await ask(bodies.command_of(rating.Press, body), _lane(body.source))

    @router.post("/ratings/reason", tags=["ratings"], summary="Say why")
    async def reason(body: bodies.Reason, ask: Annotated[Ask, Depends(asker)]) -> dict[str, Any]:
        return await ask(bodies.command_of(rating.GiveReason, body), Lane.PUBLIC)


def _lane(source: str) -> Lane:
    return Lane.PUBLIC if source == "phone" else Lane.OFFICE


def _add_ticket_verb(router: APIRouter, asker: Asker, verb: str, make: Callable[..., Command]) -> None:
    async def act(body: bodies.OfTicket, ask: Annotated[Ask, Depends(asker)]) -> dict[str, Any]:
        return await ask(bodies.command_of(make, body), Lane.OFFICE)

    router.post(f"/tickets/{verb}", tags=["tickets"], summary=make.__doc__, name=f"ticket_{verb}")(act)


def _add_counter_verb(
    router: APIRouter, asker: Asker, verb: str, body_type: type[BaseModel], make: Callable[..., Command]
) -> None:
    async def act(counter: bodies.Id, body: BaseModel, ask: Annotated[Ask, Depends(asker)]) -> dict[str, Any]:
        return await ask(bodies.command_of(make, body, counter=counter), Lane.OFFICE)

    act.__annotations__["body"] = body_type
    name = f"counter_{verb.replace('-', '_')}"
    router.post(f"/counters/{{counter}}/{verb}", tags=["counters"], summary=make.__doc__, name=name)(act)


def _add_day_verb(
    router: APIRouter, asker: Asker, verb: str, body_type: type[BaseModel], make: Callable[..., Command]
) -> None:
    async def act(body: BaseModel, ask: Annotated[Ask, Depends(asker)]) -> dict[str, Any]:
        return await ask(bodies.command_of(make, body), Lane.OFFICE)

    act.__annotations__["body"] = body_type
    router.post(f"/day/{verb}", tags=["day"], summary=make.__doc__, name=f"day_{verb}")(act)


def _add_clock(router: APIRouter, asker: Asker) -> None:
    @router.post("/clock", tags=["day"], summary="An officer confirms date and time")
    async def confirm_time(body: bodies.ConfirmTime, ask: Annotated[Ask, Depends(asker)]) -> dict[str, Any]:
        return await ask(body.command(), Lane.OFFICE)


def _add_views(router: APIRouter, views: Views, desk: Desk) -> None:
    @router.get("/hall", tags=["views"], summary="The hall as it is")
    async def hall() -> dict[str, Any]:
        return views.hall(desk.state)

    @router.get("/health", tags=["views"], summary="What is wrong, and how the uplink stands")
    async def health() -> dict[str, Any]:
        return await asyncio.to_thread(views.health)

    @router.post("/uplink/deliver", tags=["views"], summary="Deliver now", status_code=202)
    async def deliver() -> dict[str, Any]:
        views.deliver()
        return {}

    @router.post(
        "/uplink/stick",
        tags=["views"],
        summary="Take the receipts from the USB stick, then write everything without a receipt to it",
    )
    async def stick() -> dict[str, Any]:
        return await asyncio.to_thread(views.stick)


def _add_stream(router: APIRouter, desk: Desk, views: Views, teller: Teller) -> None:
    @router.get(
        "/events",
        tags=["views"],
        summary="What happens, as server-sent events: a snapshot first",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def events(told: Annotated[Told, Depends(teller)]) -> Response:
        async def body() -> AsyncIterator[bytes]:
            # Here and not before: a caller who hung up by now never gets this far, and leaves nobody behind.
            listening = Listening(views.hall, told)
            stop = desk.listen(listening.on_commit)
            try:
                # Listening first, then looking: an event in between comes twice and is dropped by its seq.
                async for part in listening.messages(desk.state):
                    yield part
            finally:
                stop()

        return streamed(body())
