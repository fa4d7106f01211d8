"""How a page of the strangers' app is put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from appliance.errors import MotcuaError
from appliance.httpd.forms import new_request
from appliance.pages.palette import ink_on
from appliance.pages.rendering import Renderer
from appliance.pages.texts import of
from appliance.public.notice import Notice
from appliance.public.phones import Piece
from appliance.public.problems import retry_s, status_of
from appliance.public.visitor import Visitor, remember, visitor_of
from appliance.sockets.door import View
from appliance.sockets.known import Known

TEMPLATE: Final = "phone/ticket.html"


@dataclass(frozen=True, slots=True)
class Face:
    """One level of the scale as it is drawn.

    Args:
        level: 1 is worst.
        name: in the visitor's language.
        color: of the face.
        ink: of its lines, black or white, whichever is seen better on it.
        mood: 0 for the worst, 1 for the best: how the mouth is bent.
    """

    level: int
    name: str
    color: str
    ink: str
    mood: float


def faces(known: Known, lang: str) -> tuple[Face, ...]:
    """Return the scale, worst first."""
    last = len(known.levels) - 1
    return tuple(
        Face(index + 1, rung.name.of_lang(lang), rung.color, ink_on(rung.color), index / last)
        for index, rung in enumerate(known.levels)
    )


class Ui:
    """Draws pages and pieces of them.

    Args:
        renderer: of templates.
        notice: what is known of the settings.
        secret: behind the tokens of forms.
    """

    def __init__(self, renderer: Renderer, notice: Notice, secret: bytes) -> None:
        self.secret = secret
        self.notice = notice
        self.renderer = renderer

    def visitor(self, request: Request) -> Visitor:
        """Return who calls."""
        return visitor_of(request, self.secret)

    def page(self, caller: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """Return a page in the visitor's language."""
        visitor = self.visitor(caller)
        office = self.notice.office(visitor.lang)
        here = context.pop("here", "/")
        html = self.renderer.page(
            template,
            visitor.lang,
            **{
                "csrf": visitor.csrf,
                "office": office,
                "here": here,
                "has_procedures": self.notice.catalog.is_there,
                **context,
            },
        )
        response = HTMLResponse(html, status)
        remember(caller, response, visitor)
        return response

    def ticket(
        self,
        request: Request,
        token: str,
        view: View,
        *,
        is_stale: bool = False,
        error: MotcuaError | None = None,
    ) -> HTMLResponse:
        """Return a ticket's page, perhaps with what did not work."""
        visitor = self.visitor(request)
        answer = self.page(
            request,
            TEMPLATE,
            200 if error is None else status_of(error),
            here=f"/t/{token}",
            is_stale=is_stale,
            problem=None if error is None else _said(error, visitor.lang),
            **self._context(token, visitor, view),
        )
        if error is not None and (seconds := retry_s(error)) is not None:
            answer.headers["Retry-After"] = str(seconds)
        return answer

    def message(self, request: Request, error: MotcuaError, here: str) -> HTMLResponse:
        """Return the page that says what did not work."""
        seconds = retry_s(error)
        text = _said(error, self.visitor(request).lang)
        status = status_of(error)
        answer = self.page(
            request, "phone/message.html", status, here=here, text=text, retry_s=seconds,
            is_gone=isinstance(error, LookupError),
        )  # fmt: skip
        if seconds is not None:
            answer.headers["Retry-After"] = str(seconds)
        return answer

    def pieces(
        self, token: str, visitor: Visitor, view: View | None
    ) -> tuple[Mapping[str, Piece], Mapping[str, Any]]:
        """Return the regions of a ticket's page, and the facts that its script needs."""
        if view is None:
            gone = Piece(None, lambda: str(self.renderer.block("phone/gone.html", "main", visitor.lang)))
            return {"now": gone, "act": Piece(None, str)}, {"state": "GONE", "calls": 0, "title": ""}
        known = self.notice.known()
        now = (
            view.state, view.service, view.counter, view.ahead, view.low_ms, view.high_ms,
            view.counters_open > 0, view.calls, known,
        )  # fmt: skip
        act = (
            view.state, view.can_leave, view.can_rate, view.rated, view.correct_ms > 0, view.can_reason,
            known,
        )  # fmt: skip

        def draw(block: str) -> str:
            context = {"csrf": visitor.csrf, "here": f"/t/{token}", **self._context(token, visitor, view)}
            return str(self.renderer.block(TEMPLATE, block, visitor.lang, **context))

        pieces = {"now": Piece(now, lambda: draw("now")), "act": Piece(act, lambda: draw("act"))}
        return pieces, _facts(view, visitor.lang)

    def _context(self, token: str, visitor: Visitor, view: View) -> dict[str, object]:
        known = self.notice.known()
        lang = visitor.lang
        return {
            "token": token,
            "view": view,
            "service": view.service.of_lang(lang),
            "counter": "" if view.counter is None else view.counter.of_lang(lang),
            "faces": () if known is None else faces(known, lang),
            "reasons": ()
            if known is None
            else [(each.key, each.name.of_lang(lang)) for each in known.reasons],
            "facts": _facts(view, lang),
            "request": new_request(),
        }


def _said(error: MotcuaError, lang: str) -> str:
    said = str(error) if lang == "en" else error.vi()
    return said[:1].upper() + said[1:]


def _facts(view: View, lang: str) -> dict[str, Any]:
    title = view.label
    if view.state == "CALLED" and view.counter is not None:
        called = of(lang).gettext("%(label)s: go to %(counter)s now")
        title = called % {"label": view.label, "counter": view.counter.of_lang(lang)}
    return {"state": view.state, "calls": view.calls, "title": title}
