"""The supervisor's page: the running day, or days gone by, so that one look tells how the office does."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from appliance.desk.state import State
from appliance.figures.totals import Totals, merged
from appliance.web.live import Look
from appliance.web.pages_supervisor_health import add_health
from appliance.web.pages_supervisor_numbers import add_numbers
from appliance.web.pages_wifi import total
from appliance.web.supervisor_health import Health, HealthNews, shown
from appliance.web.supervisor_view import Report, report
from appliance.web.ui import Ui
from appliance.wire.moment import HANOI

SPANS: Final = (7, 30)
_MACROS: Final = "supervisor/figures.html"
_REGIONS: Final = ("overview", "services", "counters", "ratings")


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    parts = ui.parts
    news = HealthNews(parts.views.health, parts.folder, parts.hub.nudge)
    figures = Supervision(ui)

    @app.get("/supervisor", response_class=HTMLResponse, include_in_schema=False)
    async def supervisor(request: Request) -> Response:
        lang, today = ui.visitor(request).lang, figures.today()
        first, last = _asked(request, today)
        context: dict[str, Any] = {
            "today": today,
            "first": first,
            "last": last,
            "spans": SPANS,
            "is_live": first == last == today,
            "health": shown(await news.fresh()),
        }
        if context["is_live"]:
            found, hours = figures.running(parts.desk.state, lang), parts.figures.today().wifi
        else:
            days = merged(await ui.in_worker(parts.figures.of_days, first.isoformat(), last.isoformat()))
            found, hours = report(days, parts.settings(), lang, None), days.wifi
        wifi = total(hours.values()) if parts.has_wifi else None
        return ui.page(request, "supervisor/supervisor.html", report=found, wifi=wifi, **context)

    @app.get("/supervisor/live", include_in_schema=False)
    async def live(request: Request) -> StreamingResponse:
        lang = ui.visitor(request).lang
        await news.fresh()
        return ui.live(request, ("supervisor", lang), figures.look(lang, news.latest))

    add_health(app, ui, news)
    add_numbers(app, ui)


class Supervision:
    """Looks at the running day.

    Args:
        ui: how the staff app answers.
    """

    def __init__(self, ui: Ui) -> None:
        self._parts = ui.parts

    def today(self) -> date:
        """Return the running business day, else the date of the clock."""
        day = self._parts.desk.state.hall.day
        if day is not None:
            return date.fromisoformat(day)
        return self._parts.clock.now().at.astimezone(HANOI).date()

    def running(self, state: State, lang: str) -> Report:
        """Return the figures of the running day."""
        parts = self._parts
        people = parts.accounts.people()
        return report(self._of_today(state), parts.settings(), lang, state.hall, people)

    def look(self, lang: str, health: Callable[[], Health]) -> Callable[[State], Look]:
        """Return what renders the running day."""
        macro = self._parts.renderer.macro

        def render(state: State) -> Look:
            found = self.running(state, lang)
            regions = {name: str(macro(_MACROS, name, lang, found)) for name in _REGIONS}
            said = shown(health())
            regions["uplink"] = str(macro("supervisor/state.html", "uplink", lang, said))
            regions["issues"] = str(macro("supervisor/state.html", "issues", lang, said))
            return Look(regions, {"day": state.hall.day})

        return render

    def _of_today(self, state: State) -> Totals:
        totals = self._parts.figures.today()
        return totals if state.hall.day in totals.days else Totals()


def _asked(request: Request, today: date) -> tuple[date, date]:
    """Return the first and the last day that the address asks for; today if it makes no sense."""
    query = request.query_params
    days = query.get("days", "")
    if days.isascii() and days.isdigit() and int(days[:4]) in SPANS:
        return today - timedelta(days=int(days[:4]) - 1), today
    try:
        day = date.fromisoformat(query.get("day", ""))
    except ValueError:
        return today, today
    return min(day, today), min(day, today)
