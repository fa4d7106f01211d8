"""The doctor's page: what ``motcua doctor`` sees, the support bundle to take home, how fast the card is."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.errors import MotcuaError
from appliance.web import problems
from appliance.web.examiner import CardInUseError, CardLook, ExaminedLook, Examiner, NoExaminerError, by_level
from appliance.web.screens import opening
from appliance.web.typed import Typed
from appliance.web.ui import Ui
from appliance.wire.moment import HANOI

ADDRESS: Final = "/bench/doctor"
PAGE: Final = "bench/doctor.html"


class Latest:
    """What the doctor said last, and the turn to ask him; belongs to the server's event loop.

    Args:
        ui: how the staff app answers.
    """

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self._turn = asyncio.Lock()
        self.examined: ExaminedLook | None = None
        self.card: CardLook | None = None

    @property
    def examiner(self) -> Examiner:
        """Who is asked.

        Raises:
            NoExaminerError: this office was started without one.
        """
        examiner = self._ui.parts.examiner
        if examiner is None:
            raise NoExaminerError
        return examiner

    @property
    def is_hall_open(self) -> bool:
        """Whether people take numbers or are served now."""
        parts = self._ui.parts
        hall = parts.desk.state.hall
        return bool(hall.posts) or opening(hall, parts.clock.now(), parts.desk.rules.hall.hours).is_open

    async def examine(self) -> None:
        """Ask, unless somebody who asked meanwhile got an answer."""
        before = self.examined
        async with self._turn:
            if self.examined is before:
                self.examined = await self._ui.in_worker(self.examiner.examine)

    async def bundle(self) -> bytes:
        """Return a support bundle."""
        async with self._turn:
            return bytes(await self._ui.in_worker(self.examiner.bundle))

    async def measure(self, *, is_confirmed: bool) -> None:
        """Measure the card.

        Raises:
            CardInUseError: the hall is open, and that was not confirmed.
        """
        examiner = self.examiner
        if self.is_hall_open and not is_confirmed:
            raise CardInUseError
        async with self._turn:
            self.card = await self._ui.in_worker(examiner.measure_card)


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    latest = Latest(ui)

    def page(request: Request, error: MotcuaError | None = None) -> HTMLResponse:
        status = HTTPStatus.OK if error is None else problems.status_of(error)
        problem = "" if error is None else ui.say(request, error)
        return ui.page(request, PAGE, status, problem=problem, **_shown(latest, ui, request))

    @app.get(ADDRESS, response_class=HTMLResponse, include_in_schema=False)
    async def doctor(request: Request) -> Response:
        return page(request)

    @app.post(ADDRESS, include_in_schema=False)
    async def look(request: Request) -> Response:
        try:
            await latest.examine()
        except MotcuaError as error:
            return page(request, error)
        return ui.go(ADDRESS)

    @app.post(f"{ADDRESS}/card", include_in_schema=False)
    async def card(request: Request) -> Response:
        typed = await Typed.read(request)
        try:
            await latest.measure(is_confirmed=bool(typed["confirmed"]))
        except MotcuaError as error:
            return page(request, error)
        return ui.go(f"{ADDRESS}#card")

    @app.post(f"{ADDRESS}/bundle", include_in_schema=False)
    async def bundle(request: Request) -> Response:
        try:
            packed = await latest.bundle()
        except MotcuaError as error:
            return page(request, error)
        day = ui.parts.clock.now().at.astimezone(HANOI).strftime("%Y%m%d-%H%M")
        name = f"motcua-{ui.parts.settings().office.device}-{day}.tar.gz"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(packed, media_type="application/gzip", headers=headers)


def _shown(latest: Latest, ui: Ui, request: Request) -> dict[str, Any]:
    examined = latest.examined
    found = () if examined is None else examined.found
    return {
        "examined": examined,
        "groups": by_level(found),
        "card": latest.card,
        "is_hall_open": latest.is_hall_open,
        "word": 1 if ui.visitor(request).lang == "vi" else 0,
    }
