"""The guided hand-over test: every step with its tick as presses arrive, and the sheet that is signed."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance import __version__
from appliance.desk.state import State
from appliance.errors import MotcuaError
from appliance.pages import texts
from appliance.pages.texts import N_, Texts
from appliance.web import problems
from appliance.web.handover import (
    MEASURED,
    NOTICED,
    TRIED,
    Handover,
    HandoverLook,
    HandoverOverError,
    Kind,
    Mark,
    Result,
    Step,
)
from appliance.web.live import Look
from appliance.web.pages_bench import Words
from appliance.web.typed import Typed
from appliance.web.ui import Ui
from appliance.web.visitor import Visitor

ADDRESS: Final = "/bench/handover"
PAGE, SHEET = "bench/handover.html", "bench/sheet.html"
REGIONS: Final = ("progress", "steps")
NOTHING: Final = HandoverLook(())

ASKS: Final = {
    Kind.ISSUE: N_("Press the button: take a number, %(what)s"),
    Kind.RATING: N_("Press the button: %(what)s"),
    Kind.KEYS: N_("Call keypad: press Call again"),
    Kind.EVALUATOR: N_("Evaluator: press key %(what)s"),
    Kind.LAMP: N_("Thanks lamp: light it and look"),
    Kind.BUZZER: N_("Buzzer: sound it and listen"),
    Kind.BEEP: N_("Call keypad: let it beep and listen"),
    Kind.PANEL: N_("LED panel: show 8 on every digit and look for dark segments"),
    Kind.NETWORK: N_("The box has an address on the network"),
    Kind.CLOCK: N_("Date and time are trusted"),
    Kind.ENROLLED: N_("The box is enrolled with the province"),
    Kind.RECEIPT: N_("The province has sent a receipt"),
    Kind.CARD: N_("Memory card: measure it on the page Doctor; it says that the card is good"),
}
SCREENS: Final = {
    "screen:display": N_("Hall display: the page /display is on the screen and can be read from the seats"),
    "screen:kiosk": N_("Kiosk: the page /kiosk reacts to a finger"),
}
REMEDIES: Final = {
    Kind.NETWORK: N_("Check cable and router."),
    Kind.CLOCK: N_("Connect the line, or confirm the time on the page Clock."),
    Kind.ENROLLED: N_("Connect the line; if it stays so, ask the province for a new claim."),
    Kind.RECEIPT: N_("Wait for the next delivery, or press Deliver now on the page State of the box."),
}
SAID: Final = {"refused": N_("reached the box; refused at this hour"), "meaningless": N_("reached the box")}


@dataclass(frozen=True, slots=True)
class Row:
    """One step in words.

    Args:
        step: the step.
        mark: how it ended, or None.
        words: what to do.
        said: what the box said of it.
        remedy: what helps when it failed.
        can_try: whether the box can light, sound or show it.
        can_pass: whether the technician's word counts for it.
        can_fail: whether it counts against it.
    """

    step: Step
    mark: Mark | None
    words: str
    said: str
    remedy: str
    can_try: bool
    can_pass: bool
    can_fail: bool

    @property
    def id(self) -> str:
        """Of its line on the page."""
        return "s-" + self.step.subject.replace(":", "-").replace(".", "-")


@dataclass(frozen=True, slots=True)
class Group:
    """Steps at one place: a counter, the wall, the box."""

    title: str
    rows: tuple[Row, ...]


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""

    @app.get(ADDRESS, response_class=HTMLResponse, include_in_schema=False)
    async def handover(request: Request) -> Response:
        return await _page(ui, request)

    @app.get(f"{ADDRESS}/live", include_in_schema=False)
    async def live(request: Request) -> Response:
        visitor = ui.visitor(request)

        def render(_state: State) -> Look:
            shown = _shown(ui, visitor)
            return Look({name: ui.region(visitor, PAGE, name, **shown) for name in REGIONS})

        return ui.live(request, ("handover", visitor.lang), render)

    @app.post(ADDRESS, include_in_schema=False)
    async def act(request: Request) -> Response:
        typed = await Typed.read(request)
        verb, _, subject = typed["do"].partition(" ")
        try:
            await ui.in_worker(_act, ui.parts.handover, verb, subject, ui.visitor(request).officer or "")
        except MotcuaError as error:
            return await _page(ui, request, problems.status_of(error), problem=ui.say(request, error))
        return ui.go(ADDRESS)

    @app.get(f"{ADDRESS}/sheet", response_class=HTMLResponse, include_in_schema=False)
    async def sheet(request: Request) -> Response:
        office = ui.parts.settings().office
        shown: dict[str, Any] = {
            **_shown(ui, ui.visitor(request)),
            "device": office.device,
            "site": office.site,
            "version": __version__,
            "at": ui.parts.clock.now().at,
        }
        return ui.page(request, SHEET, **shown)


def _act(port: Handover | None, verb: str, subject: str, by: str) -> None:
    """Do what a button of the page says.

    Raises:
        MotcuaError: it cannot be done.
    """
    if port is None:
        raise HandoverOverError
    match verb:
        case "begin" | "anew":
            port.begin(by, is_anew=verb == "anew")
            port.measure(by)
        case "end":
            port.end()
        case "measure":
            port.measure(by)
        case "try":
            port.attempt(subject, by)
        case "cancel":
            port.cancel_tickets(by)
        case _ if verb in set(Result):
            port.mark(subject, Result(verb), by)


async def _page(
    ui: Ui, request: Request, status: HTTPStatus = HTTPStatus.OK, *, problem: str = ""
) -> HTMLResponse:
    shown = _shown(ui, ui.visitor(request))
    return ui.page(request, PAGE, status, problem=problem, **shown)


def _shown(ui: Ui, visitor: Visitor) -> dict[str, Any]:
    """Return what the regions and the sheet are drawn from."""
    port = ui.parts.handover
    look = NOTHING if port is None else port.look()
    spoken = texts.of(visitor.lang)
    words = Words(ui.parts.settings(), spoken)
    counters = {one.id: words.name(one) for one in ui.parts.settings().counters}
    groups: dict[str, list[Row]] = {}
    for step, mark in look.steps:
        title = counters.get(step.counter) or spoken.gettext(_place(step.kind))
        groups.setdefault(title, []).append(_row(step, mark, words, spoken, ui))
    return {
        "look": look,
        "results": Result,
        "groups": [Group(title, tuple(rows)) for title, rows in groups.items()],
    }


def _place(kind: Kind) -> str:
    match kind:
        case Kind.ISSUE | Kind.BUZZER:
            return N_("On the wall")
        case Kind.SCREEN:
            return N_("Screens")
        case _:
            return N_("The box and the province")


def _row(step: Step, mark: Mark | None, words: Words, spoken: Texts, ui: Ui) -> Row:
    services = ui.parts.settings().services
    match step.kind:
        case Kind.ISSUE:
            what = words.name(services[step.place]) if step.place < len(services) else ""
        case Kind.RATING:
            what = words.level(step.place)
        case _:
            what = str(step.place + 1)
    asked = SCREENS[step.subject] if step.kind is Kind.SCREEN else ASKS[step.kind]
    said = "" if mark is None else (mark.said if spoken.lang == "en" else mark.said_vi or mark.said)
    is_bad = mark is not None and mark.result is Result.FAILED
    return Row(
        step=step,
        mark=mark,
        words=spoken.gettext(asked) % {"what": what},
        said=spoken.gettext(SAID[said]) if said in SAID else ("" if said == "taken" else said),
        remedy=spoken.gettext(REMEDIES[step.kind]) if is_bad and step.kind in REMEDIES else "",
        can_try=step.kind in TRIED,
        can_pass=step.kind not in NOTICED | MEASURED,
        can_fail=step.kind not in MEASURED,
    )
