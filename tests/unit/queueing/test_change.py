"""A hall in use goes on under other rules only if nobody is stranded by them."""

from dataclasses import replace

import pytest

from appliance.queueing import commands as c
from appliance.queueing.change import check_change
from appliance.queueing.errors import CounterInUseError, ServiceInUseError
from appliance.queueing.rules import Counter
from tests.unit.queueing.conftest import RULES, Office

WITHOUT_TAX = replace(
    RULES, services=RULES.services[:2], counters=(*RULES.counters[:2], Counter("3", "Quầy 3", ("land",)))
)
WITHOUT_3 = replace(WITHOUT_TAX, counters=RULES.counters[:2])


def test_what_nobody_uses_can_go(subject: Office) -> None:
    subject.issue("civil")
    check_change(subject.hall, WITHOUT_TAX)


def test_a_service_with_people_stays(subject: Office) -> None:
    subject.issue("tax")
    subject.issue("tax")
    with pytest.raises(ServiceInUseError) as caught:
        check_change(subject.hall, WITHOUT_TAX)
    assert caught.value.fields == {"service": "tax", "people": 2}


def test_a_service_that_nobody_would_serve_stays_served(subject: Office) -> None:
    subject.issue("tax")
    unserved = replace(RULES, counters=(*RULES.counters[:2], Counter("3", "Quầy 3", ("land",))))
    with pytest.raises(ServiceInUseError):
        check_change(subject.hall, unserved)


def test_people_who_have_left_hold_nothing_up(subject: Office) -> None:
    ticket = subject.issue("tax")
    subject.do(c.Cancel(ticket))
    check_change(subject.hall, WITHOUT_TAX)


def test_a_staffed_counter_stays(subject: Office) -> None:
    subject.do(c.OpenCounter("3"))
    with pytest.raises(CounterInUseError) as caught:
        check_change(subject.hall, WITHOUT_3)
    assert caught.value.fields == {"counter": "3"}
    subject.do(c.CloseCounter("3"))
    check_change(subject.hall, WITHOUT_3)
