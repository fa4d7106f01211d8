"""The one page of setup mode, at every address: for the box's own screen, for a phone, for programs."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from appliance import __version__
from appliance.httpd.files import answer_of
from appliance.pages import texts
from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.setup_mode.facts import SetupFacts

PAGE, MACROS = "setup_mode/setup_mode.html", "setup_mode/told.html"


def create_app(facts: Callable[[], SetupFacts]) -> FastAPI:
    """Return the app, without bounds; it changes nothing and keeps nothing.

    Args:
        facts: what is so now; asked at every look, so that what is written meanwhile is seen.
    """
    app = FastAPI(title="motcua setup mode", version=__version__, openapi_url=None)
    assets = Assets.open()
    renderer = Renderer.open(assets)

    @app.get("/static/{name:path}")
    def static(name: str, request: Request) -> Response:
        asset = assets.get(name)
        if asset is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return answer_of(asset, request)

    @app.get("/v1/setup")
    def setup() -> JSONResponse:
        return JSONResponse(facts().told())

    @app.get("/v1/health")
    def health() -> JSONResponse:
        return JSONResponse(facts().health())

    @app.get("/setup-mode/regions")
    def regions() -> JSONResponse:
        """Both languages, by the ids of the page: what its script puts in place."""
        return JSONResponse(drawn(renderer, facts()))

    @app.get("/{_address:path}", response_class=HTMLResponse)
    def page(_address: str) -> HTMLResponse:
        now = facts()
        text = renderer.page(PAGE, texts.DEFAULT, theme="auto", facts=now, drawn=drawn(renderer, now))
        # Whatever was asked for is not here yet: nobody is to keep this in its place.
        return HTMLResponse(text, HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "10"})

    return app


def drawn(renderer: Renderer, facts: SetupFacts) -> dict[str, str]:
    """Return the regions by their ids on the page: ``wrong-vi``, ``wrong-en`` and so on, and ``box``."""
    told = {
        f"{name}-{lang}": str(renderer.macro(MACROS, name, lang, facts))
        for name in ("wrong", "todo")
        for lang in texts.LANGS
    }
    return {**told, "box": str(renderer.macro(MACROS, "box", texts.DEFAULT, facts))}
