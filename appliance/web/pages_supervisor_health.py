"""The page of the box's own state: what is wrong, and what to do about it."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from appliance.desk.state import State
from appliance.web.live import Look
from appliance.web.supervisor_health import HealthNews, shown
from appliance.web.ui import Ui

_MACROS = "supervisor/state.html"
_REGIONS = ("issues", "uplink", "journal")


def add_health(app: FastAPI, ui: Ui, news: HealthNews) -> None:
    """Add it.

    Args:
        app: where to.
        ui: how the staff app answers.
        news: what health says.
    """
    parts = ui.parts

    @app.get("/health", response_class=HTMLResponse, include_in_schema=False)
    async def health(request: Request) -> Response:
        said = shown(await news.fresh())
        return ui.page(request, "supervisor/health.html", health=said, box=parts.box())

    @app.get("/health/live", include_in_schema=False)
    async def live(request: Request) -> StreamingResponse:
        lang = ui.visitor(request).lang
        await news.fresh()

        def render(_state: State) -> Look:
            said, macro = shown(news.latest()), parts.renderer.macro
            found = {name: str(macro(_MACROS, name, lang, said)) for name in _REGIONS}
            return Look({**found, "box": str(macro(_MACROS, "box", lang, said, parts.box()))})

        return ui.live(request, ("health", lang), render)
