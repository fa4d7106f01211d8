"""How the portal's pages are drawn: plain forms, one style sheet, no script, no font, no cookie."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeVar

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from appliance.errors import MotcuaError
from appliance.pages.rendering import Renderer
from appliance.pages.texts import best, of
from appliance.public.captive import HOME
from appliance.public.errors import GateAwayError
from appliance.public.notice import Notice
from appliance.public.opening import reopens, rows
from appliance.public.passes import Passes
from appliance.public.problems import retry_s, status_of
from appliance.public.standings import Standing, plain_of
from appliance.sockets.portal import Portal

OPEN: Final = "open"
WITHDRAW: Final = "withdraw"
CLOSE: Final = "close"
_GB: Final = 1_000_000_000
_MB: Final = 1_000_000
_HIDES: Final = frozenset({"new", "open", "full"})
"""What a line that is down makes meaningless."""
_Answer = TypeVar("_Answer", bound=Response)


class Pages:
    """Draws the portal's pages.

    Args:
        renderer: of templates.
        notice: what is known of the settings.
        passes: for the forms.
        wall_us: the wall clock, by which the gate says when it opens again.
    """

    def __init__(
        self, renderer: Renderer, notice: Notice, passes: Passes, wall_us: Callable[[], int]
    ) -> None:
        self.notice = notice
        self.passes = passes
        self._renderer = renderer
        self._wall_us = wall_us

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
        if not standing.has_wan(portal) and look in _HIDES:
            look = "offline"
        seconds, size, opens_in_s = standing.seconds_left, standing.bytes_left, standing.opens_in_s
        return self._page(
            request,
            "portal/wifi.html",
            error,
            title=spoken.gettext("Free WiFi"),
            look=look,
            left=None if seconds is None else spoken.minutes(seconds * 1000),
            data=None if size is None else size_text(size, lang),
            hours=rows(portal.hours, lang),
            reopens=None if opens_in_s is None else reopens(opens_in_s, self._wall_us(), lang),
            has_tickets=portal.has_tickets,
            has_procedures=self.notice.catalog.is_there,
            has_session=standing.state == "open",
            has_left=error is None and request.query_params.get("left") == "1",
            ticket=self._pass(request, CLOSE if look == "open" else f"{OPEN} {portal.terms.version}"),
            terms=portal.terms.of_lang(lang),
            version=portal.terms.version,
            purposes=_named(portal, lang),
        )

    def consents(
        self, request: Request, standing: Standing, error: MotcuaError | None = None
    ) -> HTMLResponse:
        """Return the page that says what a guest agreed to, and on which he takes it back."""
        portal, lang = self.portal(), lang_of(request)
        names = dict(_named(portal, lang))
        return self._page(
            request,
            "portal/consents.html",
            error,
            title=of(lang).gettext("What I agreed to"),
            is_kept=error is None and request.query_params.get("kept") == "1",
            ticket=self._pass(request, WITHDRAW),
            terms=portal.terms.of_lang(lang),
            version=portal.terms.version,
            agreed=standing.terms,
            # A purpose that the settings no longer name can be taken back all the same.
            consents=[(key, names.get(key, key)) for key in standing.consents],
        )

    def tickets(self, request: Request) -> HTMLResponse:
        """Return the page that tells how to follow a number."""
        lang = lang_of(request)
        page = self._renderer.page(
            "phone/front.html",
            lang,
            here=f"{HOME}/tickets",
            office=self.notice.office(lang),
            has_procedures=self.notice.catalog.is_there,
        )
        return HTMLResponse(page)

    def message(self, request: Request, error: MotcuaError | None, status: HTTPStatus) -> HTMLResponse:
        """Return the page that says what did not work; without an error, that there is no such page."""
        lang = lang_of(request)
        text = of(lang).gettext("There is no such page.") if error is None else _said(error, lang)
        title = of(lang).gettext("Free WiFi")
        page = self._draw(request, "portal/message.html", title=title, text=text)
        return waiting(HTMLResponse(page, status), error)

    def _pass(self, request: Request, about: str) -> str:
        return self.passes.issue(address_of(request), about, asyncio.get_running_loop().time())

    def _page(
        self, request: Request, template: str, error: MotcuaError | None, **context: object
    ) -> HTMLResponse:
        status = HTTPStatus.OK if error is None else status_of(error)
        problem = None if error is None else _said(error, lang_of(request))
        page = self._draw(request, template, problem=problem, **context)
        return waiting(HTMLResponse(page, status), error)

    def _draw(self, request: Request, template: str, **context: object) -> str:
        lang = lang_of(request)
        # A form's answer is looked at in the other language by looking at its page.
        here = f"{HOME}/consents" if request.url.path == f"{HOME}/consents" else HOME
        return self._renderer.page(
            template, lang, **{"office": self.notice.office(lang), "here": here, **context}
        )


def _named(portal: Portal, lang: str) -> list[tuple[str, str]]:
    return [(each.key, each.name.of_lang(lang)) for each in portal.purposes]


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


def waiting(answer: _Answer, error: MotcuaError | None) -> _Answer:
    """Let an answer say when to come again, if that may help; return it."""
    seconds = None if error is None else retry_s(error)
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _said(error: MotcuaError, lang: str) -> str:
    said = str(error) if lang == "en" else error.vi()
    return said[:1].upper() + said[1:]
