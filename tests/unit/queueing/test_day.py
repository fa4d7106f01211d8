from collections.abc import Iterable
from dataclasses import replace

import pytest

from appliance.queueing import commands as c
from appliance.queueing.day import Carried, day_drafts, epoch_opening
from appliance.queueing.hall import Hall, fold
from appliance.queueing.rules import HallRules
from appliance.wire.event import Event
from appliance.wire.moment import Quality
from tests.unit.queueing.conftest import Office

UNSYNCED, SYNCED, RTC = Quality.UNSYNCED, Quality.SYNCED, Quality.RTC


def kinds(events: Iterable[Event]) -> list[str]:
    return [event.kind for event in events]


@pytest.mark.parametrize("quality", list(Quality))
def test_the_first_day_is_that_of_the_believed_time(office_type: type[Office], quality: Quality) -> None:
    office = office_type(at="1970-01-01T08:00", quality=quality)
    (opened,) = office.tick()
    assert (opened.data["day"], opened.data["source"]) == ("1970-01-01", "clock")
    assert opened.data["carries"]["next"] == []
    assert office.tick() == []


def test_midnight_in_hanoi_is_seventeen_utc(office_type: type[Office]) -> None:
    office = office_type(at="2026-11-23T23:59:59")
    assert office.issue() == "2026-11-23/A/1"
    office.advance(ms=999)
    assert office.now.moment.wire_at == "2026-11-23T16:59:59.999000Z"
    assert office.tick() == []
    office.advance(ms=1)
    assert kinds(office.tick()) == ["ticket.cancelled", "day.closed", "day.opened"]
    assert office.now.moment.wire_at == "2026-11-23T17:00:00.000000Z"
    assert office.issue() == "2026-11-24/A/1"


def test_midnight_ends_the_day_and_keeps_the_counters(subject: Office) -> None:
    subject.do(c.PauseCounter("2", "lunch"))
    serving = subject.serving()
    posts = subject.hall.posts
    subject.advance(16 * 3600)
    served, closed, opened = subject.tick()
    assert (served.kind, served.data["ticket"], served.data["reason"]) == (
        "ticket.served",
        serving,
        "day_end",
    )
    assert closed.data["day"] == "2026-11-23"
    assert opened.data["day"] == "2026-11-24"
    assert subject.hall.posts == posts.set("1", posts["1"]._replace(ticket=None))
    assert len(subject.hall.tickets) == 0
    assert subject.issue() == "2026-11-24/A/1"


def test_midnight_comes_to_a_closed_day_too(subject: Office) -> None:
    subject.do(c.CloseDay())
    subject.advance(3600)
    assert subject.tick() == []
    subject.advance(15 * 3600)
    assert kinds(subject.tick()) == ["day.opened"]


def test_a_night_without_power_with_a_hardware_clock_is_a_midnight(subject: Office) -> None:
    subject.issue()
    subject.power_on("2026-11-24T07:00", RTC)
    assert kinds(subject.tick()) == ["ticket.cancelled", "day.closed", "day.opened"]


def test_an_untrusted_clock_continues_the_last_day(subject: Office) -> None:
    subject.issue()
    for at in ("1970-01-01T00:01", "2026-11-24T08:00", "2099-01-01T08:00"):
        subject.power_on(at, UNSYNCED)
        assert subject.tick() == []
    assert subject.issue() == "2026-11-23/A/2"


def test_an_untrusted_clock_opens_a_day_closed_in_an_earlier_boot(subject: Office) -> None:
    subject.issue()
    subject.do(c.CloseDay())
    subject.power_on("1970-01-01T00:01", UNSYNCED)
    (opened,) = subject.tick()
    assert (opened.data["day"], opened.data["source"]) == ("2026-11-23", "clock")
    assert subject.issue() == "2026-11-23/A/2"
    assert set(subject.hall.posts) == {"1", "2"}


def test_a_day_closed_on_an_untrusted_clock_stays_closed_until_the_next_boot(
    office_type: type[Office],
) -> None:
    office = office_type(quality=UNSYNCED)
    office.issue()
    office.do(c.CloseDay())
    assert office.tick() == []
    office.power_on("1970-01-01T00:01", UNSYNCED)
    assert kinds(office.tick()) == ["day.opened"]


def test_trust_that_shows_the_same_day_changes_nothing(subject: Office) -> None:
    subject.issue()
    subject.power_on("1970-01-01T00:01", UNSYNCED)
    subject.issue()
    subject.step("2026-11-23T09:00", SYNCED)
    assert subject.tick() == []


def arriving_trust(office: Office) -> list[str]:
    """Wake up in the past, issue two tickets, then learn the date."""
    office.power_on("2026-11-23T18:00", UNSYNCED)
    tickets = [office.issue(), office.issue()]
    office.advance(300)
    was = office.now.moment.wire_at
    office.step("2026-11-24T08:05", SYNCED)
    office.record("clock.stepped", {"was": was, "now": office.now.moment.wire_at, "source": "ntp"})
    return tickets


