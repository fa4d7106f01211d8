"""The pages: plain forms that work without any script."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from appliance.errors import MotcuaError
from appliance.httpd.files import answer_of
from appliance.httpd.forms import new_request
from appliance.httpd.streams import streamed
from appliance.pages.assets import Assets
from appliance.public.errors import ForeignFormError, OfficeAwayError, RefusedError, TooOftenError
from appliance.public.phones import Phones
from appliance.public.tickets import Tickets
from appliance.public.ui import Ui
from appliance.public.visitor import remember
from appliance.sockets.door import Level, RequestId, View
from appliance.sockets.lines import Key

Token = Annotated[str, Path(max_length=64)]
_REQUEST: Final[TypeAdapter[str]] = TypeAdapter(RequestId)
_KEY: Final[TypeAdapter[str]] = TypeAdapter(Key)
_LEVEL: Final[TypeAdapter[int]] = TypeAdapter(Level)


def add(app: FastAPI, ui: Ui, tickets: Tickets, phones: Phones, assets: Assets) -> None:
    """Add the routes of the pages."""
    _add_front(app, ui, assets)
    _add_ticket(app, ui, tickets, phones)
    _add_forms(app, ui, tickets)


def _add_front(app: FastAPI, ui: Ui, assets: Assets) -> None:
    @app.get("/", include_in_schema=False)
    async def front(request: Request) -> HTMLResponse:
        return ui.page(request, "phone/front.html")

    @app.get("/static/{name:path}", include_in_schema=False)
    async def static(name: str, request: Request) -> Response:
        file = assets.get(name)
        if file is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        return answer_of(file, request)


def _add_ticket(app: FastAPI, ui: Ui, tickets: Tickets, phones: Phones) -> None:
    @app.get("/t/{token}", include_in_schema=False)
    async def ticket(token: Token, request: Request) -> HTMLResponse:
        sight = await tickets.see(token)
        if sight.view is None:
            raise OfficeAwayError
        return ui.ticket(request, token, sight.view, is_stale=sight.is_stale)

    @app.get("/t/{token}/leave", include_in_schema=False)
    async def confirm(token: Token, request: Request) -> Response:
        view = await tickets.now(token)
        if not view.can_leave:
            return _back(token)
        visitor = ui.visitor(request)
        service = view.service.of_lang(visitor.lang)
        here = f"/t/{token}/leave"
        return ui.page(
            request, "phone/leave.html", here=here, token=token, view=view, service=service,
            request=new_request(),
        )  # fmt: skip

    @app.get("/t/{token}/rate", include_in_schema=False)
    @app.get("/t/{token}/reason", include_in_schema=False)
    async def back(token: Token) -> Response:
        """Whoever reloads the answer to a form comes back to the ticket."""
        return _back(token)

    @app.get("/t/{token}/live", include_in_schema=False)
    async def live(token: Token, request: Request) -> Response:
        visitor = ui.visitor(request)
        phones.check_room(visitor.address, token)
        view = await tickets.now(token)
        stream = phones.follow(token, view, visitor.address, lambda seen: ui.pieces(token, visitor, seen))
        answer = streamed(stream)
        remember(request, answer, visitor)
        return answer


def _add_forms(app: FastAPI, ui: Ui, tickets: Tickets) -> None:
    async def again(request: Request, token: str, error: MotcuaError) -> Response:
        """Show the ticket again, with what did not work."""
        sight = await tickets.see(token)
        if sight.view is None:
            raise error
        return ui.ticket(request, token, sight.view, is_stale=sight.is_stale, error=error)

    async def done(request: Request, token: str, act: Callable[[FormData, str], Awaitable[View]]) -> Response:
        """Do what a form asks for and go back to the ticket, or show it again with what did not work."""
        form = await request.form()
        try:
            await act(form, _REQUEST.validate_python(form.get("request")))
        except (OfficeAwayError, TooOftenError, RefusedError) as error:
            return await again(request, token, error)
        except ValidationError:
            return await again(request, token, ForeignFormError())
        return _back(token)

    @app.post("/t/{token}/leave", include_in_schema=False)
    async def leave(token: Token, request: Request) -> Response:
        return await done(request, token, lambda _form, own: tickets.leave(token, own))

    @app.post("/t/{token}/rate", include_in_schema=False)
    async def rate(token: Token, request: Request) -> Response:
        async def act(form: FormData, own: str) -> View:
            return await tickets.rate(token, _LEVEL.validate_python(form.get("level"), strict=False), own)

        return await done(request, token, act)

    @app.post("/t/{token}/reason", include_in_schema=False)
    async def reason(token: Token, request: Request) -> Response:
        async def act(form: FormData, own: str) -> View:
            return await tickets.reason(token, _KEY.validate_python(form.get("reason")), own)

        return await done(request, token, act)


def _back(token: str) -> Response:
    return RedirectResponse(f"/t/{token}", HTTPStatus.SEE_OTHER)
