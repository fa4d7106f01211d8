"""The page on which numbers go on behind those that people hold, after a box was replaced."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.errors import MotcuaError
from appliance.queueing import commands as queueing
from appliance.queueing.errors import BadFieldError
from appliance.queueing.staffing import MOST_AHEAD
from appliance.queueing.ticket import new_label
from appliance.web.names import name_of
from appliance.web.typed import Typed, refused
from appliance.web.ui import Ui

ADDRESS: Final = "/health/numbers"
PAGE: Final = "supervisor/numbers.html"


@dataclass(frozen=True, slots=True)
class Row:
    """One series of numbers.

    Args:
        series: the letters in front.
        name: of the service.
        next: the next number that this box would give.
        typed: what was typed for it.
        is_slip: whether that is no number of the series.
    """

    series: str
    name: str
    next: str
    typed: str
    is_slip: bool


def add_numbers(app: FastAPI, ui: Ui) -> None:
    """Add it."""

    def page(
        request: Request,
        status: HTTPStatus = HTTPStatus.OK,
        typed: Typed | None = None,
        *,
        problem: str = "",
        is_beyond: bool = False,
    ) -> HTMLResponse:
        said = {"problem": problem, "is_beyond": is_beyond, "most": MOST_AHEAD}
        is_done = typed is None and "done" in request.query_params
        return ui.page(request, PAGE, status, rows=_rows(ui, request, typed), is_done=is_done, **said)

    @app.get(ADDRESS, response_class=HTMLResponse, include_in_schema=False)
    async def numbers(request: Request) -> Response:
        return page(request)

    @app.post(ADDRESS, response_class=HTMLResponse, include_in_schema=False)
    async def go_on(request: Request) -> Response:
        typed = await Typed.read(request)
        rows = _rows(ui, request, typed)
        labels = tuple(label for row in rows if (label := told_label(row.series, row.typed)))
        if not labels or any(row.is_slip for row in rows):
            return page(request, HTTPStatus.UNPROCESSABLE_ENTITY, typed)
        try:
            officer = ui.visitor(request).officer
            await ui.ask(queueing.ResumeDay(officer=officer, labels=labels, source="officer"))
        except BadFieldError:
            return page(request, HTTPStatus.UNPROCESSABLE_ENTITY, typed, is_beyond=True)
        except MotcuaError as error:
            return page(request, refused(error), typed, problem=ui.say(request, error))
        return ui.go(f"{ADDRESS}?done")


def told_label(series: str, text: str) -> str:
    """Return what was typed as a number of a series, ``a138`` or ``138`` as ``A138``; empty if it is none."""
    found = re.fullmatch(rf"(?:{re.escape(series)})?\s*([0-9]{{1,9}})", text.strip(), re.IGNORECASE)
    return "" if found is None else f"{series}{found[1]}"


def _rows(ui: Ui, request: Request, typed: Typed | None) -> list[Row]:
    numbers, lang = ui.parts.desk.state.hall.numbers, ui.visitor(request).lang
    rows = []
    for service in ui.parts.settings().services:
        series = service.prefix
        text = "" if typed is None else typed[f"last-{series}"].strip()[:20]
        known = new_label(series, numbers.get(series, 1))
        is_slip = bool(text) and not told_label(series, text)
        rows.append(Row(series, name_of(service, lang).text, known, text, is_slip))
    return rows