def test_trust_that_shows_another_day_carries_who_waits(subject: Office) -> None:
    for _ in range(3):
        subject.issue()
        subject.call()
        subject.do(c.Complete("1"))
    first, second = arriving_trust(subject)
    subject.call("1")
    subject.tick()
    assert kinds(event for event, _ in subject.journal[-5:-1]) == [
        "day.closed", "day.opened", "ticket.carried", "ticket.carried",
    ]  # fmt: skip
    assert subject.hall.day == "2026-11-24"
    assert subject.state(first) == "CALLED"
    assert subject.state(second) == "WAITING"
    assert subject.hall.posts["1"].ticket == first
    assert (first, second) == ("2026-11-23/A/4", "2026-11-23/A/5")
    assert subject.issue() == "2026-11-24/A/6"


def test_trust_that_shows_another_day_restarts_when_nobody_waits(subject: Office) -> None:
    tickets = arriving_trust(subject)
    for ticket in tickets:
        subject.record(
            "ticket.cancelled", {"ticket": ticket, "counter": None, "officer": None, "reason": "left"}
        )
    assert kinds(subject.tick()) == ["day.closed", "day.opened"]
    assert subject.issue() == "2026-11-24/A/1"


def test_yesterday_s_leftovers_are_not_people(subject: Office) -> None:
    leftover = subject.issue()
    first, second = arriving_trust(subject)
    events = subject.tick()
    assert kinds(events) == [
        "ticket.cancelled", "day.closed", "day.opened", "ticket.carried", "ticket.carried",
    ]  # fmt: skip
    assert events[0].data["ticket"] == leftover
    assert list(subject.hall.tickets) in ([first, second], [second, first])


def test_leftovers_alone_do_not_keep_the_numbers(subject: Office) -> None:
    subject.issue()
    subject.power_on("2026-11-23T18:00", UNSYNCED)
    subject.record("device.started", {"software": "1", "board": "pi4", "reason": "power"})
    subject.step("2026-11-24T08:05", SYNCED)
    assert kinds(subject.tick()) == ["ticket.cancelled", "day.closed", "day.opened"]
    assert subject.issue() == "2026-11-24/A/1"


def test_what_was_issued_a_working_day_ago_is_a_leftover_on_any_clock(office_type: type[Office]) -> None:
    office = office_type(quality=UNSYNCED)
    office.issue()
    office.advance(16 * 3600)
    office.step("2026-11-24T08:05", SYNCED)
    assert kinds(office.tick()) == ["ticket.cancelled", "day.closed", "day.opened"]


def test_carry_keeps_states_order_assignment_and_counts(office_type: type[Office]) -> None:
    office = office_type(at="1970-01-01T08:00", quality=UNSYNCED)
    office.open("1", "2")
    missed = office.issue()
    office.call()
    office.do(c.MarkNoShow("1"))
    held = office.serving()
    office.do(c.Hold("1"))
    sent = office.serving()
    office.do(c.Transfer("1", to_counter="2"))
    waiting = [office.issue(), office.issue("civil"), office.issue(priority="elderly")]
    done = office.serving()
    office.do(c.Complete("1"))
    serving = office.serving()
    office.step("2026-11-23T08:05")
    office.tick()
    assert done not in office.hall.tickets
    assert [office.state(one) for one in (missed, held, sent, serving)] == [
        "NO_SHOW", "ON_HOLD", "WAITING", "SERVING",
    ]  # fmt: skip
    assert office.hall.tickets[sent].assigned == "2"
    assert sorted(office.hall.line, key=office.hall.line.__getitem__) == [sent, *waiting]
    assert office.hall.issued["land"] == 7
    assert office.hall.tickets[serving].officer == "officer1"
    assert office.issue() == "2026-11-23/A/8"
    office.do(c.ReturnTicket(missed))
    office.do(c.Resume("1", held))
    assert office.call("2") == sent


def test_a_wrong_hardware_clock_that_is_corrected_carries(office_type: type[Office]) -> None:
    office = office_type(at="2026-11-20T08:00", quality=RTC)
    ticket = office.issue()
    office.advance(60)
    was = office.now.moment.wire_at
    office.step("2026-11-23T08:05", SYNCED)
    office.record("clock.stepped", {"was": was, "now": office.now.moment.wire_at, "source": "ntp"})
    assert kinds(office.tick()) == ["day.closed", "day.opened", "ticket.carried"]
    assert office.state(ticket) == "WAITING"


def test_a_small_step_over_midnight_is_a_midnight(office_type: type[Office]) -> None:
    office = office_type(at="2026-11-23T23:59:59")
    office.issue()
    was = office.now.moment.wire_at
    office.step("2026-11-24T00:00:01")
    office.record("clock.stepped", {"was": was, "now": office.now.moment.wire_at, "source": "ntp"})
    assert kinds(office.tick()) == ["ticket.cancelled", "day.closed", "day.opened"]


