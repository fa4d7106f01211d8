"""A press and what is known, to the rating that is recorded.

A press at a counter:

1. while the evaluation begun by the last first press there may be corrected, corrects it, whatever was called
   meanwhile;
2. else belongs to the ticket called there last that takes presses: one that was started, or called
   ``takeover_ms`` ago. Until a new ticket takes presses they belong to the one before. That ticket must be at
   the counter or have left it less than ``window_ms`` ago; otherwise the press is ``unbound``, and begins an
   evaluation of its own;
3. if that ticket was rated there before, by whatever means, the press corrects that rating while it may be,
   and is a ``repeat`` afterwards.

A press by phone names its ticket: only 3 applies, from the ticket's call until its window closes.

``corrects`` names the rating that stood until now. Who drops ``repeat`` and every rating named by a
``corrects`` counts each evaluation once.
"""

from dataclasses import dataclass
from typing import Any

from appliance.feedback.bindings import Bindings, Buttons, Call, Evaluation, is_open
from appliance.feedback.errors import (
    LevelError,
    RatingClosedError,
    RatingCounterError,
    RatingFieldError,
    UnknownRatingError,
    UnknownReasonError,
)
from appliance.feedback.rules import RatingRules
from appliance.wire.event import Draft
from appliance.wire.kinds import RATING_SOURCES
from appliance.wire.moment import Now
from appliance.wire.schema import ID, REQUEST

PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Press:
    """One press.

    Args:
        counter: where; ``None`` is allowed when ``ticket`` is named: the counter it was called to last.
        level: 1 is worst.
        source: ``gpio``, ``serial``, ``web`` or ``phone``.
        ticket: the ticket a phone press is about; ``None`` for buttons, which do not know.
        stuck: the key was stuck shortly before.
        request: the caller's idempotency id.
    """

    counter: str | None
    level: int
    source: str
    ticket: str | None = None
    stuck: bool = False
    request: str | None = None


@dataclass(frozen=True, slots=True)
class GiveReason:
    """Why: ``reason`` is a configured key, ``rating`` the seq of a recent ``rating.given``.

    With ``counter`` it must be a rating of that counter.
    """

    rating: int
    reason: str
    request: str | None = None
    counter: str | None = None


RatingCommand = Press | GiveReason


def decide(bindings: Bindings, command: RatingCommand, now: Now, rules: RatingRules) -> tuple[Draft, ...]:
    """Decide a press or a reason.

    Raises:
        LevelError, RatingCounterError, RatingFieldError: the press itself is wrong.
        RatingClosedError: a named ticket is outside its window.
        UnknownRatingError, UnknownReasonError: a reason for nothing, or one that is not configured.
    """
    if command.request is not None and not REQUEST.accepts(command.request):
        raise RatingFieldError(field="request", value=command.request, remedy=REQUEST.words)
    if isinstance(command, GiveReason):
        draft = _reasoned(bindings, command, now.elapsed_ms, rules)
    elif command.ticket is None:
        draft = _pressed(bindings, command, now.elapsed_ms, rules)
    else:
        draft = _phoned(bindings, command, command.ticket, now.elapsed_ms, rules)
    if command.request is None:
        return (draft,)
    return (Draft(draft.kind, {**draft.data, "request": command.request}),)


def _pressed(bindings: Bindings, press: Press, elapsed_ms: int, rules: RatingRules) -> Draft:
    """Return the rating of a press at a counter."""
    counter = press.counter
    if counter is None:
        raise RatingFieldError(field="counter", value=None, remedy="named, or a ticket")
    buttons = bindings.buttons.get(counter, Buttons())
    _check(press, rules)
    standing = _correctable(buttons.evaluation, elapsed_ms, rules)
    call = None if standing is not None else bound_call(buttons, elapsed_ms, rules)
    if standing is not None:
        subject = _Subject(standing.ticket, standing.officer, standing)
    elif call is not None:
        subject = _subject(bindings, counter, call, elapsed_ms, rules)
    else:
        subject = _Subject(None, buttons.officer)
    return _draft(press, counter, subject, rules, is_burst=_is_burst(buttons, elapsed_ms, rules))


