"""The portal's routes: agreeing, how a device stands, taking a consent back, and the API of RFC 8908.

Nothing is kept about who looks: no cookie is set, and a device is known by the address of the socket alone,
never by a header.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from appliance.errors import MotcuaError
from appliance.httpd import csrf, forms
from appliance.pages.rendering import Renderer
from appliance.public.callers import Callers
from appliance.public.capport import MEDIA_TYPE, PATH, told_of
from appliance.public.captive import HOME, SAFE
from appliance.public.errors import ForeignFormError, GateAwayError, RefusedError, TermsChangedError
from appliance.public.notice import Notice
from appliance.public.passes import Passes
from appliance.public.portal_pages import CONSENTS, OPEN, Pages, address_of, lang_of, waiting
from appliance.public.problems import status_of
from appliance.public.standings import Standings

MOST_FIELDS: Final = 16


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
) -> FastAPI:
    """Return the app; it answers at the portal's own paths only.

    Args:
        notice: what is known of the settings.
        standings: how devices stand at the gate.
        secret: behind the passes of forms.
        renderer: of pages.
        callers: counts who asks; made unless given. IPv6 guests share one network, so each address counts.
    """
    counted = callers or Callers()
    ui = Pages(renderer, notice, Passes(secret))

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
    async def back(request: Request) -> Response:
        """Send on whoever types the portal's name, or reloads the answer to a form."""
        return _to(HOME, request)

    @app.get(HOME)
    async def wifi(request: Request) -> Response:
        return ui.wifi(request, await standings.of(address_of(request)))

    @app.get(f"{HOME}/consents")
    async def consents(request: Request) -> Response:
        standing = await standings.of(address_of(request))
        if standing.state != "open" or not ui.portal().purposes:
            return _to(HOME, request)  # what was allowed ends with the session
        return ui.consents(request)

    @app.get(f"{HOME}/tickets")
    async def tickets(request: Request) -> Response:
        if not ui.portal().has_tickets:
            return _to(HOME, request)
        return ui.tickets(request)


def _add_forms(app: FastAPI, ui: Pages, standings: Standings) -> None:
    async def agree(request: Request, act: str) -> None:
        """Do what a form asks for; once.

        Raises:
            ForeignFormError: it is none of ours, or not this device's.
            TermsChangedError: others hold now.
            GateAwayError, RefusedError: as the gate says.
        """
        portal, form = ui.portal(), await _fields(request)
        version, now_s = str(form.get("terms", "")), asyncio.get_running_loop().time()
        shown = str(form.get("pass", ""))
        is_first = ui.passes.take(shown, address_of(request), f"{act} {version}", now_s)
        if version != portal.terms.version:
            raise TermsChangedError
        given = [] if "nothing" in form else [str(each) for each in form.getlist("consent")]
        if not set(given) <= {each.key for each in portal.purposes}:
            raise ForeignFormError
        if is_first:
            await standings.open(address_of(request), version, sorted(set(given)))

    @app.post(f"{HOME}/open")
    async def open_gate(request: Request) -> Response:
        try:
            await agree(request, OPEN)
        except (ForeignFormError, TermsChangedError, RefusedError, GateAwayError) as error:
            return ui.wifi(request, await standings.of(address_of(request)), error)
        # To a page that is loaded anew: that is when a phone looks again whether it is online.
        return _to(HOME, request)

    @app.post(f"{HOME}/consents")
    async def keep(request: Request) -> Response:
        standing = await standings.of(address_of(request))
        if standing.state != "open":
            return _to(HOME, request)
        try:
            await agree(request, CONSENTS)
        except (ForeignFormError, TermsChangedError, RefusedError, GateAwayError) as error:
            return ui.consents(request, error)
        return _to(f"{HOME}/consents", request, "kept=1&")


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


async def _fields(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith(forms.FORM):
        raise ForeignFormError
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


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
