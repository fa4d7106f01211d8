"""What is before the pages: the entrance, static files, the box itself, the design system's own page."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from appliance.httpd.files import answer_of
from appliance.web.ui import Ui


def add_front(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    assets = ui.parts.assets

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def entrance(request: Request) -> Response:
        settings = ui.parts.settings()
        return ui.page(request, "front/entrance.html", counters=settings.counters, box=ui.parts.box())

    @app.get("/static/{name:path}", include_in_schema=False)
    async def static(name: str, request: Request) -> Response:
        asset = assets.get(name)
        if asset is None:
            raise HTTPException(404)
        return answer_of(asset, request)

    @app.get("/offline.js", include_in_schema=False)
    async def offline(request: Request) -> Response:
        asset = assets.get("offline.js")
        if asset is None:
            raise HTTPException(404)
        # At the root, so that it may look after every page; never cached, so that it can be replaced.
        return answer_of(asset, request, is_versioned=False)

    @app.get("/api/v1/openapi.json", include_in_schema=False)
    async def document() -> Response:
        return JSONResponse(app.openapi())

    @app.get("/box", response_class=HTMLResponse, include_in_schema=False)
    async def box(request: Request) -> Response:
        return ui.page(request, "front/box.html", box=ui.parts.box())

    @app.get("/design", response_class=HTMLResponse, include_in_schema=False)
    async def design(request: Request) -> Response:
        return ui.page(request, "design/index.html")
