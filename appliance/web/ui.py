"""How the staff app answers: pages in the visitor's language, redirects, streams, problems."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from appliance.desk.commands import Command
from appliance.desk.lanes import Lane
from appliance.desk.state import State
from appliance.errors import MotcuaError
from appliance.pages import texts
from appliance.web.access import Who
from appliance.web.api import answered
from appliance.web.live import Look, places_of
from appliance.web.names import name_of
from appliance.web.parts import Parts
from appliance.web.visitor import BOX, Visitor, remember, still_is


class Ui:
    """What every page module is given.

    Args:
        parts: what the app stands on.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def visitor(self, request: Request) -> Visitor:
        """Return who calls; the guard has found out before any handler runs."""
        visitor = request.state.visitor
        assert isinstance(visitor, Visitor)  # noqa: S101 - set by the guard of every route
        return visitor

    def texts(self, request: Request) -> texts.Texts:
        """Return the visitor's language."""
        return texts.of(self.visitor(request).lang)

    def context(self, visitor: Visitor) -> dict[str, Any]:
        """Return what base.html and the macros look at."""
        return {
            "lang": visitor.lang,
            "theme": visitor.theme,
            "visitor": visitor,
            "csrf": visitor.csrf,
            "office": name_of(self.parts.settings().office, visitor.lang).text,
            "has_hall": self.parts.has_hall,
            "has_wifi": self.parts.has_wifi,
            "is_wifi_off": not self.parts.settings().hotspot.enabled,
        }

    def page(
        self, request: Request, template: str, /, status: HTTPStatus = HTTPStatus.OK, **context: object
    ) -> HTMLResponse:
        """Return a whole page."""
        visitor = self.visitor(request)
        # What the address says stays when another language or other colors are chosen.
        query = [pair for pair in request.query_params.multi_items() if pair[0] not in {"lang", "theme"}]
        leads = visitor.is_any(Who.SUPERVISOR, Who.TECHNICIAN)
        setup = self.parts.views.setup() if leads else None
        values = {**self.context(visitor), "query": query, "setup": setup, **context}
        text = self.parts.renderer.page(template, visitor.lang, **values)
        response = HTMLResponse(text, status.value)
        remember(request, response, visitor)
        return response

    def region(self, visitor: Visitor, template: str, name: str, **context: object) -> str:
        """Return one block of a page's template, for a live region."""
        values = {**self.context(visitor), **context}
        return str(self.parts.renderer.block(template, name, visitor.lang, **values))

    def say(self, request: Request, error: MotcuaError) -> str:
        """Return an error's sentence in the visitor's language."""
        return sentence(error, self.visitor(request).lang)

    def go(self, path: str) -> RedirectResponse:
        """Return the redirect after a form: the browser loads ``path`` with GET."""
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)

    def live(
        self, request: Request, key: tuple[object, ...], render: Callable[[State], Look]
    ) -> StreamingResponse:
        """Return the stream of a page's regions; ``key`` tells looks apart, the language included.

        What a look shows must depend on nothing but the key and the state: others with this key share it.
        """
        visitor = self.visitor(request)
        places = places_of(
            "" if request.client is None else request.client.host,
            is_own_screen=visitor.purpose == BOX,
            is_stranger=visitor.is_any(Who.NOBODY),
        )
        return self.parts.hub.follow(key, render, still_is(visitor, self.parts.accounts), places)

    async def ask(self, command: Command, lane: Lane = Lane.OFFICE) -> dict[str, Any]:
        """Put a command to the desk; return its answer.

        Raises:
            MotcuaError: it was refused or could not be recorded.
            TimeoutError: no answer in time.
        """
        return await answered(self.parts.desk, command, lane)

    async def in_worker(self, work: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401 - as the work's
        """Run what blocks (hashing a password, reading the journal) outside the event loop."""
        return await asyncio.to_thread(work, *args)


def sentence(error: MotcuaError, lang: str) -> str:
    """Return an error's sentence in a language."""
    return error.vi() if lang == "vi" else str(error)


def local_path(path: str | None, otherwise: str = "/") -> str:
    """Return a path of our own to go on with, never another site's address."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable():
        return path
    return otherwise


def wants_page(request: Request) -> bool:
    """Whether a person with a browser asks, not a program."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