def test_going_back_carries_and_never_spends_a_number_twice(subject: Office) -> None:
    for _ in range(4):
        subject.do(c.Cancel(subject.issue()))
    subject.advance(86_400)
    future = subject.issue()
    assert future == "2026-11-24/A/1"
    subject.step("2026-11-23T10:00")
    assert kinds(subject.tick()) == ["day.closed", "day.opened", "ticket.carried"]
    assert subject.issue() == "2026-11-23/A/5"
    assert subject.state(future) == "WAITING"
    subject.advance(86_400)
    assert subject.issue() == "2026-11-24/A/2"


def test_a_day_in_2099_is_left_again(office_type: type[Office]) -> None:
    office = office_type(at="2099-12-31T08:00")
    office.do(c.Cancel(office.issue()))
    office.step("2026-11-23T08:00")
    assert kinds(office.tick()) == ["day.closed", "day.opened"]
    assert office.issue() == "2026-11-23/A/1"
    office.do(c.Cancel("2026-11-23/A/1"))
    office.step("2099-12-31T09:00")
    assert office.issue() == "2099-12-31/A/2"


def test_carries_have_what_outlives_the_day(subject: Office) -> None:
    subject.carried = Carried(
        issues=({"issue": "disk", "subject": None},), config="ab" * 32, ratings={"counters": []}
    )
    subject.issue()
    subject.advance(86_400)
    carries = subject.tick()[-1].data["carries"]
    assert carries == {
        "config": "ab" * 32,
        "counters": [
            {"counter": "1", "officer": "officer1", "reason": None, "services": [], "state": "open"},
            {"counter": "2", "officer": "officer2", "reason": None, "services": [], "state": "open"},
        ],
        "issued": [],
        "issues": [{"issue": "disk", "subject": None}],
        "next": [],
        "ratings": {"counters": []},
        "spent": [["2026-11-23", [["A", 2]]]],
    }  # fmt: skip


def test_day_opened_fits_a_line_in_a_big_office_for_months(
    office_type: type[Office], rules: HallRules
) -> None:
    counters = tuple(replace(rules.counters[0], id=f"counter-number-{n}") for n in range(40))
    services = tuple(replace(rules.services[0], id=f"service{n}", series=chr(65 + n)) for n in range(26))
    office = office_type(
        replace(rules, counters=(*rules.counters, *counters), services=(*rules.services, *services))
    )
    office.open(*(counter.id for counter in counters))
    for _ in range(40):
        for service in services:
            office.issue(service.id)
        office.advance(86_400)
        office.tick()  # record() checks the line, its length too
    assert len(office.hall.spent) == 14


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_new_epoch_opens_with_everything(subject: Office, is_closed: bool) -> None:
    subject.do(c.PauseCounter("2", "lunch"))
    subject.issue()
    subject.issue("civil")
    serving = subject.serving()
    if is_closed:
        subject.do(c.CloseDay())
    drafts = epoch_opening(subject.hall, Carried(config="cd" * 32))
    assert drafts[0].data["source"] == "epoch"
    assert drafts[0].data["day"] == "2026-11-23"
    before = subject.hall
    subject.hall = Hall()
    events = subject.append(drafts)
    assert subject.hall.posts == before.posts
    assert subject.hall.numbers == before.numbers
    assert subject.hall.is_open is not is_closed
    assert set(subject.hall.line) == set(before.line)
    assert [kind for kind in kinds(events) if kind.startswith("counter")] == [
        "counter.opened",
        "counter.paused",
    ]
    if not is_closed:
        assert subject.state(serving) == "SERVING"
        assert subject.issue() == "2026-11-23/A/3"


def test_a_day_closed_before_a_new_epoch_opens_again_on_an_untrusted_clock(subject: Office) -> None:
    subject.do(c.CloseDay())
    subject.hall, before = Hall(), subject.hall
    subject.append(epoch_opening(before, Carried()))
    assert subject.tick() == []
    subject.quality = UNSYNCED
    assert kinds(subject.tick()) == ["day.opened"]


def test_a_new_epoch_before_the_first_day_has_nothing_to_open() -> None:
    assert epoch_opening(Hall(), Carried()) == ()


def test_folding_from_the_last_day_gives_the_same_hall(subject: Office) -> None:
    subject.issue()
    for quality in (SYNCED, UNSYNCED, SYNCED):
        subject.power_on(quality=quality)
        subject.issue("civil", "elderly")
        subject.advance(30_000)
        subject.serving("2")
        assert subject.folded_from_last_day() == subject.hall


def test_an_older_journal_without_what_came_later_is_readable(subject: Office) -> None:
    subject.advance(86_400)
    event = subject.record("day.opened", {"day": "2026-11-24", "source": "clock", "carries": {}})
    assert fold(Hall(), event, 0) == Hall(day="2026-11-24", is_open=True, is_confirmed=True)
    assert day_drafts(subject.hall, subject.now, Carried()) == ()
