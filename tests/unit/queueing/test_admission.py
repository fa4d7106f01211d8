from dataclasses import replace

import pytest

from appliance.queueing import commands as c
from appliance.queueing import errors
from appliance.queueing.commands import Command
from appliance.queueing.rules import HallRules, Hours, Service
from appliance.wire.moment import Quality
from tests.unit.queueing.conftest import Office


def test_numbers_are_gapless_for_each_series(subject: Office) -> None:
    tickets = [subject.issue(service) for service in ("land", "civil", "land", "land", "civil")]
    assert tickets == [
        "2026-11-23/A/1", "2026-11-23/B/1", "2026-11-23/A/2", "2026-11-23/A/3", "2026-11-23/B/2",
    ]  # fmt: skip
    assert subject.hall.tickets["2026-11-23/A/3"].label == "A003"


def test_issued_ticket_is_recorded_with_its_request(subject: Office) -> None:
    event = subject.do(c.IssueTicket("land", "elderly", "kiosk", request="k-1"))[-1]
    assert event.data == {
        "ticket": "2026-11-23/A/1", "label": "A001", "service": "land", "priority": "elderly",
        "source": "kiosk", "request": "k-1",
    }  # fmt: skip
    assert subject.hall.tickets["2026-11-23/A/1"].issued_at == event.at


def test_services_may_share_a_series_but_no_number(office_type: type[Office]) -> None:
    rules = HallRules(services=(Service("a", "A", series="A"), Service("b", "B", series="A")), counters=())
    office = office_type(rules)
    assert [office.issue("a"), office.issue("b")] == ["2026-11-23/A/1", "2026-11-23/A/2"]


def test_labels_grow_beyond_three_digits(subject: Office) -> None:
    for _ in range(1000):
        ticket = subject.issue()
    assert subject.hall.tickets[ticket].label == "A1000"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.IssueTicket("fish"), errors.UnknownServiceError),
        (c.IssueTicket("land", "tall"), errors.UnknownPriorityError),
        (c.IssueTicket("land", source="fax"), errors.BadFieldError),
        (c.Cancel("2026-11-23/A/9"), errors.UnknownTicketError),
        (c.LeaveQueue("2026-11-23/A/9"), errors.UnknownTicketError),
        (c.ReturnTicket("2026-11-23/A/9"), errors.UnknownTicketError),
    ],
)
def test_unknown_things_are_refused_by_name(
    subject: Office, command: Command, error: type[Exception] | None
) -> None:
    with pytest.raises(error):
        subject.do(command)


WORKING = Hours((*[((450, 690), (810, 1020))] * 5, (), ()), days_off=frozenset({"2026-11-24"}))


@pytest.mark.parametrize(
    ("at", "error"),
    [
        ("2026-11-23T07:29", errors.OutsideHoursError),
        ("2026-11-23T07:30", None),
        ("2026-11-23T11:29", None),
        ("2026-11-23T11:30", errors.OutsideHoursError),
        ("2026-11-28T09:00", errors.HolidayError),
        ("2026-11-24T09:00", errors.HolidayError),
    ],
)
def test_opening_hours_hold_on_a_trusted_clock_only(
    office_type: type[Office], rules: HallRules, at: str, error: type[Exception] | None
) -> None:
    rules = replace(rules, hours=WORKING)
    assert office_type(rules, at, Quality.UNSYNCED).issue()
    office = office_type(rules, at, Quality.RTC)
    if error is None:
        assert office.issue()
    else:
        with pytest.raises(error) as refused:
            office.issue()
        assert refused.value.fields["day"] == at[:10]


def test_outside_hours_says_the_hours(office_type: type[Office], rules: HallRules) -> None:
    with pytest.raises(errors.OutsideHoursError) as refused:
        office_type(replace(rules, hours=WORKING), "2026-11-23T06:00").issue()
    assert refused.value.fields["hours"] == "07:30–11:30, 13:30–17:00"
    assert "07:30–11:30" in refused.value.vi()


def test_daily_limit_is_per_service(office_type: type[Office], rules: HallRules) -> None:
    services = (replace(rules.services[0], daily_limit=2), *rules.services[1:])
    office = office_type(replace(rules, services=services))
    office.issue()
    office.do(c.Cancel(office.issue()))
    with pytest.raises(errors.DailyLimitError) as refused:
        office.issue()
    assert refused.value.fields["limit"] == 2
    assert office.issue("civil")
    office.advance(86_400)
    assert office.issue()


def test_hall_can_be_full(office_type: type[Office], rules: HallRules) -> None:
    office = office_type(replace(rules, max_waiting=2))
    office.issue()
    second = office.issue("civil")
    with pytest.raises(errors.HallFullError):
        office.issue()
    office.do(c.LeaveQueue(second))
    assert office.issue()


@pytest.mark.parametrize(("command", "reason"), [(c.Cancel, "officer"), (c.LeaveQueue, "left")])
def test_cancelled_and_left(subject: Office, command: type[Command], reason: str) -> None:
    waiting, called = subject.issue("civil"), subject.issue()
    subject.do(c.CallTicket("1", called))
    assert subject.do(command(waiting))[0].data == {
        "ticket": waiting, "counter": None, "officer": None, "reason": reason,
    }  # fmt: skip
    assert subject.do(command(called))[0].data["counter"] == "1"
    assert subject.hall.posts["1"].ticket is None
    assert len(subject.hall.line) == 0


def test_who_comes_late_stands_behind_the_configured_number(subject: Office) -> None:
    late, *others = [subject.issue() for _ in range(5)]
    subject.call()
    subject.do(c.MarkNoShow("1"))
    event = subject.do(c.ReturnTicket(late))[0]
    assert (event.kind, event.data["reason"], event.data["ahead"]) == ("ticket.returned", "late", 3)
    assert [subject.call("2") for _ in range(5)] == [*others[:3], late, others[3]]


@pytest.mark.parametrize(("position", "place"), [(0, 0), (1, 1), (9, 3), (None, 3)])
def test_late_position(office_type: type[Office], rules: HallRules, position: int | None, place: int) -> None:
    office = office_type(replace(rules, late_position=position))
    office.open("1", "2")
    late, *others = [office.issue() for _ in range(4)]
    office.issue("civil")
    office.call()
    office.do(c.MarkNoShow("1"))
    office.do(c.ReturnTicket(late))
    expected = others.copy()
    expected.insert(place, late)
    assert [office.call("1") for _ in range(4)] == expected


def test_who_comes_too_late_is_told_to_take_a_new_number(subject: Office) -> None:
    ticket = subject.issue()
    subject.call()
    subject.do(c.MarkNoShow("1"))
    subject.advance(15 * 60)
    subject.do(c.ReturnTicket(ticket))
    subject.call()
    subject.do(c.MarkNoShow("1"))
    subject.advance(15 * 60, ms=1)
    with pytest.raises(errors.TooLateError) as refused:
        subject.do(c.ReturnTicket(ticket))
    assert refused.value.fields == {"label": "A001", "minutes": 15}


def test_tolerance_may_be_the_whole_day(office_type: type[Office], rules: HallRules) -> None:
    office = office_type(replace(rules, late_tolerance_ms=None))
    office.open("1")
    ticket = office.issue()
    office.call()
    office.do(c.MarkNoShow("1"))
    office.advance(8 * 3600)
    office.do(c.ReturnTicket(ticket))
    assert office.call() == ticket
