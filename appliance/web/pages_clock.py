"""Date and time of the box, confirmed by whoever has a clock beside him."""

from datetime import datetime
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.errors import MotcuaError
from appliance.web.bodies import ConfirmTime
from appliance.web.typed import Typed, refused
from appliance.web.ui import Ui, local_path
from appliance.wire.moment import HANOI


def add(app: FastAPI, ui: Ui) -> None:
    """Add it."""

    def page(
        request: Request,
        wanted: str,
        status: HTTPStatus = HTTPStatus.OK,
        error: str = "",
        *,
        is_slip: bool = False,
    ) -> HTMLResponse:
        moment = ui.parts.clock.now()
        said = {"moment": moment, "quality": moment.quality.value, "error": error, "is_slip": is_slip}
        return ui.page(request, "sign_in/clock.html", status, next=local_path(wanted), **said)

    @app.get("/clock", response_class=HTMLResponse, include_in_schema=False)
    async def clock(request: Request, next: str = "/") -> Response:  # noqa: A002 - the field's name
        return page(request, next)

    @app.post("/clock", response_class=HTMLResponse, include_in_schema=False)
    async def confirm(request: Request) -> Response:
        typed = await Typed.read(request)
        told = told_time(typed["date"], typed["time"])
        if told is None:
            return page(request, typed["next"], HTTPStatus.UNPROCESSABLE_ENTITY, is_slip=True)
        try:
            await ui.ask(told.command())
        except MotcuaError as error:
            return page(request, typed["next"], refused(error), ui.say(request, error))
        return ui.go(local_path(typed["next"]))


def told_time(day: str, time: str) -> ConfirmTime | None:
    """Return what was typed as the time in Hanoi, ``2026-11-25`` and ``08:31`` or ``08:31:05``.

    None if it is no time, or none that may be confirmed.
    """
    try:
        local = datetime.fromisoformat(f"{day}T{time}")
        return None if local.tzinfo else ConfirmTime(at=local.replace(tzinfo=HANOI))
    except ValueError:  # also what is outside of the bounds
        return None
