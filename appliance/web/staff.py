"""The staff app: every page and the API of one office, on the office LAN and the box's own screen."""

from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from appliance import __version__
from appliance.errors import MotcuaError
from appliance.httpd.headers import App, Bounds
from appliance.pages import texts
from appliance.pages.texts import N_
from appliance.web import (
    access,
    pages_bench,
    pages_bench_doctor,
    pages_bench_handover,
    pages_counter,
    pages_display,
    pages_kiosk,
    pages_rate,
    pages_screen,
    pages_settings,
    pages_settings_procedures,
    pages_sign_in,
    pages_supervisor,
    pages_wifi,
    pages_wifi_poster,
    problems,
)
from appliance.web.api import routes
from appliance.web.errors import SignInNeededError
from appliance.web.front import add_front
from appliance.web.guard import Guard
from appliance.web.parts import Parts
from appliance.web.ui import Ui, sentence, wants_page
from appliance.web.visitor import visitor_of

_HTTP = {
    HTTPStatus.NOT_FOUND: N_("There is no such page"),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("This page cannot do that"),
}
PAGES = (
    pages_sign_in,
    pages_kiosk,
    pages_rate,
    pages_display,
    pages_screen,
    pages_counter,
    pages_supervisor,
    pages_settings_procedures,  # its address is more than a section's
    pages_settings,
    pages_bench,
    pages_bench_doctor,
    pages_bench_handover,
    pages_wifi,
    pages_wifi_poster,
)


def create_staff_app(parts: Parts) -> App:
    """Return the staff app, bounded: what is served.

    Raises:
        UnlistedRouteError: a route has no row in the table of access.
    """
    return bounded(create_inner_app(parts), parts.settings().web.names)


def bounded(app: App, names: Collection[str] = ()) -> App:
    """Return what of the staff app is served.

    Args:
        app: the inner one.
        names: host names that are ours.
    """
    return Bounds(app, names=names, larger=access.WITH_FILE)


def create_inner_app(parts: Parts) -> FastAPI:
    """Return the staff app without its bounds: what tests and the OpenAPI document look at.

    Raises:
        UnlistedRouteError: a route has no row in the table of access.
    """
    guard = Guard(parts)
    app = FastAPI(
        title="motcua staff",
        version=__version__,
        description="Pages and API of one office. Changes need a session, the form token of a page in the "
        "header `x-csrf-token`, and a request id: the same id again gets the first answer.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(guard)],
        responses=problems.RESPONSES,
    )
    ui = Ui(parts)
    _install(app, ui)
    add_front(app, ui)
    for page in PAGES:
        page.add(app, ui)
    app.include_router(routes("/api/v1", parts.desk, parts.views, guard.asker, guard.teller))
    access.check(app)
    return app


def _install(app: FastAPI, ui: Ui) -> None:
    """Let errors leave as a page for people and as a problem for programs."""
    problems.install(app)
    parts = ui.parts

    def shown(request: Request, status: HTTPStatus, text: str) -> HTMLResponse:
        if not hasattr(request.state, "visitor"):  # refused before the guard was asked
            request.state.visitor = visitor_of(request, parts.accounts, parts.secrets.forms)
        return ui.page(request, "front/problem.html", status, text=text)

    as_problem = dict(app.exception_handlers)

    @app.exception_handler(MotcuaError)
    async def ours(request: Request, error: MotcuaError) -> Response:
        if not wants_page(request):
            return await as_problem[MotcuaError](request, error)  # type: ignore[no-any-return]
        if isinstance(error, SignInNeededError):
            return ui.go(f"/sign-in{_way_back(request)}")
        lang = getattr(request.state, "visitor", None)
        return shown(
            request, problems.status_of(error), sentence(error, lang.lang if lang else texts.DEFAULT)
        )

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if not wants_page(request):
            return await as_problem[RequestValidationError](request, error)  # type: ignore[no-any-return]
        text = ui.texts(request).gettext(N_("Something in this form is missing or not as it should be"))
        return shown(request, HTTPStatus.UNPROCESSABLE_ENTITY, text)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if not wants_page(request):
            return await as_problem[HTTPException](request, error)  # type: ignore[no-any-return]
        status = HTTPStatus(error.status_code)
        visitor = visitor_of(request, parts.accounts, parts.secrets.forms)
        request.state.visitor = visitor
        return shown(request, status, texts.of(visitor.lang).gettext(_HTTP.get(status, status.phrase)))


def _way_back(request: Request) -> str:
    """Return the query by which signing in leads to where the browser was, if there is a page to be seen."""
    if ("GET", request.scope["route"].path) not in access.TABLE:
        return ""
    is_seen = request.method == "GET" and request.url.query
    asked = f"{request.url.path}?{request.url.query}" if is_seen else request.url.path
    return f"?next={quote(asked)}"
