"""The public WiFi for staff: how many are there, how the line is used, what was found wrong.

Technicians also see the devices, by handles that mean nothing elsewhere, and what the hardware can do.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from appliance.config import Settings
from appliance.desk.state import State
from appliance.errors import MotcuaError
from appliance.figures.totals import WifiHour, merged
from appliance.pages.texts import N_
from appliance.sockets import gate
from appliance.web.access import TABLE, Who
from appliance.web.examiner import by_level
from appliance.web.live import Look
from appliance.web.supervisor_health import shown
from appliance.web.typed import Typed, refused
from appliance.web.ui import Ui
from appliance.web.wifi import BadMinutesError, GateAwayError, NoDeviceError, Wifi, WifiLook
from appliance.wire.moment import HANOI, parse_wire_time

MOST_MINUTES: Final = 1440
USUAL_MINUTES: Final = 60
SHOWN_DEVICES: Final = 200
PAGE, DEVICES, CAPABILITIES = "wifi/wifi.html", "wifi/devices.html", "wifi/capabilities.html"
TEST: Final = "wifi/test.html"
_HANDLE: Final = re.compile(r"[a-z2-7]{8}\Z")
REASONS: Final = {
    "full": N_("as many are online as may be"),
    "closed": N_("outside the hours"),
    "spent": N_("the day's quota is used up"),
    "blocked": N_("blocked by a technician"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One hour of a day.

    Args:
        at: when it began, ``08:00``.
        until: when it ended.
        told: what the journal holds of it.
    """

    at: str
    until: str
    told: WifiHour


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    pages = WifiPages(ui)

    @app.get("/wifi", response_class=HTMLResponse, include_in_schema=False)
    async def wifi(request: Request) -> Response:
        return await pages.overview(request)

    @app.get("/wifi/live", include_in_schema=False)
    async def live(request: Request) -> StreamingResponse:
        pages.gate()
        lang = ui.visitor(request).lang
        return ui.live(request, ("wifi", lang), pages.look(lang))

    @app.get("/wifi/devices", response_class=HTMLResponse, include_in_schema=False)
    async def devices(request: Request, done: str = "") -> Response:
        return await pages.devices(request, done=done)

    @app.post("/wifi/devices", response_class=HTMLResponse, include_in_schema=False)
    async def turn(request: Request) -> Response:
        return await pages.turn(request, await Typed.read(request))

    @app.get("/wifi/test", response_class=HTMLResponse, include_in_schema=False)
    async def test(request: Request) -> Response:
        return await pages.test(request)

    @app.post("/wifi/test", response_class=HTMLResponse, include_in_schema=False)
    async def ask_for_test(request: Request) -> Response:
        try:
            await ui.in_worker(pages.gate().ask_for_test)
        except MotcuaError as error:
            return await pages.test(request, refused(error), ui.say(request, error))
        return ui.go("/wifi/test")

    @app.get("/wifi/capabilities", response_class=HTMLResponse, include_in_schema=False)
    async def capabilities(request: Request) -> Response:
        found = await ui.in_worker(pages.gate().capabilities)
        at = None if found is None else parse_wire_time(found.at)
        settings = ui.parts.settings().hotspot
        return ui.page(request, CAPABILITIES, found=found, at=at, hotspot=settings)


