"""The portal's routes: how a device stands, agreeing, taking a consent back, leaving, the API of RFC 8908.

Nothing is kept about who looks: no cookie is set, and a device is known by the address of the socket alone,
never by a header.
"""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from appliance import clock
from appliance.errors import MotcuaError
from appliance.httpd import csrf
from appliance.pages.rendering import Renderer
from appliance.public.callers import Callers
from appliance.public.capport import MEDIA_TYPE, PATH, told_of
from appliance.public.captive import HOME, SAFE
from appliance.public.errors import ForeignFormError
from appliance.public.notice import Notice
from appliance.public.passes import Passes
from appliance.public.portal_forms import SAID, Forms
from appliance.public.portal_pages import Pages, address_of, lang_of, waiting
from appliance.public.problems import status_of
from appliance.public.standings import Standings


def is_portals(path: str) -> bool:
    """Whether a path is one of this app's."""
    return path in {HOME, PATH} or path.startswith(f"{HOME}/")


def create_portal(
    notice: Notice,
    standings: Standings,
    secret: bytes,
    *,
    renderer: Renderer,
    callers: Callers | None = None,
    wall_us: Callable[[], int] | None = None,
) -> FastAPI:
    """Return the app; it answers at the portal's own paths only.

    Args:
        notice: what is known of the settings.
        standings: how devices stand at the gate.
        secret: behind the passes of forms.
        renderer: of pages.
        callers: counts who asks; made unless given. IPv6 guests share one network, so each address counts.
        wall_us: the wall clock; the kernel's unless given.
    """
    counted = callers or Callers()
    ui = Pages(renderer, notice, Passes(secret), wall_us or clock.wall_us)

    async def guard(request: Request) -> None:
        address, now_s = address_of(request), asyncio.get_running_loop().time()
        if request.method in SAFE:
            counted.page(address, now_s)
            return
        if _is_foreign(request.headers):
            raise ForeignFormError
        counted.change(address, now_s)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(guard)])
    _add_pages(app, ui, standings)
    _add_forms(app, ui, standings)
    _add_api(app, ui, standings)
    _install(app, ui)
    return app


def _add_pages(app: FastAPI, ui: Pages, standings: Standings) -> None:
    @app.get("/")
    @app.get(f"{HOME}/open")
    @app.get(f"{HOME}/close")
    async def back(request: Request) -> Response:
        """Send on whoever types the portal's name, or reloads the answer to a form."""
        return _to(HOME, request)

    @app.get(HOME)
    async def wifi(request: Request) -> Response:
        return ui.wifi(request, await standings.of(address_of(request)))

    @app.get(f"{HOME}/consents")
    async def consents(request: Request) -> Response:
        standing = await standings.of(address_of(request))
        if standing.state != "open":
            return _to(HOME, request)  # what was agreed to ends with the session
        return ui.consents(request, standing)

    @app.get(f"{HOME}/tickets")
    async def tickets(request: Request) -> Response:
        if not ui.portal().has_tickets:
            return _to(HOME, request)
        return ui.tickets(request)


def _add_forms(app: FastAPI, ui: Pages, standings: Standings) -> None:
    forms = Forms(ui, standings)

    @app.post(f"{HOME}/open")
    async def open_gate(request: Request) -> Response:
        try:
            await forms.agree(request)
        except SAID as error:
            return ui.wifi(request, await standings.of(address_of(request)), error)
        # To a page that is loaded anew: that is when a phone looks again whether it is online.
        return _to(HOME, request)

    @app.post(f"{HOME}/consents")
    async def withdraw(request: Request) -> Response:
        standing = await standings.of(address_of(request))
        if standing.state != "open":
            return _to(HOME, request)
        try:
            await forms.take_back(request, standing)
        except SAID as error:
            return ui.consents(request, standing, error)
        return _to(f"{HOME}/consents", request, "kept=1&")

    @app.post(f"{HOME}/close")
    async def close(request: Request) -> Response:
        try:
            await forms.leave(request)
        except SAID as error:
            return ui.wifi(request, await standings.of(address_of(request)), error)
        return _to(HOME, request, "left=1&")


def _add_api(app: FastAPI, ui: Pages, standings: Standings) -> None:
    @app.get(PATH)
    async def captive(request: Request) -> Response:
        """Tell a device how it stands: RFC 8908, which is for https only."""
        if request.url.scheme != "https":
            raise HTTPException(HTTPStatus.NOT_FOUND)
        portal = ui.portal()
        told = told_of(portal, await standings.of(address_of(request)))
        return JSONResponse(told, media_type=MEDIA_TYPE, headers={"cache-control": "private, no-store"})


def _install(app: FastAPI, ui: Pages) -> None:
    """Let every error leave as a page of the portal, or as a bare status from the API."""

    def told(request: Request, error: MotcuaError | None, status: HTTPStatus) -> Response:
        if request.url.path == PATH:
            return waiting(Response(status_code=status), error)
        return ui.message(request, error, status)

    @app.exception_handler(MotcuaError)
    async def ours(request: Request, error: MotcuaError) -> Response:
        return told(request, error, status_of(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        answer = told(request, None, HTTPStatus(error.status_code))
        answer.headers.update(error.headers or {})
        return answer


def _is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a form is from a page of somebody else's.

    ``Origin: null`` says nothing: windows in which phones show a portal send it for our own pages. The pass
    decides.
    """
    if "sec-fetch-site" not in headers and headers.get("origin") == "null":
        return False
    return not csrf.is_same_origin(headers)


def _to(path: str, request: Request, query: str = "") -> Response:
    return RedirectResponse(f"{path}?{query}lang={lang_of(request)}", HTTPStatus.SEE_OTHER)
