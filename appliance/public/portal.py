"""The portal: where a guest agrees, how his device stands, and the same for the device itself (RFC 8908).

Pages are plain forms. Nothing is kept about who looks: no cookie is set, and a device is known by the address
of the socket alone, never by a header.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from appliance.errors import MotcuaError
from appliance.httpd import csrf, forms
from appliance.pages.rendering import Renderer
from appliance.pages.texts import best, of
from appliance.public.callers import Callers
from appliance.public.captive import HOME, SAFE
from appliance.public.errors import ForeignFormError, GateAwayError, RefusedError, TermsChangedError
from appliance.public.notice import Notice
from appliance.public.opening import rows
from appliance.public.passes import Passes
from appliance.public.problems import retry_s, status_of
from appliance.public.standings import Standing, Standings, plain_of
from appliance.sockets.portal import Portal

API: Final = "/captive"
API_TYPE: Final = "application/captive+json"
MOST_FIELDS: Final = 16
OPEN: Final = "open"
CONSENTS: Final = "consents"
_GB: Final = 1_000_000_000
_MB: Final = 1_000_000
_HIDES: Final = frozenset({"new", "open", "full"})
"""What a line that is down makes meaningless."""


def is_portals(path: str) -> bool:
    """Whether a path is one of this app's."""
    return path in {HOME, API} or path.startswith(f"{HOME}/")


class Pages:
    """Draws the portal's pages.

    Args:
        renderer: of templates.
        notice: what is known of the settings.
        passes: for the forms.
    """

    def __init__(self, renderer: Renderer, notice: Notice, passes: Passes) -> None:
        self.notice = notice
        self.passes = passes
        self._renderer = renderer

    def portal(self) -> Portal:
        """Return what is known of the portal.

        Raises:
            GateAwayError: there is none any more.
        """
        known = self.notice.known()
        if known is None or known.portal is None:
            raise GateAwayError
        return known.portal

    def wifi(self, request: Request, standing: Standing, error: MotcuaError | None = None) -> HTMLResponse:
        """Return how a device stands, perhaps with what did not work."""
        portal, lang = self.portal(), lang_of(request)
        spoken = of(lang)
        look: str = standing.state
        if not portal.has_wan and look in _HIDES:
            look = "offline"
        seconds, size = standing.seconds_left, standing.bytes_left
        return self._page(
            request,
            "portal/wifi.html",
            error,
            title=spoken.gettext("Free WiFi"),
            look=look,
            left=None if seconds is None else spoken.minutes(seconds * 1000),
            data=None if size is None else size_text(size, lang),
            hours=rows(portal.hours, lang),
            has_tickets=portal.has_tickets,
            **self._form(request, portal, OPEN),
        )

    def consents(self, request: Request, error: MotcuaError | None = None) -> HTMLResponse:
        """Return the page on which a guest takes back what he allowed."""
        portal = self.portal()
        return self._page(
            request,
            "portal/consents.html",
            error,
            title=of(lang_of(request)).gettext("What I have allowed besides"),
            is_kept=error is None and request.query_params.get("kept") == "1",
            **self._form(request, portal, CONSENTS),
        )

    def tickets(self, request: Request) -> HTMLResponse:
        """Return the page that tells how to follow a number."""
        lang = lang_of(request)
        page = self._renderer.page(
            "phone/front.html", lang, here=f"{HOME}/tickets", office=self.notice.office(lang)
        )
        return HTMLResponse(page)

    def message(self, request: Request, error: MotcuaError | None, status: HTTPStatus) -> HTMLResponse:
        """Return the page that says what did not work; without an error, that there is no such page."""
        lang = lang_of(request)
        text = of(lang).gettext("There is no such page.") if error is None else _said(error, lang)
        title = of(lang).gettext("Free WiFi")
        page = self._draw(request, "portal/message.html", title=title, text=text)
        return _waiting(HTMLResponse(page, status), error)

    def _form(self, request: Request, portal: Portal, act: str) -> dict[str, object]:
        lang, version = lang_of(request), portal.terms.version
        now_s = asyncio.get_running_loop().time()
        return {
            "ticket": self.passes.issue(address_of(request), f"{act} {version}", now_s),
            "terms": portal.terms.of_lang(lang),
            "version": version,
            "purposes": [(each.key, each.name.of_lang(lang)) for each in portal.purposes],
        }

    def _page(
        self, request: Request, template: str, error: MotcuaError | None, **context: object
    ) -> HTMLResponse:
        status = HTTPStatus.OK if error is None else status_of(error)
        problem = None if error is None else _said(error, lang_of(request))
        page = self._draw(request, template, problem=problem, **context)
        return _waiting(HTMLResponse(page, status), error)

    def _draw(self, request: Request, template: str, **context: object) -> str:
        lang = lang_of(request)
        # A form's answer is looked at in the other language by looking at its page.
        here = f"{HOME}/consents" if request.url.path == f"{HOME}/consents" else HOME
        return self._renderer.page(
            template, lang, **{"office": self.notice.office(lang), "here": here, **context}
        )


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
        is_first = ui.passes.take(
            str(form.get("pass", "")), address_of(request), f"{act} {version}", now_s
        )
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
    @app.get(API)
    async def captive(request: Request) -> Response:
        """Tell a device how it stands: RFC 8908, which is for https only."""
        if request.url.scheme != "https":
            raise HTTPException(HTTPStatus.NOT_FOUND)
        portal = ui.portal()
        told = captive_of(portal, await standings.of(address_of(request)))
        return JSONResponse(told, media_type=API_TYPE, headers={"cache-control": "private, no-store"})


