"""Pages on which procedures are looked up: before a guest agrees, without the Internet, script or cookie."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from appliance.pages.rendering import Renderer
from appliance.pages.texts import of
from appliance.public.catalog import MOST_ASKED, Catalog
from appliance.public.notice import Notice
from appliance.public.portal_pages import lang_of

HOME: Final = "/procedures"
A_PAGE: Final = 25
"""Procedures on one page of the list; all that a phone loads stays below 30 kB."""


def add(app: FastAPI, renderer: Renderer, notice: Notice) -> None:
    """Add the routes."""
    pages = _Pages(renderer, notice)

    @app.get(HOME, include_in_schema=False)
    async def listed(request: Request) -> HTMLResponse:
        return pages.listed(request)

    @app.get(f"{HOME}/{{code}}", include_in_schema=False)
    async def one(code: str, request: Request) -> HTMLResponse:
        return pages.one(request, code)


class _Pages:
    def __init__(self, renderer: Renderer, notice: Notice) -> None:
        self._renderer, self._notice = renderer, notice
        self._catalog: Catalog = notice.catalog

    def listed(self, request: Request, *, is_missing: bool = False) -> HTMLResponse:
        """Return what fits a question, a page of it."""
        lang = lang_of(request)
        asked = "" if is_missing else request.query_params.get("q", "")[:MOST_ASKED].strip()
        found = self._catalog.search(asked)
        last = max(1, -(-len(found) // A_PAGE))
        number = min(_number(request.query_params.get("page", "")), last)
        return self._answer(
            request,
            "procedures/list.html",
            HTTPStatus.NOT_FOUND if is_missing else HTTPStatus.OK,
            here=HOME,
            keep=f"{urlencode({'q': asked})}&" if asked else "",
            title=of(lang).gettext("Look up a procedure"),
            asked=asked,
            found=found[(number - 1) * A_PAGE : number * A_PAGE],
            count=len(found),
            number=number,
            last=last,
            is_missing=is_missing,
            is_empty=not self._catalog.is_there,
            most_asked=MOST_ASKED,
        )

    def one(self, request: Request, code: str) -> HTMLResponse:
        """Return a procedure's page; the list with a word about it where there is none."""
        procedure = self._catalog.get(code)
        if procedure is None:
            return self.listed(request, is_missing=True)
        here = f"{HOME}/{procedure.code}"
        return self._answer(
            request, "procedures/procedure.html", HTTPStatus.OK, here=here, title=procedure.name,
            procedure=procedure,
        )  # fmt: skip

    def _answer(self, request: Request, template: str, status: HTTPStatus, **context: object) -> HTMLResponse:
        lang, known = lang_of(request), self._notice.known()
        page = self._renderer.page(
            template,
            lang,
            office=self._notice.office(lang),
            has_portal=known is not None and known.portal is not None,
            **context,
        )
        return HTMLResponse(page, status)


def _number(text: str) -> int:
    """Return the number of a page, 1 for anything that is none."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 4 else 1  # noqa: PLR2004 - digits