def _phoned(bindings: Bindings, press: Press, ticket: str, elapsed_ms: int, rules: RatingRules) -> Draft:
    """Return the rating of a press that names its ticket."""
    _check(press, rules)
    counter, call = _named(bindings, ticket, press.counter, elapsed_ms, rules)
    subject = _subject(bindings, counter, call, elapsed_ms, rules)
    is_burst = _is_burst(bindings.buttons[counter], elapsed_ms, rules)
    return _draft(press, counter, subject, rules, is_burst=is_burst)


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom a press is about, and which standing rating it corrects or repeats."""

    ticket: str | None
    officer: str | None
    corrected: Evaluation | None = None
    is_repeat: bool = False


def _subject(bindings: Bindings, counter: str, call: Call, elapsed_ms: int, rules: RatingRules) -> _Subject:
    rated = bindings.evaluations.get((counter, call.ticket))
    corrected = _correctable(rated, elapsed_ms, rules)
    if corrected is not None:
        return _Subject(corrected.ticket, corrected.officer, corrected)
    officer = bindings.buttons[counter].officer if call.officer is None else call.officer
    return _Subject(call.ticket, officer, is_repeat=rated is not None)


def _draft(press: Press, counter: str, subject: _Subject, rules: RatingRules, *, is_burst: bool) -> Draft:
    flags = {
        "burst": is_burst,
        "repeat": subject.is_repeat,
        "stuck": press.stuck,
        "unbound": subject.ticket is None,
    }
    data: dict[str, Any] = {
        "counter": counter,
        "level": press.level,
        "levels": rules.levels,
        "source": press.source,
        "ticket": subject.ticket,
        "officer": subject.officer,
        "flags": [flag for flag, is_set in flags.items() if is_set],
        "corrects": None if subject.corrected is None else subject.corrected.seq,
    }
    return Draft("rating.given", data)


def bound_call(buttons: Buttons, elapsed_ms: int, rules: RatingRules) -> Call | None:
    """Return the ticket that a button of the counter rates now, or ``None`` when a press would be unbound."""
    for call in buttons.calls:
        if call.is_started or elapsed_ms - call.called_ms >= rules.takeover_ms:
            return call if is_open(call, elapsed_ms, rules) else None
    return None


def _named(
    bindings: Bindings, ticket: str, counter: str | None, elapsed_ms: int, rules: RatingRules
) -> tuple[str, Call]:
    calls = [
        (call.called_ms, at, call)
        for at, buttons in bindings.buttons.items()
        for call in buttons.calls
        if call.ticket == ticket and counter in {None, at} and is_open(call, elapsed_ms, rules)
    ]
    if not calls:
        series, _, number = ticket.rpartition("/")
        label = f"{series.rpartition('/')[2]}{number:0>3}"
        raise RatingClosedError(ticket=ticket, label=label)
    _, at, call = max(calls)
    return at, call


def _correctable(evaluation: Evaluation | None, elapsed_ms: int, rules: RatingRules) -> Evaluation | None:
    if evaluation is None or elapsed_ms - evaluation.first_ms >= rules.correction_ms:
        return None
    return evaluation


def _is_burst(buttons: Buttons, elapsed_ms: int, rules: RatingRules) -> bool:
    recent = sum(elapsed_ms - at_ms < rules.burst_ms for at_ms, _ in buttons.presses)
    return recent >= rules.burst_count


def _check(press: Press, rules: RatingRules) -> None:
    if type(press.level) is not int or not 1 <= press.level <= rules.levels:
        raise LevelError(level=press.level, levels=rules.levels)
    if press.source not in RATING_SOURCES:
        remedy = f"one of {', '.join(RATING_SOURCES)}"
        raise RatingFieldError(field="source", value=press.source, remedy=remedy)
    if press.counter is None:
        return
    is_known = ID.accepts(press.counter) if rules.counters is None else press.counter in rules.counters
    if not is_known:
        raise RatingCounterError(counter=press.counter)


def _reasoned(bindings: Bindings, command: GiveReason, elapsed_ms: int, rules: RatingRules) -> Draft:
    if command.reason not in rules.reasons:
        raise UnknownReasonError(reason=command.reason)
    is_recent = any(
        seq == command.rating and elapsed_ms - at_ms < rules.window_ms
        for counter, buttons in bindings.buttons.items()
        for at_ms, seq in buttons.presses
        if command.counter in {None, counter}
    )
    if not is_recent:
        raise UnknownRatingError(rating=command.rating)
    return Draft("rating.reason", {"rating": command.rating, "reason": command.reason})
