"""In whose name a caller commands, and what a screen is there for."""

import pytest

from appliance.desk.commands import Tick
from appliance.feedback.rating import GiveReason, Press
from appliance.queueing import commands as queueing
from appliance.web.access import Who
from appliance.web.errors import AnotherCounterError, AnotherOfficerError
from appliance.web.guard import as_visitor, check_purpose
from appliance.web.ui import local_path
from appliance.web.visitor import BOX, Visitor


def visitor(*roles: Who, officer: str | None = None, purpose: str | None = None) -> Visitor:
    return Visitor(frozenset(roles), officer, "", purpose, "vi", "auto", "visit", "csrf", None)


LAN = visitor(Who.OFFICER, officer="lan")
KIOSK = visitor(Who.SCREEN, purpose="kiosk")
RATE_1 = visitor(Who.SCREEN, purpose="rate:q1")
OWN = visitor(Who.SCREEN, purpose=BOX)


def test_an_officer_commands_in_his_own_name() -> None:
    assert as_visitor(queueing.CallNext(counter="q1"), LAN) == queueing.CallNext(counter="q1", officer="lan")
    own = queueing.CallNext(counter="q1", officer="lan")
    assert as_visitor(own, LAN) == own
    with pytest.raises(AnotherOfficerError):
        as_visitor(queueing.CallNext(counter="q1", officer="minh"), LAN)


def test_what_names_no_officer_stays_as_it_is() -> None:
    assert as_visitor(Tick(), LAN) == Tick()


def test_a_number_says_where_it_was_taken() -> None:
    asked = queueing.IssueTicket(service="a", source="phone")
    assert as_visitor(asked, KIOSK) == queueing.IssueTicket(service="a", source="kiosk")
    assert as_visitor(asked, OWN) == queueing.IssueTicket(service="a", source="kiosk")
    assert as_visitor(asked, LAN) == queueing.IssueTicket(service="a", source="staff", officer="lan")
    with pytest.raises(AnotherCounterError):
        as_visitor(asked, RATE_1)


def test_a_rating_screen_rates_its_own_counter_and_names_no_ticket() -> None:
    press = Press("q1", 3, "gpio", ticket="2026-11-23/A/1")
    assert as_visitor(press, RATE_1) == Press("q1", 3, "web")
    assert as_visitor(press, OWN) == Press("q1", 3, "web")
    for other in (
        KIOSK,
        LAN,
        visitor(Who.SCREEN, purpose="rate:q2"),
        visitor(Who.SCREEN, purpose="rate:q11"),
    ):
        with pytest.raises(AnotherCounterError):
            as_visitor(press, other)


def test_a_reason_comes_from_a_rating_screen_for_its_counter_and_from_no_other() -> None:
    reason = GiveReason(7, "cho-lau")
    assert as_visitor(reason, RATE_1) == GiveReason(7, "cho-lau", counter="q1")
    assert as_visitor(reason, OWN) == reason
    with pytest.raises(AnotherCounterError):
        as_visitor(reason, KIOSK)


def test_a_purpose_is_whole_words() -> None:
    check_purpose(RATE_1, "rate:q1")
    check_purpose(RATE_1, "rate:")
    with pytest.raises(AnotherCounterError):
        check_purpose(RATE_1, "rate:q")
    with pytest.raises(AnotherCounterError):
        check_purpose(visitor(Who.NOBODY), "rate:")


@pytest.mark.parametrize(
    ("path", "goes_to"),
    [
        ("/counters?c=q1", "/counters?c=q1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("evil", "/"),
        ("", "/"),
        (None, "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_the_way_on_is_our_own(path: str | None, goes_to: str) -> None:
    assert local_path(path) == goes_to
