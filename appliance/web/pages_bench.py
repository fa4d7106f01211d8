"""The bench: buttons, lamps, panels and keypads as a person sees and presses them, and what the box heard."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.config import Settings
from appliance.desk.state import State
from appliance.errors import MotcuaError
from appliance.pages import texts
from appliance.pages.texts import N_, Texts
from appliance.web import problems
from appliance.web.bench import BenchLook, HeardLook, UnknownDeviceError
from appliance.web.live import Look
from appliance.web.names import Named, name_of
from appliance.web.typed import Typed
from appliance.web.ui import Ui, wants_page
from appliance.web.visitor import Visitor
from appliance.wire.moment import HANOI

PAGE = "bench/bench.html"
TOUCH_MS, LONG_MS, BEYOND_MS = 120, 2_000, 2_000
HOLDS = ("touch", "long", "stuck")

KEYS = {
    "call": N_("Call next"),
    "recall": N_("Call again"),
    "start": N_("Begin"),
    "done": N_("Done, ask for a rating"),
    "no_show": N_("Did not come"),
    "hold": N_("Put on hold"),
    "resume": N_("Back from hold"),
    "pause": N_("Pause or open"),
}
TRANSFER = N_("Send on to %(service)s")
LEGENDS = {"start": "OK", "no_show": "6 OK", "hold": "0 OK", "resume": "3 OK"}
"""What is typed on the keypad itself, where that is not one key with the word on it."""
TYPED = 9
"""Services that one typed digit can name."""


@dataclass(frozen=True, slots=True)
class HeardRow:
    """One line of what the box heard."""

    at: str
    words: str
    technical: str
    look: HeardLook
    said: str


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""

    @app.get("/bench", response_class=HTMLResponse, include_in_schema=False)
    async def bench(request: Request) -> Response:
        return _page(ui, request, held=request.query_params.get("held", ""))

    @app.get("/bench/live", include_in_schema=False)
    async def live(request: Request) -> Response:
        visitor = ui.visitor(request)

        def render(_state: State) -> Look:
            shown = _shown(ui, visitor)
            return Look({name: ui.region(visitor, PAGE, name, **shown) for name in ("bench", "heard")})

        return ui.live(request, ("bench", visitor.lang), render)

    @app.post("/bench/press", include_in_schema=False)
    async def press(request: Request) -> Response:
        typed = await Typed.read(request)
        device, tested, held = typed["device"], typed["test"], typed["held"]
        port, officer = ui.parts.bench, ui.visitor(request).officer
        try:
            if port is None:
                raise UnknownDeviceError(device=(device or tested)[:60])
            if tested:
                await ui.in_worker(port.test, tested, officer or "")
            else:
                await ui.in_worker(port.press, device, _held_ms(held, ui.parts.settings()))
        except MotcuaError as error:
            if not wants_page(request):
                raise
            said = ui.say(request, error)
            return _page(ui, request, problems.status_of(error), held=held, problem=said)
        if not wants_page(request):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return ui.go(f"/bench?held={held}" if held in HOLDS else "/bench")


def _page(
    ui: Ui, request: Request, status: HTTPStatus = HTTPStatus.OK, *, held: str, problem: str = ""
) -> HTMLResponse:
    visitor = ui.visitor(request)
    held = held if held in HOLDS else HOLDS[0]
    return ui.page(request, PAGE, status, held=held, problem=problem, **_shown(ui, visitor))


def _held_ms(held: str, settings: Settings) -> int:
    match held:
        case "long":
            return LONG_MS
        case "stuck":
            return settings.ratings.stuck_s * 1000 + BEYOND_MS
        case _:
            return TOUCH_MS


def _shown(ui: Ui, visitor: Visitor) -> dict[str, object]:
    """Return what both regions are drawn from."""
    settings, port = ui.parts.settings(), ui.parts.bench
    look = BenchLook(is_emulated=False, board="") if port is None else port.look()
    words = Words(settings, texts.of(visitor.lang))
    return {
        "look": look,
        "words": words,
        "stations": list(zip(settings.counters, look.stations, strict=False)),
        "services": settings.services,
        "ratings": settings.ratings,
        "keys": [*KEYS, *(f"transfer.{place}" for place in range(1, 1 + min(TYPED, len(settings.services))))],
        "legends": LEGENDS,
        "rows": [words.row(one) for one in look.heard],
        "stuck_s": settings.ratings.stuck_s,
    }


class Words:
    """What things are called in one language.

    Args:
        settings: of the office.
        texts: the language.
    """

    def __init__(self, settings: Settings, texts: Texts) -> None:
        self._settings = settings
        self._texts = texts

    def name(self, thing: Named) -> str:
        """Return the name of a service or a counter."""
        return name_of(thing, self._texts.lang).text

    def level(self, level: int) -> str:
        """Return the name of a level of the rating scale."""
        ratings = self._settings.ratings
        labels = ratings.labels if self._texts.lang == "vi" else ratings.labels_en
        return labels[level - 1] if 1 <= level <= len(labels) else str(level)

    def key(self, key: str) -> str:
        """Return what a key of a keypad does."""
        if key in KEYS:
            return self._texts.gettext(KEYS[key])
        verb, _, place = key.partition(".")
        services = self._settings.services
        if verb == "transfer" and place.isdecimal() and 1 <= int(place) <= len(services):
            return self._texts.gettext(TRANSFER) % {"service": self.name(services[int(place) - 1])}
        return self._texts.gettext(N_("Key %(key)s")) % {"key": key}

    def row(self, heard: HeardLook) -> HeardRow:
        """Return a line of what the box heard."""
        at = heard.at.astimezone(HANOI).strftime("%H:%M:%S")
        said = heard.said_vi if self._texts.lang == "vi" else heard.said
        return HeardRow(at, self._of(heard.device), heard.device.partition(":")[2], heard, said)

    def _of(self, device: str) -> str:
        kind, _, rest = device.partition(":")
        if kind == "button":
            return self._button(rest)
        place, _, key = rest.partition(":")
        if kind == "evaluator":
            what = self._texts.gettext(N_("evaluator key %(key)s")) % {"key": int(key) + 1}
        else:
            what = self.key(key)
        return f"{self._place(place)}: {what}"

    def _button(self, name: str) -> str:
        settings = self._settings
        service = settings.hardware.issue_buttons.get(name)
        if service is not None:
            found = next((self.name(one) for one in settings.services if one.id == service), service)
            return self._texts.gettext(N_("Take a number: %(service)s")) % {"service": found}
        rating = re.fullmatch(r"rating\.(\d+)\.(\d+)", name)
        if rating is None:
            return name
        of_set, level = int(rating[1]), int(rating[2])
        counters = [self.name(one) for one in settings.counters if one.rating_buttons == of_set]
        return f"{counters[0] if counters else of_set}: {self.level(level)}"

    def _place(self, place: str) -> str:
        if place.startswith("@"):
            return self._texts.gettext(N_("Address %(address)s, at no counter")) % {"address": place[1:]}
        return next((self.name(one) for one in self._settings.counters if one.id == place), place)
