"""The kiosk: a citizen takes a number and sees it large."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import segno
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from appliance.desk.state import State
from appliance.errors import MotcuaError, TransientError
from appliance.httpd import forms
from appliance.pages.texts import N_
from appliance.queueing.commands import IssueTicket
from appliance.queueing.rules import NO_PRIORITY
from appliance.queueing.states import TicketState
from appliance.queueing.ticket import Ticket
from appliance.web import problems
from appliance.web.access import TABLE, Who
from appliance.web.guard import as_visitor
from appliance.web.live import Look
from appliance.web.names import Name, name_of
from appliance.web.pressed import Pressed
from appliance.web.prospects import prospect
from appliance.web.screens import OF_THE_BOX, opening, shell_of, vietnamese_first, waiting_by_service
from appliance.web.typed import Typed
from appliance.web.ui import Ui
from appliance.web.visitor import BOX, Visitor

CHOOSE = "choose"
NOT_TODAY = N_("This number is not one of today's. Please take a new one.")
SLOW = N_("The office is slow to answer. Press again: you will not get two numbers.")


class Kiosk:
    """The pages and their live look.

    Args:
        ui: how pages answer.
        pressed: what the buttons at the box gave out.
    """

    def __init__(self, ui: Ui, pressed: Pressed) -> None:
        self._ui = ui
        self._pressed = pressed

    def page(self, request: Request) -> HTMLResponse:
        """Return the page where the service is chosen, or before it the class of priority."""
        visitor = self._ui.visitor(request)
        wish = request.query_params.get("priority", NO_PRIORITY)
        priorities = {each.id: name_of(each, visitor.lang) for each in self._ui.parts.settings().priorities}
        context = {
            **self.common(request),
            **self.services(visitor, self._ui.parts.desk.state),
            "request_id": forms.new_request(),
            "priorities": priorities,
            "step": CHOOSE if wish == CHOOSE and priorities else "services",
            "priority": wish if wish in priorities else NO_PRIORITY,
        }
        return self._ui.page(request, "kiosk/kiosk.html", **context)

    def common(self, request: Request) -> dict[str, Any]:
        """Return what every page of the kiosk needs."""
        visitor = self._ui.visitor(request)
        buttons = request.query_params.get("buttons") == "1"
        return {
            "shell": shell_of(self._ui.parts, visitor, "kiosk"),
            "home": home(visitor, buttons=buttons),
            "buttons": buttons,
        }

    def services(self, visitor: Visitor, state: State) -> dict[str, Any]:
        """Return what the live regions are made of."""
        parts, hall = self._ui.parts, state.hall
        settings, waiting = parts.settings(), waiting_by_service(hall)
        keys = {service: name.partition(".")[2] for name, service in settings.hardware.issue_buttons.items()}
        services = [
            {
                "id": service.id,
                "letter": service.prefix,
                "name": name_of(service, visitor.lang),
                "waiting": waiting.get(service.id, 0),
                "key": keys.get(service.id),
                "is_spent": service.daily_limit is not None
                and hall.issued.get(service.id, 0) >= service.daily_limit,
            }
            for service in settings.services
        ]
        return {
            "services": services,
            "may_take": may_take(visitor),
            "opening": opening(hall, parts.now(state).moment, parts.desk.rules.hall.hours),
            "stopped": parts.desk.recording_stopped is not None,
        }

    def look(self, visitor: Visitor, state: State, *, sees_buttons: bool) -> Look:
        """Return what follows the hall."""
        context = self.services(visitor, state)
        regions = {
            name: self._ui.region(visitor, "kiosk/kiosk.html", name, **context)
            for name in ("notice", "services")
        }
        facts: dict[str, Any] = {"shell": shell_of(self._ui.parts, visitor, "kiosk")}
        if sees_buttons:
            elapsed_ms = self._ui.parts.now(state).elapsed_ms
            facts["buttons"] = [
                {"id": each["id"], "label": each["label"], "token": self._ui.parts.token_of(each["ticket"])}
                for each in self._pressed.shown(state, elapsed_ms)
            ]
        return Look(regions, facts)

    async def take(self, request: Request) -> Response:
        """Give a number, once for each request id."""
        visitor, typed = self._ui.visitor(request), await Typed.read(request)
        wish = {name: typed[name] for name in ("service", "priority", "request", "csrf", "buttons")}
        command = IssueTicket(
            service=wish["service"],
            priority=wish["priority"] or NO_PRIORITY,
            source="kiosk",
            request=wish["request"] or None,
        )
        try:
            answer = await self._ui.ask(as_visitor(command, visitor))
        except TransientError as error:
            return self._refused(request, problems.status_of(error), self._ui.say(request, error), wish)
        except MotcuaError as error:
            return self._refused(request, problems.status_of(error), self._ui.say(request, error))
        except TimeoutError:
            return self._refused(
                request, HTTPStatus.SERVICE_UNAVAILABLE, self._ui.texts(request).gettext(SLOW), wish
            )
        token = self._ui.parts.token_of(answer["ticket"])
        return self._ui.go(f"/kiosk/tickets/{token}{'?buttons=1' if wish['buttons'] == '1' else ''}")

    def ticket(self, request: Request, token: str) -> HTMLResponse:
        """Return the page that shows a number large."""
        ticket = self._ui.parts.ticket_of(token)
        if ticket is None:
            return self._refused(request, HTTPStatus.NOT_FOUND, self._ui.texts(request).gettext(NOT_TODAY))
        return self._ui.page(
            request, "kiosk/ticket.html", **self.common(request), **self._told(ticket, request)
        )

    def _told(self, ticket: Ticket, request: Request) -> dict[str, Any]:
        parts, lang = self._ui.parts, self._ui.visitor(request).lang
        settings, hall, rules = parts.settings(), parts.desk.state.hall, parts.desk.rules.hall
        services = {each.id: name_of(each, lang) for each in settings.services}
        priorities = {each.id: name_of(each, lang) for each in settings.priorities}
        counters = {each.id: name_of(each, lang) for each in settings.counters}
        url = parts.ticket_url(ticket.key)
        is_waiting = ticket.state is TicketState.WAITING
        return {
            "ticket": ticket,
            "service": services.get(ticket.service, Name(ticket.service, None)),
            "priority": priorities.get(ticket.priority),
            "counter": counters.get(ticket.counter or ""),
            "prospect": prospect(hall, ticket, rules, parts.figures.pace) if is_waiting else None,
            "qr": None if url is None else qr(url),
        }

    def _refused(
        self, request: Request, status: HTTPStatus, text: str, again: Mapping[str, str] | None = None
    ) -> HTMLResponse:
        context = {**self.common(request), "text": text, "again": again}
        return self._ui.page(request, "kiosk/refused.html", status, **context)


def may_take(visitor: Visitor) -> bool:
    """Whether a caller's browser may take numbers."""
    is_listed = visitor.is_any(*TABLE["POST", "/kiosk/tickets"])
    return is_listed and (visitor.officer is not None or visitor.purpose in {BOX, "kiosk"})


