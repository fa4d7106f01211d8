"""The rating screen of a counter that has no buttons; it thanks for every level alike."""

from http import HTTPStatus
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from appliance.config import Counter
from appliance.desk.commands import Command
from appliance.errors import MotcuaError
from appliance.feedback.rating import GiveReason, Press
from appliance.httpd import forms
from appliance.pages.texts import N_
from appliance.queueing.errors import UnknownCounterError
from appliance.web import problems
from appliance.web.faces import Face, faces
from appliance.web.guard import as_visitor, check_purpose
from appliance.web.live import Look
from appliance.web.names import name_of, spoken
from appliance.web.screens import shell_of, vietnamese_first
from appliance.web.typed import Typed
from appliance.web.ui import Ui
from appliance.web.visitor import BOX, Visitor

THANKS_S = 6
REASON_S = 20
SLOW = N_("The office is slow to answer. Please press again.")


class Rate:
    """The page, before and after a press.

    Args:
        ui: how pages answer.
    """

    def __init__(self, ui: Ui) -> None:
        self._ui = ui

    def page(
        self, request: Request, counter: str, status: HTTPStatus = HTTPStatus.OK, **shown: object
    ) -> HTMLResponse:
        """Return the page.

        Args:
            request: who asks.
            counter: which one is rated.
            status: of the answer.
            shown: ``rating`` (the seq that a reason belongs to), ``is_thanked``, ``text`` (what went
                wrong), ``request_id`` (to go on with).

        Raises:
            UnknownCounterError: there is no such counter.
        """
        found, visitor = self._counter(counter), self._ui.visitor(request)
        ratings = self._ui.parts.settings().ratings
        rating = shown.get("rating")
        reasons = [] if rating is None else ratings.reasons
        context = {
            "shell": shell_of(self._ui.parts, visitor, "rate"),
            "home": f"/rate/{found.id}",
            "counter": found.id,
            "name": name_of(found, visitor.lang),
            "faces": self._faces(visitor.lang),
            "reasons": [(each.key, spoken(each.label, each.label_en, visitor.lang)) for each in reasons],
            "rating": rating,
            "is_thanked": False,
            "text": None,
            "correction_s": ratings.correction_s,
            "return_s": REASON_S if reasons else max(THANKS_S, ratings.correction_s + 1),
            "may_press": may_press(visitor, found.id),
            "request_id": forms.new_request(),
        }
        return self._ui.page(request, "rate/rate.html", status, **{**context, **shown})

    def look(self, visitor: Visitor) -> Look:
        """Return what follows the office: nothing of the hall, only that the office is there."""
        return Look({}, {"shell": shell_of(self._ui.parts, visitor, "rate")})

    async def press(self, request: Request, counter: str) -> Response:
        """Record a press; another level is another press, however fast it follows."""
        found, typed = self._counter(counter), await Typed.read(request)
        level, asked = typed["level"], typed["request"]
        number = int(level) if level.isdecimal() and len(level) == 1 else 0
        press = Press(found.id, number, "web", request=f"{asked}.{number}" if asked else None)
        answer = await self._asked(request, press)
        if isinstance(answer, dict):
            return self._ui.go(f"/rate/{found.id}/thanks?rating={answer['seq']}")
        status, text = answer
        kept = {"request_id": asked} if asked else {}
        return self.page(request, counter, status, text=text, **kept)

    async def reason(self, request: Request, counter: str) -> Response:
        """Record why."""
        found, typed = self._counter(counter), await Typed.read(request)
        check_purpose(self._ui.visitor(request), f"rate:{found.id}")
        rating = seq_of(typed["rating"])
        reason = GiveReason(rating or 0, typed["reason"], request=typed["request"] or None)
        answer = await self._asked(request, reason)
        if isinstance(answer, dict):
            return self._ui.go(f"/rate/{found.id}/thanks")
        status, text = answer
        return self.page(request, counter, status, text=text)

    def thanks(self, request: Request, counter: str) -> HTMLResponse:
        """Return the page after a press."""
        return self.page(
            request, counter, is_thanked=True, rating=seq_of(request.query_params.get("rating", ""))
        )

    async def _asked(self, request: Request, command: Command) -> dict[str, Any] | tuple[HTTPStatus, str]:
        """Return the desk's answer, or what to tell."""
        try:
            return await self._ui.ask(as_visitor(command, self._ui.visitor(request)))
        except MotcuaError as error:
            return problems.status_of(error), self._ui.say(request, error)
        except TimeoutError:
            return HTTPStatus.SERVICE_UNAVAILABLE, self._ui.texts(request).gettext(SLOW)

    def _counter(self, counter: str) -> Counter:
        for each in self._ui.parts.settings().counters:
            if each.id == counter:
                return each
        raise UnknownCounterError(counter=counter)

    def _faces(self, lang: str) -> list[Face]:
        ratings = self._ui.parts.settings().ratings
        labels = [spoken(vi, en, lang) for vi, en in zip(ratings.labels, ratings.labels_en, strict=True)]
        return faces(labels, ratings.colors)


def may_press(visitor: Visitor, counter: str) -> bool:
    """Whether a press of this caller counts at a counter."""
    return visitor.purpose in {BOX, f"rate:{counter}"}


def seq_of(text: str) -> int | None:
    """Return the seq that an address or a form names, or None."""
    is_seq = text.isascii() and text.isdecimal() and len(text) <= len("9007199254740991") and int(text) > 0
    return int(text) if is_seq else None


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
    first = [Depends(vietnamese_first)]
    rate = Rate(ui)

    @app.get("/rate/{counter}", response_class=HTMLResponse, include_in_schema=False, dependencies=first)
    async def page(request: Request, counter: str) -> Response:
        return rate.page(request, counter)

    @app.get("/rate/{counter}/live", include_in_schema=False, dependencies=first)
    async def live(request: Request, counter: str) -> Response:  # noqa: ARG001 - every counter looks the same
        visitor = ui.visitor(request)
        return ui.live(request, ("rate", visitor.purpose == BOX), lambda _state: rate.look(visitor))

    @app.post("/rate/{counter}", response_class=HTMLResponse, include_in_schema=False, dependencies=first)
    async def press(request: Request, counter: str) -> Response:
        return await rate.press(request, counter)

    @app.get(
        "/rate/{counter}/thanks", response_class=HTMLResponse, include_in_schema=False, dependencies=first
    )
    async def thanks(request: Request, counter: str) -> Response:
        return rate.thanks(request, counter)

    @app.post(
        "/rate/{counter}/reason", response_class=HTMLResponse, include_in_schema=False, dependencies=first
    )
    async def reason(request: Request, counter: str) -> Response:
        return await rate.reason(request, counter)
