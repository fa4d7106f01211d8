"""The hall display: who is called where, to be read at four metres."""

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.config import Counter
from appliance.desk.state import State
from appliance.queueing.hall import Hall
from appliance.queueing.states import TicketState
from appliance.queueing.ticket import LastCall, PostState
from appliance.web.live import Look
from appliance.web.names import Name, name_of
from appliance.web.screens import OF_THE_BOX, opening, shell_of, vietnamese_first, waiting_by_service
from appliance.web.ui import Ui
from appliance.web.visitor import BOX, Visitor

REGIONS = ("when", "notice", "board")
CALLS = 5
ALL_COUNTERS = 8
"""More counters than this: those that nobody staffs are only named."""
_US_PER_MS = 1000


class Display:
    """The page and its live look.

    Args:
        ui: how pages answer.
    """

    def __init__(self, ui: Ui) -> None:
        self._ui = ui

    def page(self, request: Request) -> HTMLResponse:
        """Return the page."""
        visitor, state = self._ui.visitor(request), self._ui.parts.desk.state
        is_own = visitor.purpose == BOX
        return self._ui.page(
            request,
            "display/display.html",
            box=self._ui.parts.box() if is_own else None,
            facts=self.facts(visitor, state),
            **self.seen(visitor, state),
        )

    def look(self, visitor: Visitor, state: State) -> Look:
        """Return what follows the hall."""
        context = self.seen(visitor, state)
        regions = {
            name: self._ui.region(visitor, "display/display.html", name, **context) for name in REGIONS
        }
        return Look(regions, self.facts(visitor, state))

    def facts(self, visitor: Visitor, state: State) -> dict[str, Any]:
        """Return what the script needs: every late call by its seq, and the time."""
        parts, hall = self._ui.parts, state.hall
        counters = {each.id: name_of(each, visitor.lang).text for each in parts.settings().counters}
        moment = parts.clock.now()
        return {
            "shell": shell_of(parts, visitor, "display"),
            "epoch": state.epoch,
            "clock": moment.at_us // _US_PER_MS // 30_000 * 30_000 if moment.trusted else None,
            "closed": self._is_quiet(state),
            "calls": [
                {
                    "seq": call.seq,
                    "label": call.label,
                    "counter": call.counter,
                    "name": counters.get(call.counter, call.counter),
                    "now": is_standing(hall, call),
                }
                for call in hall.last_calls
            ],
        }

    def seen(self, visitor: Visitor, state: State) -> dict[str, Any]:
        """Return what the regions are made of."""
        parts, hall, lang = self._ui.parts, state.hall, visitor.lang
        settings, now, waiting = parts.settings(), parts.now(state), waiting_by_service(hall)
        names = {each.id: name_of(each, lang) for each in settings.counters}
        seats = [_seat(hall, counter, names[counter.id]) for counter in settings.counters]
        shows_all = len(seats) <= ALL_COUNTERS
        shown = [seat for seat in seats if shows_all or seat["state"] != "closed"]
        return {
            "at_us": now.moment.at_us if now.moment.trusted else None,
            "opening": opening(hall, now.moment, parts.desk.rules.hall.hours),
            "is_closed": self._is_quiet(state),
            "stopped": parts.desk.recording_stopped is not None,
            "seats": shown,
            "others": [seat["name"] for seat in seats if seat not in shown],
            "columns": _columns(len(shown)),
            "services": [
                (each.prefix, name_of(each, lang), waiting.get(each.id, 0)) for each in settings.services
            ],
            "calls": [
                (call.label, names.get(call.counter, Name(call.counter, None)))
                for call in hall.last_calls[:CALLS]
            ],
        }

    def _is_quiet(self, state: State) -> bool:
        """Whether the office is closed and everybody has gone."""
        parts, hall = self._ui.parts, state.hall
        is_open = opening(hall, parts.clock.now(), parts.desk.rules.hall.hours).is_open
        return not is_open and not hall.posts and not hall.line


def is_standing(hall: Hall, call: LastCall) -> bool:
    """Whether the person called is still expected at the counter."""
    ticket = hall.tickets.get(call.ticket)
    return ticket is not None and ticket.state is TicketState.CALLED and ticket.counter == call.counter


def _seat(hall: Hall, counter: Counter, name: Name) -> dict[str, Any]:
    post = hall.posts.get(counter.id)
    ticket = None if post is None or post.ticket is None else hall.tickets.get(post.ticket)
    seat: dict[str, Any] = {"id": counter.id, "name": name, "label": None}
    if post is None:
        return {**seat, "state": "closed"}
    if ticket is not None:
        is_called = ticket.state is TicketState.CALLED
        return {**seat, "label": ticket.label, "state": "called" if is_called else "serving"}
    return {**seat, "state": "paused" if post.state is PostState.PAUSED else "free"}


def _columns(seats: int) -> int:
    """Return in how many columns counters are readable and fit."""
    return next((columns for columns in (1, 2, 3) if seats <= 4 * columns), 4)


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    first = [Depends(vietnamese_first)]
    display = Display(ui)

    @app.get("/display", response_class=HTMLResponse, include_in_schema=False, dependencies=first)
    async def page(request: Request) -> Response:
        return display.page(request) if ui.parts.has_hall else ui.go(OF_THE_BOX)

    @app.get("/display/live", include_in_schema=False, dependencies=first)
    async def live(request: Request) -> Response:
        visitor = ui.visitor(request)
        key = ("display", visitor.lang, visitor.purpose == BOX)
        return ui.live(request, key, lambda state: display.look(visitor, state))
