"""The catalog of procedures that phones look up: what is in it, and another list from a file."""

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import UploadFile

from appliance.errors import DomainError, MotcuaError
from appliance.procedures import store, table
from appliance.procedures.errors import CatalogUnavailableError
from appliance.sockets.procedures import Procedure
from appliance.web.pages_settings_sections import SECTIONS
from appliance.web.typed import refused
from appliance.web.ui import Ui

log = structlog.get_logger(__name__)

ADDRESS: Final = "/settings/procedures"
PAGE: Final = "settings/procedures.html"
SHOWN: Final = 50
SHOWN_PROBLEMS: Final = 30


class NoListError(DomainError, ValueError):
    """Error raised when a form for a list came without one."""

    key = "procedures.no_list"
    template = "choose the file with the list first"
    template_vi = "Hãy chọn tệp danh sách trước"


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    folder = ui.parts.folder

    async def page(request: Request, error: MotcuaError | None = None, **more: Any) -> HTMLResponse:  # noqa: ANN401
        found: tuple[Procedure, ...] = ()
        try:
            found = await ui.in_worker(store.procedures, folder)
        except CatalogUnavailableError as unavailable:
            error = error or unavailable
        status = HTTPStatus.OK if error is None else refused(error)
        said = "" if error is None else ui.say(request, error)
        about = {"sections": tuple(SECTIONS), "here": "procedures", "error": said}
        shown = {"shown": found[:SHOWN], "count": len(found), "columns": table.COLUMNS}
        nothing = {"done": "", "problems": (), "more": 0}
        return ui.page(request, PAGE, status, **nothing | about | shown | more)

    @app.get(ADDRESS, response_class=HTMLResponse, include_in_schema=False)
    async def catalog(request: Request, done: str = "") -> Response:
        return await page(request, done=done)

    async def sent(request: Request) -> bytes:
        async with request.form() as form:
            file = form.get("list")
            if not isinstance(file, UploadFile) or not file.filename:
                raise NoListError
            return await file.read()

    @app.post(ADDRESS, response_class=HTMLResponse, include_in_schema=False)
    async def take_over(request: Request) -> Response:
        try:
            content = await sent(request)
        except NoListError as error:
            return await page(request, error)
        found, problems = await ui.in_worker(table.parse, content)
        if problems:
            word = 1 if ui.visitor(request).lang == "vi" else 0
            shown = [each.said()[word] for each in problems[:SHOWN_PROBLEMS]]
            more = len(problems) - len(shown)
            return await page(request, table.refusal(problems), problems=shown, more=more)
        try:
            await ui.in_worker(store.replace, folder, found)
        except CatalogUnavailableError as error:
            return await page(request, error)
        log.info("procedures.taken_over", count=len(found), officer=ui.visitor(request).officer)
        return ui.go(f"{ADDRESS}?done=taken")

    @app.get(f"{ADDRESS}/list", include_in_schema=False)
    async def written() -> Response:
        content = table.written(await ui.in_worker(store.procedures, folder))
        headers = {"Content-Disposition": 'attachment; filename="thu-tuc.csv"', "Cache-Control": "no-store"}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
