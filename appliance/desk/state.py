"""What the office knows: the fold of the journal since the last ``day.opened``, immutable."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from immutables import Map

from appliance.feedback.bindings import Bindings
from appliance.feedback.bindings import fold as fold_bindings
from appliance.queueing.hall import Hall, ahead
from appliance.queueing.hall import fold as fold_hall
from appliance.queueing.rules import HallRules
from appliance.wire.event import Event
from appliance.wire.timeline import Timeline

MOST_SKIPPED = 500
"""Numbers skipped at most after a loss: more than an office gives out in a day."""

MOST_ANSWERS = 4_000
"""Answers kept for callers who ask again: several days of a busy office, and a bound on memory."""

Fault = tuple[str, str]
"""An open issue and what it is about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command is told; the same again for the same request id, also after a restart.

    Args:
        seq: of the command's last event, or None when it had no effect.
        kind: of that event.
        result: JSON-able facts for the caller.
    """

    seq: int | None
    kind: str | None
    result: dict[str, Any]


NOTHING = Answer(None, None, {})


@dataclass(frozen=True, slots=True)
class State:
    """The working truth of the box.

    Args:
        hall: tickets, counters, the business day.
        bindings: which ticket a press belongs to.
        timeline: the office's own time.
        faults: open issues.
        config: SHA-256 of the configuration last applied.
        answers: by request id, packed; the latest ``MOST_ANSWERS`` at most.
        answered: how many were ever kept.
        epoch: of the last event.
        seq: of the last event.
    """

    hall: Hall = field(default_factory=Hall)
    bindings: Bindings = field(default_factory=Bindings)
    timeline: Timeline = field(default_factory=Timeline)
    faults: Map[Fault, str] = field(default_factory=Map)
    config: str | None = None
    answers: Map[str, bytes] = field(default_factory=Map)
    answered: int = 0
    epoch: str = ""
    seq: int = 0

    def answer_to(self, request: str | None) -> Answer | None:
        """Return the first answer given to a request id, or None."""
        packed = self.answers.get(request) if request is not None else None
        if packed is None:
            return None
        _, seq, kind, result = orjson.loads(packed)
        return Answer(seq, kind, result)


def fold(state: State, event: Event) -> State:
    """Return the state after one event; never refuses an event that is in the journal."""
    timeline = state.timeline.advance(event.boot, event.up_ms)
    elapsed_ms = timeline.elapsed_ms
    faults, config, answers, answered = state.faults, state.config, state.answers, state.answered
    data = event.data
    match event.kind:
        case "device.fault":
            faults = faults.set((data["issue"], data["subject"]), event.at)
        case "device.cleared":
            faults = _without(faults, (data["issue"], data["subject"]))
        case "config.applied":
            config = data["sha256"]
        case "day.opened":
            carries = data.get("carries", {})
            faults = Map({(str(i), s): faults.get((i, s), event.at) for i, s in carries.get("issues", ())})
            config = carries.get("config")
        case _:
            pass
    hall = fold_hall(state.hall, event, elapsed_ms)
    bindings = fold_bindings(state.bindings, event, elapsed_ms)
    request = data.get("request")
    if request is not None:
        answered += 1
        answers = _kept(answers).set(request, _packed(answered, answer_of(event, hall)))
    return State(hall, bindings, timeline, faults, config, answers, answered, event.epoch, event.seq)


def replay(events: Iterable[Event], state: State | None = None) -> State:
    """Return the fold of events."""
    state = state or State()
    for event in events:
        state = fold(state, event)
    return state


def with_day(state: State) -> State:
    """Return the state of a hall whose ``day.opened`` is lost; its tickets name the day they belong to."""
    hall = state.hall
    if hall.day is not None or not hall.tickets:
        return state
    day = max(key.partition("/")[0] for key in hall.tickets)
    return replace(state, hall=hall._replace(day=day, is_open=True))


def with_numbers_spent(state: State, rules: HallRules, lost: int, today: str) -> State:
    """Return the state that gives no number again although ``lost`` events after it cannot be read any more.

    Each of them may have been a number of any series, of this day or of ``today``: a gap that everybody sees
    is better than two people with one number.
    """
    skip = min(lost, MOST_SKIPPED)
    if not skip:
        return state
    hall = state.hall
    series = {service.series for service in rules.services}
    numbers = hall.numbers
    for one in series:
        numbers = numbers.set(one, numbers.get(one, 1) + skip)
    spent = hall.spent
    if hall.day != today:
        spent = (*spent, (today, Map(dict.fromkeys(series, 1 + skip))))
    return replace(state, hall=hall._replace(numbers=numbers, spent=spent))


def answer_of(event: Event, hall: Hall) -> Answer:
    """Return the answer that an event stands for, from the event and the hall right after it."""
    result: dict[str, Any] = {"at": event.at}
    for key in ("ticket", "counter", "service", "officer", "why", "day"):
        if key in event.data:
            result[key] = event.data[key]
    ticket = hall.tickets.get(event.data.get("ticket", "")) if event.kind.startswith("ticket.") else None
    if ticket is not None:
        result |= {"label": ticket.label, "state": ticket.state.value, "service": ticket.service}
        result["ahead"] = ahead(hall, ticket)
    if event.data.get("reason") == "next_called":
        result["outcome"] = "nobody_waiting"
    return Answer(event.seq, event.kind, result)


def _without(faults: Map[Fault, str], fault: Fault) -> Map[Fault, str]:
    return faults.delete(fault) if fault in faults else faults


def _packed(number: int, answer: Answer) -> bytes:
    # A copy of its exact size: orjson's own buffer keeps kilobytes alive.
    return bytes(memoryview(orjson.dumps([number, answer.seq, answer.kind, answer.result])))


def _kept(answers: Map[str, bytes]) -> Map[str, bytes]:
    """Return the answers with room for one more: when full, the older half goes."""
    if len(answers) < MOST_ANSWERS:
        return answers
    by_age = sorted(answers.items(), key=lambda item: int(orjson.loads(item[1])[0]))
    return Map(by_age[MOST_ANSWERS // 2 :])
