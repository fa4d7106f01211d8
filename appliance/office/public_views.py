"""What the office shows strangers: a ticket by its token, and a few of the settings."""

from collections import OrderedDict
from dataclasses import dataclass

from appliance.config import Settings
from appliance.desk.state import State
from appliance.feedback.bindings import Evaluation, is_open
from appliance.feedback.rules import RatingRules
from appliance.queueing.states import TRANSITIONS, TicketState, Verb
from appliance.queueing.ticket import Ticket
from appliance.queueing.tokens import ticket_of
from appliance.sockets.door import Named, View
from appliance.sockets.known import Choice, Known, Rung
from appliance.sockets.portal import Portal
from appliance.web.parts import Parts
from appliance.web.prospects import open_counters, prospect

MOST_REMEMBERED = 512
RATED_STATES = frozenset({TicketState.CALLED, TicketState.SERVING, TicketState.SERVED})


@dataclass(frozen=True, slots=True)
class Given:
    """The rating that a token gave last.

    Args:
        epoch: of its event.
        seq: the same.
        is_explained: whether a reason followed.
    """

    epoch: str
    seq: int
    is_explained: bool = False


class Ratings:
    """Which token gave which rating; the latest ones, and only in memory: nothing of it is recorded."""

    def __init__(self) -> None:
        self._given: OrderedDict[str, Given] = OrderedDict()

    def remember(self, token: str, given: Given) -> None:
        self._given[token] = given
        self._given.move_to_end(token)
        while len(self._given) > MOST_REMEMBERED:
            self._given.popitem(last=False)

    def of(self, token: str) -> Given | None:
        return self._given.get(token)


class Views:
    """Tickets as strangers see them.

    Args:
        parts: what the staff app stands on.
        ratings: given by phones.
    """

    def __init__(self, parts: Parts, ratings: Ratings) -> None:
        self._parts = parts
        self._ratings = ratings

    def of(self, token: str) -> View | None:
        """Return a ticket's view, or None for a token that is none of today's."""
        parts = self._parts
        state, rules = parts.desk.state, parts.desk.rules
        ticket = ticket_of(parts.secrets.tickets, token, state.hall.tickets, state.hall.day)
        if ticket is None:
            return None
        elapsed_ms = parts.now(state).elapsed_ms
        waits = ticket.state is TicketState.WAITING
        seen = prospect(state.hall, ticket, rules.hall, parts.figures.pace) if waits else None
        expected = None if seen is None else seen.expected
        evaluation = evaluation_of(state, ticket)
        correct_ms = _left_ms(evaluation, elapsed_ms, rules.ratings.correction_ms)
        is_closing = not _may_rate(state, ticket, elapsed_ms, rules.ratings)
        settings = parts.settings()
        return View(
            label=ticket.label,
            service=_service(settings, ticket.service),
            state=ticket.state.value,
            counter=None if ticket.counter is None else _counter(settings, ticket.counter),
            ahead=None if seen is None else seen.ahead,
            low_ms=None if expected is None else expected.low_ms,
            high_ms=None if expected is None else expected.high_ms,
            counters_open=open_counters(state.hall, ticket.service, rules.hall),
            calls=ticket.calls,
            since_ms=max(0, elapsed_ms - ticket.entered.elapsed_ms),
            can_leave=(ticket.state, Verb.CANCEL) in TRANSITIONS,
            can_rate=not is_closing and (evaluation is None or correct_ms > 0),
            rated=evaluation is not None,
            correct_ms=0 if is_closing else correct_ms,
            can_reason=self._may_explain(token, state, elapsed_ms, rules.ratings),
        )

    def _may_explain(self, token: str, state: State, elapsed_ms: int, rules: RatingRules) -> bool:
        given = self._ratings.of(token)
        if given is None or given.is_explained or given.epoch != state.epoch or not rules.reasons:
            return False
        return any(
            seq == given.seq and elapsed_ms - at_ms < rules.window_ms
            for buttons in state.bindings.buttons.values()
            for at_ms, seq in buttons.presses
        )


def evaluation_of(state: State, ticket: Ticket) -> Evaluation | None:
    """Return the rating that stands for a ticket where it was called last."""
    if ticket.counter is None:
        return None
    return state.bindings.evaluations.get((ticket.counter, ticket.key))


def _may_rate(state: State, ticket: Ticket, elapsed_ms: int, rules: RatingRules) -> bool:
    if ticket.state not in RATED_STATES or ticket.counter is None:
        return False
    buttons = state.bindings.buttons.get(ticket.counter)
    calls = () if buttons is None else buttons.calls
    return any(call.ticket == ticket.key and is_open(call, elapsed_ms, rules) for call in calls)


def _left_ms(evaluation: Evaluation | None, elapsed_ms: int, correction_ms: int) -> int:
    return 0 if evaluation is None else max(0, evaluation.first_ms + correction_ms - elapsed_ms)


def _service(settings: Settings, service: str) -> Named:
    found = next((each for each in settings.services if each.id == service), None)
    return named(service) if found is None else named(found.name, found.name_en)


def _counter(settings: Settings, counter: str) -> Named:
    found = next((each for each in settings.counters if each.id == counter), None)
    return named(counter) if found is None else named(found.name, found.name_en)


def named(vi: str, en: str | None = None) -> Named:
    """Return a name in both languages; Vietnamese where there is no English one."""
    return Named(vi=vi, en=en or vi)


def known(settings: Settings, portal: Portal | None = None) -> Known:
    """Return what the strangers' app may know of the settings, and of the public WiFi if there is one."""
    ratings, office = settings.ratings, settings.office
    return Known(
        office=named(office.name, office.name_en),
        levels=tuple(
            Rung(name=named(label, label_en), color=color)
            for label, label_en, color in zip(ratings.labels, ratings.labels_en, ratings.colors, strict=True)
        ),
        reasons=tuple(
            Choice(key=each.key, name=named(each.label, each.label_en)) for each in ratings.reasons
        ),
        services=tuple(
            Choice(key=each.id, name=named(each.name, each.name_en)) for each in settings.services
        ),
        correction_s=ratings.correction_s,
        portal=portal,
    )
