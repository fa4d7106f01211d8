"""The rules of binding a second time, over the bare history, against the fold and the decision."""

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.feedback.errors import RatingClosedError
from appliance.wire.event import Event
from tests.unit.feedback.conftest import Counters, key

History = list[tuple[int, Event]]
Expected = tuple[str | None, int | None, bool]

GAPS_S = st.sampled_from([0, 0, 1, 2, 3, 4.999, 5, 10, 19.999, 20, 30, 60, 119.999, 120, 200])
STEPS = st.lists(
    st.tuples(
        GAPS_S,
        st.sampled_from(
            ["call", "call", "start", "leave", "resume", "gone", "press", "press", "press", "phone"]
        ),
        st.sampled_from(["1", "1", "1", "2"]),
        st.sampled_from([1, 1, 2, 3]),
        st.sampled_from(
            ["ticket.served", "ticket.held", "ticket.transferred", "ticket.no_show", "ticket.cancelled"]
        ),
    ),
    max_size=40,
)
COMES = {"ticket.called", "ticket.resumed"}


def episodes(history: History, counter: str) -> list[list[Any]]:
    """Return [ticket, called, takes presses from, left] of a counter in order."""
    found = []
    for ms, event in history:
        data = event.data
        if data.get("counter") != counter or not event.kind.startswith("ticket."):
            continue
        if event.kind in COMES:
            takes = ms if event.kind == "ticket.resumed" else ms + 20_000
            found.append([data["ticket"], ms, takes, None])
            continue
        for one in [one for one in found if one[0] == data["ticket"]][-1:]:
            if event.kind == "ticket.started":
                one[2] = min(one[2], ms)
            elif one[3] is None:
                one[3] = ms
    return found


def evaluations(history: History) -> list[list[Any]]:
    """Return [counter, ticket, first press, seq that stands, begun by phone] in order."""
    found = []
    for ms, event in history:
        data = event.data
        if event.kind != "rating.given" or "repeat" in data["flags"]:
            continue
        if data["corrects"] is None:
            found.append([data["counter"], data["ticket"], ms, event.seq, data["source"] == "phone"])
        else:
            (corrected,) = [one for one in found if one[3] == data["corrects"]]
            corrected[3] = event.seq
    return found


def of_ticket(history: History, counter: str, ticket: str | None, ms: int) -> Expected:
    for one in evaluations(history):
        if one[:2] == [counter, ticket]:
            return (ticket, one[3], False) if ms - one[2] < 5000 else (ticket, None, True)
    return ticket, None, False


def expected_press(history: History, counter: str, ms: int) -> Expected:
    """Return (ticket, corrects, is repeat)."""
    begun = [one for one in evaluations(history) if one[0] == counter and not one[4]]
    if begun and ms - begun[-1][2] < 5000:
        return begun[-1][1], begun[-1][3], False
    takers = [one for one in episodes(history, counter) if one[2] <= ms]
    if not takers or (takers[-1][3] is not None and ms - takers[-1][3] >= 120_000):
        return None, None, False
    return of_ticket(history, counter, takers[-1][0], ms)


def expected_phone(history: History, counter: str, ticket: str | None, ms: int) -> Expected | None:
    for one in episodes(history, counter):
        if one[0] == ticket and (one[3] is None or ms - one[3] < 120_000):
            return of_ticket(history, counter, ticket, ms)
    return None


def expected_burst(history: History, counter: str, ms: int) -> bool:
    recent = [
        at for at, event in history
        if event.kind == "rating.given" and event.data["counter"] == counter and ms - at < 10_000
    ]  # fmt: skip
    return len(recent) >= 5


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_ratings_are_those_of_the_history(steps: list[Any]) -> None:
    counters = Counters()
    counters.record("day.opened", {"day": "2026-11-23", "source": "clock", "carries": {}})
    counters.open("1", "lan")
    counters.open("2", "minh")
    current = {}
    for gap_s, step, counter, number, leaving in steps:
        counters.at(counters.ms / 1000 + gap_s)
        history = [(ms, event) for event, ms in counters.journal]
        match step:
            case "call" | "resume":
                if number in current.values():
                    continue
                if counter in current:
                    counters.leave(current[counter], leaving, counter)
                current[counter] = number
                if step == "call":
                    counters.call(number, counter)
                else:
                    data = {"ticket": key(number), "counter": counter, "officer": "lan"}
                    counters.record("ticket.resumed", data)
            case "start" if counter in current:
                counters.start(current[counter], counter)
            case "leave" if counter in current:
                counters.leave(current.pop(counter), leaving, counter)
            case "gone" if number not in current.values():
                counters.leave(number, "ticket.cancelled", counter)  # held there, or never called
            case "press":
                data = counters.press(counter=counter).data
                got = (data["ticket"], data["corrects"], "repeat" in data["flags"])
                assert got == expected_press(history, counter, counters.ms)
                assert ("unbound" in data["flags"]) is (data["ticket"] is None)
                assert ("burst" in data["flags"]) is expected_burst(history, counter, counters.ms)
            case "phone":
                expected = expected_phone(history, counter, key(number), counters.ms)
                data = None
                with suppress(RatingClosedError):
                    data = counters.phone(number, counter=counter).data
                got = None if data is None else (data["ticket"], data["corrects"], "repeat" in data["flags"])
                assert got == expected
    # One evaluation per ticket and counter, whatever happened.
    bound = [
        tuple(one[:2]) for one in evaluations([(ms, e) for e, ms in counters.journal]) if one[1] is not None
    ]
    assert len(bound) == len(set(bound))


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 40), st.sampled_from(["CALLED", "SERVING", None]))
def test_folding_from_the_last_day_gives_the_same_bindings(
    steps: list[Any], day_after: int, carried: str | None
) -> None:
    counters = Counters()
    current = {}
    for index, (gap_s, step, counter, number, leaving) in enumerate([*steps, (1, "press", "1", 1, "")]):
        counters.at(counters.ms / 1000 + gap_s)
        if index == min(day_after, len(steps)):
            counters.new_day(*((n, carried, at) for at, n in current.items() if carried))
            current = current if carried else {}
        match step:
            case "call" if number not in current.values():
                if counter in current:
                    counters.leave(current[counter], leaving, counter)
                current[counter] = number
                counters.call(number, counter)
            case "start" if counter in current:
                counters.start(current[counter], counter)
            case "leave" if counter in current:
                counters.leave(current.pop(counter), leaving, counter)
            case "press":
                counters.press(counter=counter)
    assert counters.folded_from_last_day() == counters.bindings