def captive_of(portal: Portal, standing: Standing) -> dict[str, Any]:
    """Return the document of RFC 8908, section 5."""
    is_open = standing.state == "open" and portal.has_wan
    page = f"https://{portal.name}{HOME}"
    told: dict[str, Any] = {"captive": not is_open, "user-portal-url": page}
    if portal.has_tickets:
        # Said while captive too: some phones look at it once.
        told["venue-info-url"] = f"{page}/tickets"
    if is_open:
        # Nobody is asked anew before his session has ended.
        told["can-extend-session"] = False
        if standing.seconds_left is not None:
            told["seconds-remaining"] = standing.seconds_left
        if standing.bytes_left is not None:
            told["bytes-remaining"] = standing.bytes_left
    return told


def _install(app: FastAPI, ui: Pages) -> None:
    """Let every error leave as a page of the portal, or as a bare status from the API."""

    def told(request: Request, error: MotcuaError | None, status: HTTPStatus) -> Response:
        if request.url.path == API:
            return _waiting(Response(status_code=status), error)
        return ui.message(request, error, status)

    @app.exception_handler(MotcuaError)
    async def ours(request: Request, error: MotcuaError) -> Response:
        return told(request, error, status_of(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        answer = told(request, None, HTTPStatus(error.status_code))
        answer.headers.update(error.headers or {})
        return answer


def lang_of(request: Request) -> str:
    """Return the language to speak: of the address, else what the browser wishes."""
    return best(request.headers.get("accept-language"), request.query_params.get("lang"))


def address_of(request: Request) -> str:
    """Return the address of the socket's other end, as the gate knows it; empty if it has none."""
    return plain_of(request.client.host if request.client else "") or ""


def size_text(size: int, lang: str) -> str:
    """Return ``850 MB`` or ``1,1 GB``."""
    spoken = of(lang)
    if size >= _GB:
        return f"{spoken.number(size / _GB, 1)} GB"
    return f"{spoken.number(size // _MB)} MB"


async def _fields(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith(forms.FORM):
        raise ForeignFormError
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


def _is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a form is from a page of somebody else's.

    ``Origin: null`` says nothing: windows in which phones show a portal send it for our own. The pass decides.
    """
    if "sec-fetch-site" not in headers and headers.get("origin") == "null":
        return False
    return not csrf.is_same_origin(headers)


def _to(path: str, request: Request, query: str = "") -> Response:
    return RedirectResponse(f"{path}?{query}lang={lang_of(request)}", HTTPStatus.SEE_OTHER)


def _waiting(answer: Response, error: MotcuaError | None) -> Any:  # noqa: ANN401 - the same answer
    seconds = None if error is None else retry_s(error)
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _said(error: MotcuaError, lang: str) -> str:
    said = str(error) if lang == "en" else error.vi()
    return said[:1].upper() + said[1:]
