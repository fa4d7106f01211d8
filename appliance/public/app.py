"""The strangers' app, put together."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from appliance import __version__
from appliance.errors import MotcuaError
from appliance.httpd.headers import App, Bounds
from appliance.httpd.problems import problem
from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.public import api, pages, procedures
from appliance.public.callers import Callers, key_of
from appliance.public.errors import ForeignFormError, NoTicketError
from appliance.public.link import Office
from appliance.public.notice import Notice
from appliance.public.phones import Phones
from appliance.public.problems import problem_of
from appliance.public.tickets import Tickets
from appliance.public.ui import Ui
from appliance.public.visitor import is_meant

log = structlog.get_logger(__name__)

MOST_BODY = 4096
SAFE = frozenset({"GET", "HEAD"})
API = "/api/"


@dataclass(frozen=True, slots=True)
class Public:
    """The app and what pushes to its phones.

    Args:
        app: to be served.
        inner: the same without its bounds, for tests and documents.
        phones: those that follow; tell them when the office changes.
    """

    app: App
    inner: FastAPI
    phones: Phones


def create(
    office: Office,
    is_up: Callable[[], bool],
    notice: Notice,
    secret: bytes,
    *,
    assets: Assets | None = None,
    renderer: Renderer | None = None,
    callers: Callers | None = None,
) -> Public:
    """Return the app.

    Args:
        office: answers about tickets.
        is_up: whether it is there.
        notice: what is known of the settings.
        secret: behind the tokens of forms.
        assets: the files beside the pages; read unless given.
        renderer: of pages; made unless given.
        callers: counts who asks; made unless given.
    """
    files = assets or Assets.open()
    counted = callers or Callers()
    tickets = Tickets(office, counted, is_up)
    phones = Phones(office, tickets, is_up)
    ui = Ui(renderer or Renderer.open(files), notice, secret)

    async def guard(request: Request) -> None:
        address = key_of(request.client.host if request.client else "", notice.guests())
        now_s = asyncio.get_running_loop().time()
        if request.url.path.startswith("/static/"):
            return
        if request.method in SAFE:
            counted.page(address, now_s)
            return
        # First what costs nothing, so that forged forms never fill anybody's bucket.
        if not await is_meant(request, secret):
            raise ForeignFormError
        counted.change(address, now_s)

    app = FastAPI(
        title="motcua public",
        version=__version__,
        description="A citizen's ticket by the token in its QR code. Changes need the form token of a page "
        "(`x-csrf-token`) and the cookie that came with it.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(guard)],
    )
    pages.add(app, ui, tickets, phones, files)
    procedures.add(app, ui.renderer, notice)
    app.include_router(api.router(tickets))
    _install(app, ui)
    return Public(Bounds(app, names=None, most_body=MOST_BODY), app, phones)


def _install(app: FastAPI, ui: Ui) -> None:
    """Let every error leave as a page or, from the API, as a problem document."""

    def told(request: Request, error: MotcuaError) -> Response:
        if request.url.path.startswith(API):
            return problem_of(error)
        return ui.message(request, error, _here(request))

    @app.exception_handler(MotcuaError)
    async def ours(request: Request, error: MotcuaError) -> Response:
        return told(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if not request.url.path.startswith(API):
            return told(request, NoTicketError())
        first: dict[str, Any] = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]).encode("ascii", "backslashreplace").decode()
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "request.invalid",
            f"{field}: {first['msg']}",
            f"Trường {field} không hợp lệ",
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        if status is HTTPStatus.NOT_FOUND and not request.url.path.startswith(API):
            return told(request, NoTicketError())
        answer = problem(status, f"http.{status.value}", str(error.detail), status.phrase)
        answer.headers.update(error.headers or {})
        return answer


def _here(request: Request) -> str:
    """Return the page to which a phone comes back from here."""
    parts = request.url.path.split("/")
    return f"/t/{parts[2]}" if len(parts) > 2 and parts[1] == "t" else "/"  # noqa: PLR2004 - "", "t", token
