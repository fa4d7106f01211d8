from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.queueing import commands as c
from appliance.queueing.rules import Counter, HallRules, PriorityClass, Service
from tests.unit.queueing.conftest import Office


def why(office: Office, counter: str = "1") -> tuple[str, str, int, int]:
    data = office.do(c.CallNext(counter))[-1].data
    return (
        office.hall.tickets[data["ticket"]].label,
        data["why"]["rule"],
        data["why"]["ahead"],
        data["why"]["skipped"],
    )


def test_priority_overtakes_by_ratio(subject: Office) -> None:
    for priority in ("none", "none", "elderly", "pregnant", "elderly", "none"):
        subject.issue(priority=priority)
    assert [why(subject) for _ in range(6)] == [
        ("A003", "priority", 2, 2),
        ("A004", "priority", 2, 2),
        ("A001", "ratio", 0, 0),
        ("A005", "priority", 1, 1),
        ("A002", "arrival", 0, 0),
        ("A006", "arrival", 0, 0),
    ]


def test_priority_at_the_head_overtakes_nobody_and_does_not_count(subject: Office) -> None:
    for priority in ("elderly", "elderly", "elderly", "none", "elderly"):
        subject.issue(priority=priority)
    assert [why(subject)[:2] for _ in range(5)] == [
        ("A001", "arrival"),
        ("A002", "arrival"),
        ("A003", "arrival"),
        ("A005", "priority"),
        ("A004", "arrival"),
    ]


def test_the_ratio_is_of_the_service_not_of_the_counter(subject: Office) -> None:
    subject.do(c.OpenCounter("2", ("land",)))
    for priority in ("none", "elderly", "elderly", "elderly"):
        subject.issue(priority=priority)
    assert [why(subject, counter)[1] for counter in ("1", "2", "1")] == ["priority", "priority", "ratio"]


def test_ratio_zero_is_a_strict_line(office_type: type[Office], rules: HallRules) -> None:
    office = office_type(replace(rules, ratio=0))
    office.open("1")
    office.issue()
    office.issue(priority="elderly")
    assert why(office) == ("A001", "ratio", 0, 0)


def test_after_a_long_wait_every_other_call_is_the_head_s(subject: Office) -> None:
    subject.issue()
    subject.issue()
    subject.advance(30 * 60)
    for _ in range(4):
        subject.issue(priority="elderly")
    assert [why(subject)[:2] for _ in range(4)] == [
        ("A003", "priority"), ("A001", "aged"), ("A004", "priority"), ("A002", "aged"),
    ]  # fmt: skip


def test_after_a_long_wait_a_service_gets_its_turn(subject: Office) -> None:
    subject.issue("civil")
    subject.advance(30 * 60, ms=-1)
    for _ in range(3):
        subject.issue()
    assert why(subject)[:2] == ("A001", "arrival")
    subject.advance(ms=1)
    assert why(subject)[:2] == ("B001", "aged")
    assert why(subject)[:2] == ("A002", "arrival")


def test_ahead_counts_over_services_and_skipped_within(subject: Office) -> None:
    subject.issue("civil")
    subject.issue("tax")
    subject.issue("land")
    subject.issue("land", "elderly")
    assert why(subject) == ("A002", "priority", 2, 1)


def test_a_ticket_sent_here_says_so(subject: Office) -> None:
    ticket = subject.serving("2")
    subject.issue()
    subject.do(c.Transfer("2", to_counter="1"))
    subject.do(c.CallTicket("1", ticket))
    subject.do(c.Recycle("1"))
    tail = replace(subject.rules, transfer_position=None)
    subject.rules = tail
    subject.do(c.CallTicket("1", ticket))
    subject.issue()
    subject.do(c.Transfer("1", to_counter="1"))
    label, rule, _, skipped = why(subject)
    assert (label, rule, skipped) == ("A001", "assigned", 2)


# --- nobody starves -----------------------------------------------------------------------------------

KINDS = st.sampled_from(["none", "none", "elderly"])
ONE_SERVICE = HallRules(
    services=(Service("land", "Đất đai"),),
    counters=(Counter("1", "Quầy 1", ("land",)), Counter("2", "Quầy 2", ("land",))),
    priorities=(PriorityClass("elderly", "Người cao tuổi"),),
    late_tolerance_ms=None,
)


@settings(max_examples=60, deadline=None)
@given(
    ratio=st.integers(0, 3),
    steps=st.lists(st.one_of(KINDS, st.sampled_from(["call1", "call2", "wait"])), min_size=20, max_size=80),
)
def test_at_most_ratio_times_those_in_front_overtake(ratio: int, steps: list[Any]) -> None:
    office = Office(replace(ONE_SERVICE, ratio=ratio))
    office.open("1", "2")
    in_front, overtaken, waiting = {}, {}, []
    for step in steps:
        match step:
            case "call1" | "call2":
                if not waiting:
                    continue
                called = office.call(step[-1])
                place = waiting.index(called)
                for ticket in waiting[:place]:
                    overtaken[ticket] += 1
                waiting.remove(called)
            case "wait":
                office.advance(400)
            case _:
                ticket = office.issue(priority=step)
                in_front[ticket], overtaken[ticket] = len(waiting), 0
                waiting.append(ticket)
    for ticket, count in overtaken.items():
        assert count <= ratio * (in_front[ticket] + 1)


MANY_SERVICES = HallRules(
    services=tuple(Service(name, name, series=name.upper()) for name in "abc"),
    counters=(Counter("1", "Quầy 1", ("a", "b", "c")),),
    priorities=ONE_SERVICE.priorities,
    ageing_ms=600_000,
)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.one_of(st.tuples(st.sampled_from("abc"), KINDS), st.sampled_from(["call", "call", "wait"])),
        min_size=30,
        max_size=100,
    )
)
def test_a_preferred_service_starves_nobody_who_has_waited_long(steps: list[Any]) -> None:
    """Once aged, at most one later arrival goes first for each ticket that waited longer, and one more."""
    office = Office(MANY_SERVICES)
    office.open("1")
    arrived, waiting, late, older = {}, [], {}, {}
    for step in [*steps, "wait", *["call"] * 10]:
        if step == "wait":
            office.advance(200)
        elif step == "call":
            now_ms = office.now.elapsed_ms
            for ticket in waiting:
                if ticket not in older and now_ms - arrived[ticket] >= MANY_SERVICES.ageing_ms:
                    older[ticket], late[ticket] = waiting.index(ticket), 0
            if not waiting:
                continue
            called = office.call()
            for ticket in waiting[: waiting.index(called)]:
                if ticket in late:
                    late[ticket] += 1
            waiting.remove(called)
        else:
            ticket = office.issue(*step)
            arrived[ticket] = office.now.elapsed_ms
            waiting.append(ticket)
    for ticket, count in late.items():
        assert count <= older[ticket] + 1


@pytest.mark.parametrize("ratio", [1, 2, 5])
def test_a_stream_of_priority_does_not_stop_the_line(office_type: type[Office], ratio: int) -> None:
    office = office_type(replace(ONE_SERVICE, ratio=ratio))
    office.open("1")
    first = office.issue()
    called = []
    while first not in called:
        office.issue(priority="elderly")
        called.append(office.call())
    assert len(called) == ratio + 1
