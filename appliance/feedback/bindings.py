"""Which tickets the presses of each counter may belong to; learned from events alone.

``fold`` is total: events of kinds, tickets or counters it does not know change nothing.

``day.opened`` starts from its own data: the desk asks :func:`carry` first and hands the answer on in
``carries.ratings``, so that folding from the last ``day.opened`` gives the same bindings as folding
everything. What travels is what a press could still bind to; bursts and reasons begin anew. A ticket that was
at a counter has left it then, unless ``ticket.carried`` says that it is there. Without ``ratings`` the fold
starts empty: presses for tickets called before that day are unbound.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from immutables import Map

from appliance.feedback.rules import KEPT_MS, KEPT_PRESSES, RatingRules
from appliance.wire.event import Event

_AT_COUNTER = frozenset({"CALLED", "SERVING"})


class Call(NamedTuple):
    """One ticket called to a counter.

    Args:
        ticket: its key.
        officer: who called it.
        called_ms: when, on the office's own timeline.
        is_started: started or resumed since.
        left_ms: when it left the counter, whatever became of it; ``None`` while it is there.
    """

    ticket: str
    officer: str | None
    called_ms: int
    is_started: bool
    left_ms: int | None


class Evaluation(NamedTuple):
    """A rating that stands, and how long it may be corrected.

    Args:
        ticket: whom it is about; ``None`` if nobody could be found.
        officer: as recorded with its first press.
        seq: the ``rating.given`` that counts.
        first_ms: time of its first press.
    """

    ticket: str | None
    officer: str | None
    seq: int
    first_ms: int


class Buttons(NamedTuple):
    """What is known at one counter.

    Args:
        officer: who opened it.
        calls: latest first; a ticket that was called again is there again.
        evaluation: begun by the latest first press at the counter itself, not by phone.
        presses: time and seq of the latest presses, oldest first.
    """

    officer: str | None = None
    calls: tuple[Call, ...] = ()
    evaluation: Evaluation | None = None
    presses: tuple[tuple[int, int], ...] = ()


class Bindings(NamedTuple):
    """The state of ratings.

    Args:
        buttons: by counter.
        evaluations: by (counter, ticket), of the whole day.
    """

    buttons: Map[str, Buttons] = Map()
    evaluations: Map[tuple[str, str], Evaluation] = Map()


_Data = Mapping[str, Any]
_Fold = Callable[[Bindings, Event, _Data, int], Bindings]
_NONE = Buttons()


def fold(bindings: Bindings, event: Event, elapsed_ms: int) -> Bindings:
    """Return the bindings after an event; ``elapsed_ms`` is its place on the office's own timeline."""
    handler = _FOLDS.get(event.kind)
    return bindings if handler is None else handler(bindings, event, event.data, elapsed_ms)


def carry(
    bindings: Bindings, elapsed_ms: int, rules: RatingRules, *, is_new_epoch: bool = False
) -> dict[str, Any]:
    """Return what ``carries.ratings`` of the next ``day.opened`` should be: what a press could still bind to.

    Args:
        bindings: the state before that event.
        elapsed_ms: the time of that event.
        rules: the rules in force.
        is_new_epoch: sequence numbers begin anew, so that nothing recorded before can be corrected.
    """
    counters = [
        shown
        for counter, buttons in sorted(bindings.buttons.items())
        if (shown := _carried(bindings, counter, elapsed_ms, rules, is_new_epoch=is_new_epoch))
    ]
    return {"counters": counters}


