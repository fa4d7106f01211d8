"""The settings pages: what is set, each section as a form with a preview, the history and undo."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from appliance.web.pages_settings_editing import Editor, Form
from appliance.web.pages_settings_forms import read
from appliance.web.pages_settings_overview import Overview
from appliance.web.pages_settings_sections import SECTIONS
from appliance.web.typed import Once, Typed
from appliance.web.ui import Ui

_OURS: Final = frozenset({"csrf", "request", "do", "base"})


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    overview, once = Overview(ui), Once()
    editor = Editor(ui, overview)

    @app.get("/settings", response_class=HTMLResponse, include_in_schema=False)
    async def shown(request: Request, done: str = "") -> Response:
        return _answer(await ui.in_worker(overview.overview, request, done))

    @app.get("/settings/history", response_class=HTMLResponse, include_in_schema=False)
    async def history(request: Request, before: str = "", done: str = "") -> Response:
        number = int(before) if before.isascii() and before.isdecimal() and len(before) < 9 else None  # noqa: PLR2004
        return _answer(await ui.in_worker(overview.history, request, number, done))

    @app.post("/settings/undo", response_class=HTMLResponse, include_in_schema=False)
    async def undo(request: Request) -> Response:
        typed = await Typed.read(request)
        work = _work(ui, overview.undo, request, typed)
        return _answer(await once.do(ui.visitor(request).visit, typed["request"], work))

    @app.get("/settings/{section}", response_class=HTMLResponse, include_in_schema=False)
    async def section_page(request: Request, section: str) -> Response:
        return _answer(await ui.in_worker(editor.section, request, _section(section)))

    @app.post("/settings/{section}", response_class=HTMLResponse, include_in_schema=False)
    async def edit(request: Request, section: str) -> Response:
        form = await _read(request, _section(section))
        return _answer(await ui.in_worker(editor.edit, request, form))

    @app.post("/settings/{section}/apply", response_class=HTMLResponse, include_in_schema=False)
    async def apply(request: Request, section: str) -> Response:
        form = await _read(request, _section(section))
        return _answer(
            await once.do(ui.visitor(request).visit, form.request, _work(ui, editor.apply, request, form))
        )


def _answer(found: Any) -> Response:  # noqa: ANN401 - what a worker thread brings back
    assert isinstance(found, Response)  # noqa: S101 - every page here returns one
    return found


def _work(ui: Ui, *call: Any) -> Callable[[], Any]:  # noqa: ANN401 - a function and its arguments
    return lambda: ui.in_worker(*call)


def _section(name: str) -> str:
    if name not in SECTIONS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return name


async def _read(request: Request, name: str) -> Form:
    items = (await request.form()).multi_items()
    fields = {key: value for key, value in items if isinstance(value, str) and key in _OURS}
    pairs = tuple((key, value) for key, value in items if isinstance(value, str) and key not in _OURS)
    section = SECTIONS[name]
    filled = read(pairs, section.lists)
    base, do = fields.get("base", ""), fields.get("do", "")
    return Form(name, section, filled, base, pairs, do, fields.get("request", ""))
