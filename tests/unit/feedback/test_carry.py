import pytest

from appliance.feedback.bindings import Bindings, fold
from tests.unit.feedback.conftest import Counters, key


def test_who_is_being_served_when_trust_arrives_can_be_rated(subject: Counters) -> None:
    subject.at(60).new_day((1, "SERVING", "1"))
    rating = subject.at(90).press()
    assert (rating.data["ticket"], rating.data["officer"]) == (key(1), "lan")
    assert subject.folded_from_last_day() == subject.bindings


def test_who_was_rated_before_the_carry_is_rated_once(subject: Counters) -> None:
    first = subject.at(60).press(1)
    subject.at(62).new_day((1, "SERVING", "1"))
    assert subject.at(64).press(2).data["corrects"] == first.seq
    assert subject.at(70).press().data["flags"] == ["repeat"]


def test_windows_outlive_midnight(subject: Counters) -> None:
    subject.at(60).leave(1)
    subject.at(100).new_day()
    assert subject.at(179).press().data["ticket"] == key(1)
    assert subject.at(185).press().data["ticket"] is None
    assert subject.folded_from_last_day() == subject.bindings


def test_a_ticket_that_is_not_carried_has_left(subject: Counters) -> None:
    subject.at(60).new_day()
    assert subject.at(179).press().data["ticket"] == key(1)
    assert subject.at(185).press().data["flags"] == ["unbound"]


def test_a_call_keeps_its_time_through_a_carry(subject: Counters) -> None:
    subject.at(60).leave(1)
    subject.call(2)
    subject.at(70).new_day((2, "CALLED", "1"))
    assert subject.at(79).press().data["ticket"] == key(1)
    assert subject.at(84).press().data["ticket"] == key(2)


def test_a_carried_ticket_of_an_older_journal_is_known_from_the_carry() -> None:
    counters = Counters()
    counters.record("day.opened", {"day": "2026-11-24", "source": "clock", "carries": {}})
    carried = {"label": "A001", "service": "land", "priority": "none"}
    counters.record("ticket.carried", {**carried, "ticket": key(1), "state": "SERVING", "counter": "1"})
    counters.record("ticket.carried", {**carried, "ticket": key(2), "state": "WAITING", "counter": "1"})
    assert counters.press().data["ticket"] == key(1)


def test_nothing_of_an_older_epoch_is_corrected(subject: Counters) -> None:
    subject.at(60).press(1)
    subject.new_day((1, "SERVING", "1"), is_new_epoch=True)
    rating = subject.at(61).press(2)
    assert (rating.data["corrects"], rating.data["flags"]) == (None, ["repeat"])


def test_what_no_press_could_bind_to_is_not_carried(subject: Counters) -> None:
    subject.at(60).press()
    subject.leave(1)
    subject.at(1000).new_day()
    (opened,) = [event for event, _ in subject.journal if event.kind == "day.opened"]
    assert opened.data["carries"]["ratings"] == {
        "counters": [{"counter": "1", "officer": "lan", "calls": [], "evaluation": None, "rated": []}]
    }


def test_events_it_does_not_know_change_nothing(subject: Counters) -> None:
    before = subject.bindings
    for kind in ("ticket.issued", "coffee.brewed", "day.closed"):
        subject.record(kind, {"ticket": key(7), "label": "A007", "service": "land", "priority": "none",
                              "source": "staff", "day": "2026-11-23", "carries": {}} | (
                                  {"source": "clock"} if kind == "day.closed" else {}))  # fmt: skip
    for kind in ("ticket.started", "ticket.served"):
        event = subject.journal[0][0]
        data = {"ticket": key(99), "counter": "7", "officer": None}
        assert fold(Bindings(), type(event)(1, "e", kind, "", "", "", 0, data, ""), 0) == Bindings()
    assert subject.bindings is before


def test_a_citizen_who_leaves_is_found_without_the_counter(subject: Counters) -> None:
    data = {"ticket": key(1), "counter": None, "officer": None, "reason": "left"}
    subject.at(60).record("ticket.cancelled", data)
    assert subject.at(179).press().data["ticket"] == key(1)
    assert subject.at(185).press().data["ticket"] is None


def test_a_counter_may_call_thousands() -> None:
    counters = Counters()
    for number in range(1, 2000):
        counters.at(number * 60).call(number)
        counters.at(number * 60 + 50).leave(number)
    assert len(counters.bindings.buttons["1"].calls) <= 17


@pytest.mark.parametrize(
    "ratings",
    [None, 1, [], {}, {"counters": 3}, {"counters": [3]}, {"counters": [{"counter": "1"}]},
     {"counters": [{"counter": "1", "calls": [None], "officer": None, "evaluation": None, "rated": []}]},
     {"counters": [{"counter": "1", "calls": [], "officer": None, "evaluation": 3, "rated": []}]}],
)  # fmt: skip
def test_carries_of_other_software_are_passed_over(ratings: object) -> None:
    counters = Counters()
    carries = {"ratings": ratings}
    counters.record("day.opened", {"day": "2026-11-24", "source": "clock", "carries": carries})
    assert counters.bindings == Bindings()