def _carried(
    bindings: Bindings, counter: str, elapsed_ms: int, rules: RatingRules, *, is_new_epoch: bool
) -> dict[str, Any]:
    buttons = bindings.buttons[counter]
    calls = [one for one in buttons.calls if is_open(one, elapsed_ms, rules)]
    evaluation = buttons.evaluation
    if is_new_epoch or evaluation is None or elapsed_ms - evaluation.first_ms >= rules.correction_ms:
        evaluation = None
    if not calls and evaluation is None and buttons.officer is None:
        return {}
    rated = [bindings.evaluations.get((counter, one.ticket)) for one in calls]
    return {
        "counter": counter,
        "officer": buttons.officer,
        "calls": [
            {
                "ticket": one.ticket,
                "officer": one.officer,
                "called_ago": elapsed_ms - one.called_ms,
                "started": one.is_started,
                "left_ago": None if one.left_ms is None else elapsed_ms - one.left_ms,
            }
            for one in calls
        ],
        "evaluation": None if evaluation is None else _aged(evaluation, elapsed_ms, is_new_epoch=False),
        "rated": [_aged(one, elapsed_ms, is_new_epoch=is_new_epoch) for one in rated if one is not None],
    }


def _aged(evaluation: Evaluation, elapsed_ms: int, *, is_new_epoch: bool) -> dict[str, Any]:
    return {
        "ticket": evaluation.ticket,
        "officer": evaluation.officer,
        "seq": evaluation.seq,
        # Far enough in the past that no press takes it for one of the new epoch.
        "first_ago": KEPT_MS if is_new_epoch else elapsed_ms - evaluation.first_ms,
    }


def is_open(call: Call, elapsed_ms: int, rules: RatingRules) -> bool:
    """Whether a ticket may be rated: it is at the counter, or left it less than the window ago."""
    return call.left_ms is None or elapsed_ms - call.left_ms < rules.window_ms


def _day_opened(_bindings: Bindings, _event: Event, data: _Data, elapsed_ms: int) -> Bindings:
    buttons: dict[str, Buttons] = {}
    evaluations: dict[tuple[str, str], Evaluation] = {}
    try:
        for one in data["carries"]["ratings"]["counters"]:
            counter = one["counter"]
            calls = tuple(_revived_call(call, elapsed_ms) for call in one["calls"])
            standing = None if one["evaluation"] is None else _revived(one["evaluation"], elapsed_ms)
            rated = {(counter, past["ticket"]): _revived(past, elapsed_ms) for past in one["rated"]}
            buttons[counter] = Buttons(one["officer"], calls, standing)
            evaluations.update(rated)
    except (KeyError, TypeError):  # any object is a valid ``carries``: this one is other software's
        return Bindings()
    return Bindings(Map(buttons), Map(evaluations))


def _revived_call(carried: _Data, elapsed_ms: int) -> Call:
    return Call(
        carried["ticket"],
        carried["officer"],
        elapsed_ms - carried["called_ago"],
        carried["started"],
        elapsed_ms - (carried["left_ago"] or 0),
    )


def _revived(carried: _Data, elapsed_ms: int) -> Evaluation:
    return Evaluation(
        carried["ticket"], carried["officer"], carried["seq"], elapsed_ms - carried["first_ago"]
    )


def _carried_ticket(bindings: Bindings, _event: Event, data: _Data, elapsed_ms: int) -> Bindings:
    ticket, counter = data["ticket"], data["counter"]
    if counter is None or data["state"] not in _AT_COUNTER:
        return bindings
    buttons = bindings.buttons.get(counter, _NONE)
    known = next((call for call in buttons.calls if call.ticket == ticket), None)
    if known is None:
        is_started = data["state"] == "SERVING"
        return _called_to(bindings, counter, Call(ticket, buttons.officer, elapsed_ms, is_started, None))
    return _with_call(bindings, counter, known, known._replace(left_ms=None))


def _called(bindings: Bindings, _event: Event, data: _Data, elapsed_ms: int) -> Bindings:
    call = Call(data["ticket"], data["officer"], elapsed_ms, is_started=False, left_ms=None)
    return _called_to(bindings, data["counter"], call)


def _resumed(bindings: Bindings, _event: Event, data: _Data, elapsed_ms: int) -> Bindings:
    call = Call(data["ticket"], data["officer"], elapsed_ms, is_started=True, left_ms=None)
    return _called_to(bindings, data["counter"], call)