class WifiPages:
    """See the module.

    Args:
        ui: how the staff app answers.
    """

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self._parts = ui.parts

    def gate(self) -> Wifi:
        """Return the gate; without public WiFi there is no such page."""
        wifi = self._parts.wifi
        if wifi is None or not self._parts.has_wifi:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return wifi

    async def overview(self, request: Request) -> HTMLResponse:
        """Show how it is now, and the hours of a day."""
        look, today = self.gate().look(), self._today()
        visitor, hotspot = self._ui.visitor(request), self._parts.settings().hotspot
        day = _asked(request, today)
        rows = await self._ui.in_worker(self._rows, day)
        health = await self._ui.in_worker(self._parts.views.health)
        return self._ui.page(
            request,
            PAGE,
            now=self._now(look),
            day=day,
            today=today,
            rows=rows,
            total=total(row.told for row in rows),
            line=shown(health)["uplink"],
            guests_down_kbps=hotspot.guests_down_kbps,
            guests_up_kbps=hotspot.guests_up_kbps,
            may_set=visitor.is_any(*TABLE["POST", "/settings/{section}"]),
            is_technician=visitor.is_any(Who.TECHNICIAN),
        )

    def look(self, lang: str) -> Callable[[State], Look]:
        """Return what renders how it is now."""
        macro = self._parts.renderer.macro

        def render(_state: State) -> Look:
            wifi = self._parts.wifi
            if wifi is None or not self._parts.has_wifi:
                return Look({})
            found = self._now(wifi.look())
            return Look({name: str(macro("wifi/now.html", name, lang, found)) for name in ("now", "engines")})

        return render

    async def devices(
        self,
        request: Request,
        *,
        done: str = "",
        status: HTTPStatus = HTTPStatus.OK,
        problem: str = "",
    ) -> HTMLResponse:
        """Show who is there, by handles."""
        wifi, is_away = self.gate(), False
        found: list[gate.Client] = []
        try:
            found = list(await self._ui.in_worker(wifi.clients))
        except GateAwayError:
            is_away = True
        return self._ui.page(
            request,
            DEVICES,
            status,
            clients=found[:SHOWN_DEVICES],
            more=max(0, len(found) - SHOWN_DEVICES),
            is_away=is_away,
            done=done if done in {"blocked", "unblocked"} else "",
            problem=problem,
            usual=USUAL_MINUTES,
            most=MOST_MINUTES,
        )

    async def turn(self, request: Request, typed: Typed) -> Response:
        """Block a device, or let it agree again."""
        wifi = self.gate()
        verb, _, handle = typed["do"].partition(" ")
        try:
            if verb == "unblock":
                await self._ui.in_worker(wifi.unblock, _handle(handle))
            else:
                await self._ui.in_worker(wifi.block, _handle(handle), _minutes(typed[f"minutes-{handle}"]))
        except MotcuaError as error:
            problem = self._ui.say(request, error)
            return await self.devices(request, status=refused(error), problem=problem)
        return self._ui.go(f"/wifi/devices?done={'un' if verb == 'unblock' else ''}blocked")

    async def test(
        self, request: Request, status: HTTPStatus = HTTPStatus.OK, problem: str = ""
    ) -> HTMLResponse:
        """Show what a test of the gate found, and the button for another one."""
        look = await self._ui.in_worker(self.gate().test)
        word = 1 if self._ui.visitor(request).lang == "vi" else 0
        groups = by_level(() if look.last is None else look.last.found)
        return self._ui.page(request, TEST, status, look=look, groups=groups, word=word, problem=problem)

    def _today(self) -> date:
        return self._parts.clock.now().at.astimezone(HANOI).date()

    def _now(self, look: WifiLook) -> dict[str, Any]:
        return now_of(look, self._parts.settings(), self._parts.clock.now().at)

    def _rows(self, day: date) -> list[Row]:
        """Return the hours of a day; its last one is told on the next business day."""
        last = day + timedelta(days=1)
        totals = merged(self._parts.figures.of_days(_text(day - timedelta(days=3)), _text(last)))
        return rows_of(totals.wifi, day)


def now_of(look: WifiLook, settings: Settings, at: datetime) -> dict[str, Any]:
    """Return what the live regions are drawn from.

    Args:
        look: at the gate.
        settings: in force.
        at: the moment.
    """
    counts = look.counts
    into_s = at.minute * 60 + at.second
    return {
        "look": look,
        "counts": counts,
        "most": settings.hotspot.max_clients,
        "reasons": []
        if counts is None
        else [(REASONS[each], n) for each, n in counts.refused_for.items() if n],
        "mean_down_bps": None if counts is None or not into_s else counts.bytes_down * 8 // into_s,
        "mean_up_bps": None if counts is None or not into_s else counts.bytes_up * 8 // into_s,
    }


def rows_of(hours: Mapping[str, WifiHour], day: date) -> list[Row]:
    """Return what is told of the hours of a day, in order."""
    rows = []
    for hour, told in sorted(hours.items()):
        if hour.startswith(_text(day)):
            begins = int(hour[-2:])
            rows.append(Row(f"{begins:02d}:00", f"{begins + 1:02d}:00", told))
    return rows


def total(hours: Iterable[WifiHour]) -> dict[str, int] | None:
    """Return what the hours with counts add up to; None when there are none of them."""
    told = [each for each in hours if each.sessions is not None]
    if not told:
        return None
    return {
        "peak": max(each.peak_clients or 0 for each in told),
        "refused": sum(each.refused or 0 for each in told),
        "down": sum(each.bytes_down or 0 for each in told),
        "up": sum(each.bytes_up or 0 for each in told),
    }


def _asked(request: Request, today: date) -> date:
    """Return the day that the address asks for; today if it makes no sense."""
    try:
        return min(date.fromisoformat(request.query_params.get("day", "")), today)
    except ValueError:
        return today


def _text(day: date) -> str:
    return day.isoformat()


def _handle(text: str) -> str:
    if not _HANDLE.match(text):
        raise NoDeviceError
    return text


def _minutes(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST_MINUTES):  # noqa: PLR2004
        raise BadMinutesError(most=MOST_MINUTES)
    return int(text)
