"""Staff and the screens of the hall: who may sign in, and which browsers are screens."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.accounts.errors import BadPurposeError, UnknownOfficerError
from appliance.accounts.person import Person, Role, display_name
from appliance.accounts.rules import MANAGES
from appliance.errors import MotcuaError
from appliance.httpd import forms
from appliance.web.errors import SignInNeededError
from appliance.web.names import names_by_id
from appliance.web.typed import Once, Typed, address_of, refused
from appliance.web.ui import Ui
from appliance.web.visitor import PREFERENCE_S, begin_session, end_session


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    _add_own(app, ui)
    once = Once()
    _add_people(app, ui, once)
    _add_person(app, ui)
    _add_screens(app, ui, once)


def _add_own(app: FastAPI, ui: Ui) -> None:
    accounts = ui.parts.accounts

    def page(request: Request, error: MotcuaError | None = None) -> HTMLResponse:
        said = "" if error is None else ui.say(request, error)
        status = HTTPStatus.OK if error is None else refused(error)
        return ui.page(request, "sign_in/me.html", status, person=_self(ui, request), error=said)

    @app.get("/me/password", response_class=HTMLResponse, include_in_schema=False)
    @app.get("/me", response_class=HTMLResponse, include_in_schema=False)
    async def me(request: Request) -> Response:
        return page(request)

    @app.post("/me/password", response_class=HTMLResponse, include_in_schema=False)
    async def change(request: Request) -> Response:
        typed, person = await Typed.read(request), _self(ui, request)

        def work() -> None:
            new = typed.new_password()
            accounts.change_own_password(person.officer, typed["old"], new, address_of(request))

        try:
            await ui.in_worker(work)
        except MotcuaError as error:
            return page(request, error)
        response = ui.go("/sign-in?done=password")
        end_session(request, response)
        return response


def _add_people(app: FastAPI, ui: Ui, once: Once) -> None:
    accounts = ui.parts.accounts

    @app.get("/screens", response_class=HTMLResponse, include_in_schema=False)
    @app.get("/accounts", response_class=HTMLResponse, include_in_schema=False)
    async def people(request: Request, done: str = "") -> Response:
        return _list(ui, request, done=done)

    @app.post("/accounts", response_class=HTMLResponse, include_in_schema=False)
    async def create(request: Request) -> Response:
        typed, by = await Typed.read(request), _self(ui, request)

        def work() -> None:
            password = typed.new_password()
            accounts.create(by, typed["officer"], typed["name"], _role(typed["role"]), password)

        try:
            await once.do(ui.visitor(request).visit, typed["request"], lambda: ui.in_worker(work))
        except MotcuaError as error:
            return _list(ui, request, typed, error)
        return ui.go("/accounts?done=created")


def _add_person(app: FastAPI, ui: Ui) -> None:
    accounts = ui.parts.accounts

    def page(
        request: Request, officer: str, typed: Typed | None = None, error: MotcuaError | None = None
    ) -> HTMLResponse:
        person = accounts.person(officer)
        if person is None:
            raise UnknownOfficerError(officer=officer[:60])
        by = _self(ui, request)
        values: dict[str, Any] = {
            "person": person,
            "name": person.name if typed is None else typed["name"] or person.name,
            "is_own": person.officer == by.officer,
            "may": person.role in MANAGES[by.role],
            "roles": _roles(by),
            "error": "" if error is None else ui.say(request, error),
        }
        status = HTTPStatus.OK if error is None else refused(error)
        return ui.page(request, "sign_in/person.html", status, **values)

    @app.get("/accounts/{officer}/password", response_class=HTMLResponse, include_in_schema=False)
    @app.get("/accounts/{officer}", response_class=HTMLResponse, include_in_schema=False)
    async def person(request: Request, officer: str) -> Response:
        return page(request, officer)

    @app.post("/accounts/{officer}", response_class=HTMLResponse, include_in_schema=False)
    async def change(request: Request, officer: str) -> Response:
        typed, by = await Typed.read(request), _self(ui, request)

        def work() -> None:
            match typed["do"]:
                case "deactivate":
                    accounts.deactivate(by, officer)
                case "reactivate":
                    accounts.reactivate(by, officer)
                case _:
                    name = display_name(typed["name"])
                    accounts.change_role(by, officer, _role(typed["role"]))
                    accounts.rename(by, officer, name)

        try:
            await ui.in_worker(work)
        except MotcuaError as error:
            return page(request, officer, typed, error)
        return ui.go("/accounts?done=changed")

    @app.post("/accounts/{officer}/password", response_class=HTMLResponse, include_in_schema=False)
    async def give_password(request: Request, officer: str) -> Response:
        typed, by = await Typed.read(request), _self(ui, request)

        def work() -> None:
            accounts.set_password(by, officer, typed.new_password())

        try:
            await ui.in_worker(work)
        except MotcuaError as error:
            return page(request, officer, None, error)
        return ui.go("/accounts?done=password")


def _add_screens(app: FastAPI, ui: Ui, once: Once) -> None:
    accounts = ui.parts.accounts

    @app.post("/screens", response_class=HTMLResponse, include_in_schema=False)
    async def pair(request: Request) -> Response:
        typed, by, visitor = await Typed.read(request), _self(ui, request), ui.visitor(request)
        purpose = typed["purpose"]

        def work() -> str:
            kind, _, counter = purpose.partition(":")
            if kind == "rate" and counter not in _counters(ui, visitor.lang):
                raise BadPurposeError(purpose=purpose[:60])
            token = accounts.pair_screen(by, purpose)
            accounts.sign_out(visitor.token or "")
            return token

        try:
            token = await once.do(visitor.visit, typed["request"], lambda: ui.in_worker(work))
        except MotcuaError as error:
            return _list(ui, request, typed, error)
        response = ui.go("/" + "/".join(quote(part) for part in purpose.split(":")))
        begin_session(request, response, token, lasts_s=PREFERENCE_S)
        return response

    @app.post("/screens/{screen}/unpair", response_class=HTMLResponse, include_in_schema=False)
    async def unpair(request: Request, screen: str) -> Response:
        await ui.in_worker(accounts.unpair, _self(ui, request), screen)
        return ui.go("/accounts?done=unpaired#screens")


def _list(
    ui: Ui,
    request: Request,
    typed: Typed | None = None,
    error: MotcuaError | None = None,
    done: str = "",
) -> HTMLResponse:
    accounts, by, visitor = ui.parts.accounts, _self(ui, request), ui.visitor(request)
    people = accounts.people()
    return ui.page(
        request,
        "sign_in/accounts.html",
        HTTPStatus.OK if error is None else refused(error),
        people=sorted(people, key=lambda person: not person.is_active),
        names={person.officer: person.name for person in people},
        manages=MANAGES[by.role],
        roles=_roles(by),
        screens=accounts.screens(),
        counters=_counters(ui, visitor.lang),
        typed=typed or Typed({}),
        request_id=forms.new_request(),
        error="" if error is None else ui.say(request, error),
        done=done,
    )


def _self(ui: Ui, request: Request) -> Person:
    """Return the account of who is signed in."""
    officer = ui.visitor(request).officer
    person = None if officer is None else ui.parts.accounts.person(officer)
    if person is None:
        raise SignInNeededError
    return person


def _role(text: str) -> Role:
    """Return the role of a form; nobody may give the one of screens, so it stands for what is no role."""
    return {role.value: role for role in Role}.get(text, Role.SCREEN)


def _roles(by: Person) -> tuple[str, ...]:
    return tuple(role.value for role in Role if role in MANAGES[by.role])


def _counters(ui: Ui, lang: str) -> dict[str, str]:
    """Return the names of the counters by their ids."""
    return names_by_id(ui.parts.settings().counters, lang)
