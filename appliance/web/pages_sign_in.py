"""Signing in and out, the first account, and a password reset with the setup code."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.accounts.errors import TooManyTriesError
from appliance.accounts.person import Role
from appliance.accounts.sessions import Session
from appliance.errors import MotcuaError
from appliance.web import pages_accounts, pages_clock
from appliance.web.typed import Typed, address_of, refused
from appliance.web.ui import Ui, local_path
from appliance.web.visitor import begin_session, end_session

HOMES = {Role.OFFICER: "/counters", Role.SUPERVISOR: "/supervisor", Role.TECHNICIAN: "/health"}
"""Where somebody goes who did not ask for a page."""
HOMES_WITHOUT_HALL = {Role.SUPERVISOR: "/health", Role.TECHNICIAN: "/health"}


def add(app: FastAPI, ui: Ui) -> None:
    """Add them, and those of accounts and of the clock."""
    _add_sign_in(app, ui)
    _add_sign_out(app, ui)
    _add_setup(app, ui)
    pages_clock.add(app, ui)
    pages_accounts.add(app, ui)


def _add_sign_in(app: FastAPI, ui: Ui) -> None:
    accounts = ui.parts.accounts

    @app.get("/sign-in", response_class=HTMLResponse, include_in_schema=False)
    async def sign_in(request: Request, next: str = "", done: str = "") -> Response:  # noqa: A002 - the field
        if accounts.needs_first:
            return ui.go("/setup")
        return ui.page(request, "sign_in/sign_in.html", next=next, officer="", error="", done=done)

    @app.post("/sign-in", response_class=HTMLResponse, include_in_schema=False)
    async def begin(request: Request) -> Response:
        typed = await Typed.read(request)
        try:
            session: Session = await ui.in_worker(
                accounts.sign_in, typed["officer"], typed["password"], address_of(request)
            )
        except MotcuaError as error:
            said = {"next": typed["next"], "officer": typed["officer"][:32], "done": ""}
            response = ui.page(
                request, "sign_in/sign_in.html", refused(error), error=ui.say(request, error), **said
            )
            return _with_retry(response, error)
        return await _entered(ui, request, session, typed["next"])


def _add_sign_out(app: FastAPI, ui: Ui) -> None:
    @app.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        response = ui.go("/")
        if ui.visitor(request).officer is not None:  # a paired screen stays one
            await _leave(ui, request)
            end_session(request, response)
        return response


def _add_setup(app: FastAPI, ui: Ui) -> None:
    accounts = ui.parts.accounts

    async def page(
        request: Request, typed: Typed | None = None, error: MotcuaError | None = None
    ) -> HTMLResponse:
        response = ui.page(
            request,
            "sign_in/setup.html",
            HTTPStatus.OK if error is None else refused(error),
            is_first=accounts.needs_first,
            has_code=await ui.in_worker(lambda: accounts.has_setup_code),
            typed=typed or Typed({}),
            error="" if error is None else ui.say(request, error),
        )
        return _with_retry(response, error)

    @app.get("/setup/reset", response_class=HTMLResponse, include_in_schema=False)
    @app.get("/setup", response_class=HTMLResponse, include_in_schema=False)
    async def setup(request: Request) -> Response:
        return await page(request)

    @app.post("/setup", response_class=HTMLResponse, include_in_schema=False)
    async def first(request: Request) -> Response:
        typed, address = await Typed.read(request), address_of(request)

        def make() -> Session:
            password = typed.new_password()
            accounts.create_first(typed["code"], address, typed["officer"], typed["name"], password)
            return accounts.sign_in(typed["officer"], password, address)

        try:
            session = await ui.in_worker(make)
        except MotcuaError as error:
            return await page(request, typed, error)
        return await _entered(ui, request, session, "/accounts")

    @app.post("/setup/reset", response_class=HTMLResponse, include_in_schema=False)
    async def reset(request: Request) -> Response:
        typed, address = await Typed.read(request), address_of(request)

        def change() -> None:
            password = typed.new_password()
            accounts.reset_password_with_code(typed["code"], address, typed["officer"], password)

        try:
            await ui.in_worker(change)
        except MotcuaError as error:
            return await page(request, typed, error)
        return ui.go("/sign-in?done=password")


async def _entered(ui: Ui, request: Request, session: Session, wanted: str) -> Response:
    """Give the browser a session and lead it on; past the clock while nobody vouches for the time."""
    await _leave(ui, request)
    homes = HOMES if ui.parts.has_hall else HOMES_WITHOUT_HALL
    path = local_path(wanted, homes.get(session.role, "/"))
    if not ui.parts.clock.now().trusted:
        path = f"/clock?next={quote(path, safe='')}"
    response = ui.go(path)
    begin_session(request, response, session.token)
    return response


async def _leave(ui: Ui, request: Request) -> None:
    """End the session that this browser has, if a person's."""
    visitor = ui.visitor(request)
    if visitor.officer is not None and visitor.token is not None:
        await ui.in_worker(ui.parts.accounts.sign_out, visitor.token)


def _with_retry(response: HTMLResponse, error: MotcuaError | None) -> HTMLResponse:
    if isinstance(error, TooManyTriesError):
        response.headers["Retry-After"] = str(error.retry_s)
    return response
