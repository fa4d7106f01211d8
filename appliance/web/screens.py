"""What the pages of the hall share: their language, opening hours, when a screen reloads."""

from dataclasses import dataclass, replace

from fastapi import Request

from appliance import __version__
from appliance.pages import texts
from appliance.queueing.hall import Hall
from appliance.queueing.rules import MINUTES_PER_DAY, Hours
from appliance.web.parts import Parts
from appliance.web.visitor import BOX, Visitor
from appliance.wire.moment import Moment

FILES = ("base.css", "live.js", "screen.js")


async def vietnamese_first(request: Request) -> None:
    """Speak Vietnamese unless somebody chose otherwise: a screen's browser wishes for nobody in the hall.

    A dependency of the hall's pages; the guard has been asked before.
    """
    if request.query_params.get("lang") in texts.LANGS or request.cookies.get("lang") in texts.LANGS:
        return
    request.state.visitor = replace(request.state.visitor, lang=texts.DEFAULT)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether numbers are given out now.

    Args:
        is_open: the day is open and, as far as the clock is to be trusted, it is within the hours.
        is_day_off: a trusted clock shows a day without hours.
        spans: today's hours, ``07:30–11:30``; empty where they tell nothing.
    """

    is_open: bool
    is_day_off: bool
    spans: tuple[str, ...]


def opening(hall: Hall, moment: Moment, hours: Hours) -> Opening:
    """Return whether numbers are given out now."""
    if not moment.trusted:
        return Opening(hall.is_open, is_day_off=False, spans=())
    spans = hours.spans(moment.local_day())
    minutes = moment.local_minutes()
    is_within = any(start <= minutes < end for start, end in spans)
    # Of no use where somebody has ended the day within them.
    is_useless = spans == ((0, MINUTES_PER_DAY),) or (is_within and not hall.is_open)
    said = () if is_useless else tuple(f"{_clock(start)}–{_clock(end)}" for start, end in spans)
    return Opening(hall.is_open and is_within, is_day_off=not spans, spans=said)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


OF_THE_BOX = "/box"
"""What a screen shows where there is no hall: how the box is reached, and known."""


def shell_of(parts: Parts, visitor: Visitor, area: str) -> str:
    """Return what the part of a screen that is not live was made from; when it changes, the screen reloads.

    A screen runs for months: after an update or a change of the settings nobody goes to press reload.
    """
    files = [parts.assets.get(name) for name in (*FILES, f"{area}.css", f"{area}.js")]
    made_from = [__version__, parts.settings().sha256[:12], *(each.version for each in files if each)]
    if visitor.purpose == BOX:
        box = parts.box()
        made_from += [*box.urls, box.fingerprint[:11]]
    return " ".join(made_from)


def waiting_by_service(hall: Hall) -> dict[str, int]:
    """Return how many wait for each service; at the cost of the line alone."""
    counts: dict[str, int] = {}
    tickets = hall.tickets
    for key in hall.line:
        service = tickets[key].service
        counts[service] = counts.get(service, 0) + 1
    return counts
