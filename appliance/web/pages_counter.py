"""The counter terminal: one counter, or several of a small office on one screen."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from appliance.desk.state import State
from appliance.queueing.ticket import PostState
from appliance.web.counter_view import Console, Parked, View
from appliance.web.live import Look
from appliance.web.names import Names
from appliance.web.ui import Ui

MOST_COUNTERS: Final = 8
"""More would neither fit on a screen nor be one officer's work."""
PAUSES: Final = ("lunch", "meeting", "break", "other")
_MACROS: Final = "counter/console.html"


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    terminal = Terminal(ui)

    @app.get("/counters", response_class=HTMLResponse, include_in_schema=False)
    async def counters(request: Request) -> Response:
        chosen = terminal.chosen(request)
        if not chosen:
            return ui.page(request, "counter/choose.html", **terminal.choice(ui.visitor(request).lang))
        return ui.page(request, "counter/counter.html", **terminal.context(chosen, ui.visitor(request).lang))

    @app.get("/counters/live", include_in_schema=False)
    async def live(request: Request) -> StreamingResponse:
        chosen, lang = terminal.chosen(request), ui.visitor(request).lang
        return ui.live(request, ("counters", lang, chosen), lambda state: terminal.look(state, chosen, lang))


class Terminal:
    """Looks at counters.

    Args:
        ui: how the staff app answers.
    """

    def __init__(self, ui: Ui) -> None:
        self._parts = ui.parts
        self._parked = Parked()

    def chosen(self, request: Request) -> tuple[str, ...]:
        """Return the counters that the address names, as far as there are such."""
        known = {counter.id for counter in self._parts.desk.rules.hall.counters}
        asked = dict.fromkeys(request.query_params.getlist("c"))
        return tuple(name for name in asked if name in known)[:MOST_COUNTERS]

    def choice(self, lang: str) -> dict[str, Any]:
        """Return what the page of all counters shows."""
        view = self._view(self._parts.desk.state, lang)
        return {"consoles": [view.console(counter) for counter in view.rules.counters]}

    def context(self, chosen: tuple[str, ...], lang: str) -> dict[str, Any]:
        """Return what the page of some counters shows."""
        state = self._parts.desk.state
        view = self._view(state, lang)
        consoles = self._consoles(view, chosen)
        services = {
            counter.id: [(name, view.names.service(name)) for name in counter.services]
            for counter in view.rules.counters
            if counter.id in chosen
        }
        return {
            "consoles": consoles,
            "services": services,
            "pauses": PAUSES,
            "stream": "/counters/live?" + "&".join(f"c={name}" for name in chosen),
            "targets": self._targets(view),
            "day": self._day(state),
        }

    def look(self, state: State, chosen: tuple[str, ...], lang: str) -> Look:
        """Return what changes on the page of some counters."""
        view = self._view(state, lang)
        consoles = self._consoles(view, chosen)
        regions = {
            "day": self._macro(lang, "day", self._day(state)),
            "targets": self._macro(lang, "targets", self._targets(view)),
        }
        for console in consoles:
            for name in ("head", "now", "acts", "line", "parked"):
                regions[f"{name}-{console.id}"] = self._macro(lang, name, console)
        facts = {console.id: _facts(console) for console in consoles}
        return Look(regions, {"counters": facts, "settings": self._parts.settings().sha256})

    def _view(self, state: State, lang: str) -> View:
        now, rules = self._parts.now(state), self._parts.desk.rules.hall
        names = Names.of(self._parts.settings(), lang, self._parts.accounts.people())
        return View(state.hall, rules, now.elapsed_ms, names, self._parked)

    def _consoles(self, view: View, chosen: tuple[str, ...]) -> list[Console]:
        found = (view.rules.counter(name) for name in chosen)
        return [view.console(counter) for counter in found if counter is not None]

    def _targets(self, view: View) -> dict[str, Any]:
        """Return where a person can be sent."""
        posts = view.hall.posts
        return {
            "services": [(service.id, view.names.service(service.id)) for service in view.rules.services],
            "counters": [
                (counter.id, view.names.counter(counter.id), posts[counter.id].state is PostState.OPEN)
                for counter in view.rules.counters
                if counter.id in posts
            ],
        }

    def _day(self, state: State) -> dict[str, Any]:
        return {"is_open": state.hall.is_open, "is_recording": self._parts.desk.recording_stopped is None}

    def _macro(self, lang: str, name: str, *args: object) -> str:
        return str(self._parts.renderer.macro(_MACROS, name, lang, *args))


def _facts(console: Console) -> dict[str, Any]:
    """Return what the page's script needs to know of a counter."""
    current = console.current
    return {
        "state": console.state,
        "total": console.total,
        "ticket": None if current is None else current.row.key,
        "label": None if current is None else current.row.label,
        "ticket_state": None if current is None else current.state,
        "service": None if current is None else current.service,
        "stage": None if current is None else current.stage,
    }