def _called_to(bindings: Bindings, counter: str, call: Call) -> Bindings:
    buttons = bindings.buttons.get(counter, _NONE)
    since_ms = call.called_ms - KEPT_MS
    # A ticket called again keeps its earlier call: that one has the presses until the new one takes them.
    kept = [one for one in buttons.calls if one.left_ms is None or one.left_ms >= since_ms]
    calls = (call, *kept)
    return _with_calls(bindings, counter, buttons, calls)


def _started(bindings: Bindings, _event: Event, data: _Data, _elapsed_ms: int) -> Bindings:
    counter = data["counter"]
    call = _find(bindings, counter, data["ticket"])
    if call is None:
        return bindings
    started = Call(call.ticket, call.officer, call.called_ms, is_started=True, left_ms=call.left_ms)
    return _with_call(bindings, counter, call, started)


def _left(bindings: Bindings, _event: Event, data: _Data, elapsed_ms: int) -> Bindings:
    ticket = data["ticket"]
    counters = bindings.buttons if data["counter"] is None else (data["counter"],)
    for counter in counters:
        call = _find(bindings, counter, ticket)
        if call is not None and call.left_ms is None:
            bindings = _with_call(bindings, counter, call, Call(*call[:-1], elapsed_ms))
    return bindings


def _find(bindings: Bindings, counter: str, ticket: str) -> Call | None:
    for call in bindings.buttons.get(counter, _NONE).calls:
        if call.ticket == ticket:
            return call
    return None


def _with_call(bindings: Bindings, counter: str, before: Call, after: Call) -> Bindings:
    buttons = bindings.buttons[counter]
    calls = tuple(after if call is before else call for call in buttons.calls)
    return _with_calls(bindings, counter, buttons, calls)


def _with_calls(bindings: Bindings, counter: str, buttons: Buttons, calls: tuple[Call, ...]) -> Bindings:
    after = Buttons(buttons.officer, calls, buttons.evaluation, buttons.presses)
    return Bindings(bindings.buttons.set(counter, after), bindings.evaluations)


def _staffed(bindings: Bindings, event: Event, data: _Data, _elapsed_ms: int) -> Bindings:
    counter = data["counter"]
    officer = None if event.kind == "counter.closed" else data["officer"]
    buttons = bindings.buttons.get(counter, _NONE)._replace(officer=officer)
    return bindings._replace(buttons=bindings.buttons.set(counter, buttons))


def _given(bindings: Bindings, event: Event, data: _Data, elapsed_ms: int) -> Bindings:
    counter, ticket, corrects = data["counter"], data["ticket"], data["corrects"]
    buttons = bindings.buttons.get(counter, _NONE)
    presses = (*buttons.presses, (elapsed_ms, event.seq))[-KEPT_PRESSES:]
    buttons = Buttons(buttons.officer, buttons.calls, buttons.evaluation, presses)
    evaluations = bindings.evaluations
    if "repeat" not in data["flags"]:
        begun = Evaluation(ticket, data["officer"], event.seq, elapsed_ms)
        standing = buttons.evaluation
        if corrects is not None:
            rated = evaluations.get((counter, ticket)) if ticket is not None else standing
            if rated is not None and rated.seq == corrects:
                begun = rated._replace(seq=event.seq)
            if standing is not None and standing.seq == corrects:
                buttons = buttons._replace(evaluation=begun)
        elif data["source"] != "phone":
            buttons = buttons._replace(evaluation=begun)
        if ticket is not None:
            evaluations = evaluations.set((counter, ticket), begun)
    return Bindings(bindings.buttons.set(counter, buttons), evaluations)


_FOLDS: Mapping[str, _Fold] = {
    "day.opened": _day_opened,
    "ticket.carried": _carried_ticket,
    "ticket.called": _called,
    "ticket.resumed": _resumed,
    "ticket.started": _started,
    "ticket.held": _left,
    "ticket.served": _left,
    "ticket.no_show": _left,
    "ticket.returned": _left,
    "ticket.transferred": _left,
    "ticket.cancelled": _left,
    "counter.opened": _staffed,
    "counter.paused": _staffed,
    "counter.closed": _staffed,
    "rating.given": _given,
}