def home(visitor: Visitor, *, buttons: bool) -> str:
    """Return the address a kiosk goes back to; the next person finds it as everybody does."""
    query = ["buttons=1"] if buttons else []
    if visitor.officer is None and visitor.is_any(Who.SCREEN):
        query += ["lang=vi", "theme=auto"]
    return f"/kiosk?{'&'.join(query)}" if query else "/kiosk"


def sees_buttons(visitor: Visitor, *, asked: bool) -> bool:
    """Whether this screen stands beside the box's buttons."""
    return visitor.purpose == BOX or (asked and visitor.purpose == "kiosk")


def qr(url: str) -> Markup:
    """Return an address as a QR code, black on white in every theme."""
    code = segno.make(url, error="m", micro=False)
    drawn = code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn by us, holds no text


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    first = [Depends(vietnamese_first)]
    pressed = Pressed(ui.parts.hub.nudge)
    ui.parts.desk.listen(pressed.on_commit)
    kiosk = Kiosk(ui, pressed)

    @app.get("/kiosk", response_class=HTMLResponse, include_in_schema=False, dependencies=first)
    async def page(request: Request) -> Response:
        return kiosk.page(request) if ui.parts.has_hall else ui.go(OF_THE_BOX)

    @app.get("/kiosk/live", include_in_schema=False, dependencies=first)
    async def live(request: Request) -> Response:
        visitor = ui.visitor(request)
        is_beside = sees_buttons(visitor, asked=request.query_params.get("buttons") == "1")
        key = ("kiosk", visitor.lang, may_take(visitor), is_beside, visitor.purpose == BOX)
        return ui.live(request, key, lambda state: kiosk.look(visitor, state, sees_buttons=is_beside))

    @app.post("/kiosk/tickets", response_class=HTMLResponse, include_in_schema=False, dependencies=first)
    async def take(request: Request) -> Response:
        return await kiosk.take(request)

    @app.get(
        "/kiosk/tickets/{token}", response_class=HTMLResponse, include_in_schema=False, dependencies=first
    )
    async def ticket(request: Request, token: str) -> Response:
        return kiosk.ticket(request, token)
