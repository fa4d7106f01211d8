import pytest

from appliance.queueing import commands as c
from appliance.queueing import errors
from appliance.queueing.staffing import MOST_AHEAD
from appliance.queueing.ticket import parse_label
from tests.unit.queueing.conftest import Office


def test_numbers_go_on_behind_those_that_people_hold(subject: Office) -> None:
    waiting = subject.issue("land")
    events = subject.do(c.ResumeDay(("A138", "B020", "A137"), request="r"))
    assert [event.kind for event in events] == ["day.opened", "ticket.carried"]
    assert events[0].data["source"] == "command"
    assert events[-1].data["request"] == "r"
    assert subject.issue("land") == "2026-11-23/A/139"
    assert subject.issue("civil") == "2026-11-23/B/21"
    assert waiting in subject.hall.line
    assert subject.folded_from_last_day() == subject.hall


def test_the_people_at_counters_and_the_daily_count_stay(subject: Office) -> None:
    subject.open("1")
    ticket = subject.serving("1")
    subject.do(c.ResumeDay(("A010",)))
    assert subject.state(ticket) == "SERVING"
    assert subject.hall.posts["1"].ticket == ticket
    assert subject.hall.issued["land"] == 1


def test_a_closed_day_is_opened_by_it(subject: Office) -> None:
    subject.issue()
    subject.do(c.CloseDay())
    subject.do(c.ResumeDay(("A005",)))
    assert subject.hall.is_open
    assert subject.issue("land") == "2026-11-23/A/6"


@pytest.mark.parametrize("labels", [("A003",), ("A004",), ("B009", "A003")])
def test_numbers_never_go_back(subject: Office, labels: tuple[str, ...]) -> None:
    for _ in range(4):
        subject.issue("land")
    before = subject.hall
    with pytest.raises(errors.NumbersGivenError):
        subject.do(c.ResumeDay(labels))
    assert subject.hall == before


def test_a_series_that_is_right_already_does_not_keep_another_from_going_on(subject: Office) -> None:
    subject.issue("land")
    subject.do(c.ResumeDay(("A001", "B009")))
    assert subject.issue("land") == "2026-11-23/A/2"
    assert subject.issue("civil") == "2026-11-23/B/10"


@pytest.mark.parametrize("label", ["Z001", "A", "138", "A000", f"A{MOST_AHEAD + 1}", "A1380", "", "a138"])
def test_what_is_no_number_of_this_hall_today_is_refused(subject: Office, label: str) -> None:
    with pytest.raises(errors.BadFieldError):
        subject.do(c.ResumeDay((label,)))


def test_the_longest_jump_is_taken(subject: Office) -> None:
    subject.do(c.ResumeDay((f"A{MOST_AHEAD}",)))
    assert subject.issue("land") == f"2026-11-23/A/{MOST_AHEAD + 1}"


def test_a_label_is_read_as_it_is_printed() -> None:
    assert parse_label("A001") == ("A", 1)
    assert parse_label("ABC1234") == ("ABC", 1234)
