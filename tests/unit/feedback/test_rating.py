from dataclasses import replace

import pytest

from appliance.feedback.errors import (
    LevelError,
    RatingClosedError,
    RatingCounterError,
    RatingFieldError,
    RatingRulesError,
    UnknownRatingError,
    UnknownReasonError,
)
from appliance.feedback.rating import GiveReason, Press, decide
from appliance.feedback.rules import RatingRules
from appliance.wire.event import Draft
from tests.unit.feedback.conftest import Counters, key

LEAVES = [
    "ticket.served",
    "ticket.held",
    "ticket.transferred",
    "ticket.returned",
    "ticket.cancelled",
    "ticket.no_show",
]


def test_press_rates_the_ticket_at_the_counter(subject: Counters) -> None:
    rating = subject.at(60).press(2, request="r1")
    assert rating.data == {
        "counter": "1", "level": 2, "levels": 3, "source": "gpio", "ticket": key(1), "officer": "lan",
        "flags": [], "corrects": None, "request": "r1",
    }  # fmt: skip


@pytest.mark.parametrize("kind", LEAVES)
@pytest.mark.parametrize(("after_s", "ticket"), [(0, 1), (119.999, 1), (120, None)])
def test_whatever_became_of_it_a_ticket_is_rated_for_a_window(
    subject: Counters, kind: str, after_s: float, ticket: int | None
) -> None:
    subject.at(100).leave(1, kind)
    rating = subject.at(100 + after_s).press()
    assert rating.data["ticket"] == (None if ticket is None else key(ticket))
    assert rating.data["flags"] == ([] if ticket else ["unbound"])


@pytest.mark.parametrize(("after_s", "ticket"), [(0, 1), (19.999, 1), (20, 2)])
def test_a_called_ticket_takes_presses_over_after_a_while(
    subject: Counters, after_s: float, ticket: int | None
) -> None:
    subject.at(100).leave(1)
    subject.call(2)
    assert subject.at(100 + after_s).press().data["ticket"] == key(ticket)


def test_a_started_ticket_takes_presses_over_at_once(subject: Counters) -> None:
    subject.at(100).leave(1)
    subject.call(2)
    subject.at(102).start(2)
    assert subject.press().data["ticket"] == key(2)


def test_a_resumed_ticket_counts_as_started(subject: Counters) -> None:
    subject.at(50).leave(1, "ticket.held")
    subject.call(2)
    subject.at(90).leave(2)
    subject.record("ticket.resumed", {"ticket": key(1), "counter": "1", "officer": "minh"})
    rating = subject.press()
    assert (rating.data["ticket"], rating.data["officer"]) == (key(1), "minh")


def test_a_new_call_with_no_ticket_before_it_takes_no_press() -> None:
    counters = Counters()
    counters.open()
    counters.call(1)
    assert counters.at(19).press().data["flags"] == ["unbound"]


def test_a_new_call_after_the_window_of_the_one_before_takes_no_press(subject: Counters) -> None:
    subject.at(10).leave(1)
    subject.at(125).call(2)
    assert subject.at(131).press().data["ticket"] is None
    assert subject.at(145).press().data["ticket"] == key(2)


def test_quick_calls_leave_the_presses_to_the_last_who_took_them(subject: Counters) -> None:
    subject.at(60).leave(1)
    for number in range(2, 8):
        subject.at(60 + number).call(number)
        subject.leave(number, "ticket.no_show")
    assert subject.at(70).press().data["ticket"] == key(1)


def test_a_no_show_takes_presses_once_its_time_has_come(subject: Counters) -> None:
    subject.at(60).leave(1)
    subject.call(2)
    subject.at(65).leave(2, "ticket.no_show")
    assert subject.at(79).press().data["ticket"] == key(1)
    assert subject.at(85).press().data["ticket"] == key(2)


def test_a_ticket_called_again_is_still_rated_for_its_earlier_call() -> None:
    counters = Counters()
    counters.open()
    counters.call(1)
    counters.at(20).leave(1)
    counters.call(2)
    counters.at(25).start(2)
    counters.at(60).leave(2, "ticket.held")
    counters.at(100).call(2)
    assert counters.at(105).press().data["ticket"] == key(2)


def test_what_becomes_of_a_held_ticket_does_not_prolong_its_window(subject: Counters) -> None:
    subject.at(100).leave(1, "ticket.held")
    subject.at(150).leave(1, "ticket.cancelled")
    assert subject.at(220).press().data["flags"] == ["unbound"]


def test_a_recall_changes_nothing(subject: Counters) -> None:
    subject.at(60).leave(1)
    subject.call(2)
    data = subject.journal[-1][0].data
    subject.at(75).record("ticket.recalled", data)
    assert subject.at(80).press().data["ticket"] == key(2)


def test_presses_within_five_seconds_correct_and_the_last_stands(subject: Counters) -> None:
    first = subject.at(60).press(1)
    second = subject.at(63).press(2)
    third = subject.at(64.999).press(3)
    late = subject.at(65).press(1)
    assert [event.data["corrects"] for event in (first, second, third, late)] == [
        None, first.seq, second.seq, None,
    ]  # fmt: skip
    assert late.data["flags"] == ["repeat"]
    assert late.data["ticket"] == key(1)
    dropped = {event.data["corrects"] for event in (second, third)}
    counted = [
        e for e in (first, second, third, late) if e.seq not in dropped and "repeat" not in e.data["flags"]
    ]
    assert counted == [third]


def test_a_correction_is_one_whatever_is_called_meanwhile(subject: Counters) -> None:
    first = subject.at(60).press(1)
    subject.leave(1)
    subject.call(2)
    subject.at(61).start(2)
    corrected = subject.at(64).press(3)
    assert (corrected.data["ticket"], corrected.data["corrects"]) == (key(1), first.seq)
    assert subject.at(65).press().data == {**first.data, "ticket": key(2), "level": 3, "corrects": None}


def test_a_ticket_called_to_the_counter_again_is_still_rated_once(subject: Counters) -> None:
    subject.at(60).press()
    subject.leave(1, "ticket.held")
    subject.at(600).call(1)
    assert subject.at(700).press().data["flags"] == ["repeat"]


def test_the_same_ticket_is_rated_at_each_counter(subject: Counters) -> None:
    subject.open("2", "minh")
    subject.at(60).press()
    subject.leave(1, "ticket.transferred")
    subject.at(70).call(1, "2", "minh")
    rating = subject.at(100).press(counter="2")
    assert (rating.data["flags"], rating.data["officer"]) == ([], "minh")


def test_unbound_presses_open_a_correction_of_their_own() -> None:
    counters = Counters()
    counters.open()
    first = counters.press(1)
    second = counters.at(4).press(2)
    third = counters.at(5).press(3)
    assert [event.data["corrects"] for event in (first, second, third)] == [None, first.seq, None]
    assert [event.data["flags"] for event in (first, second, third)] == [["unbound"]] * 3
    assert first.data["officer"] == "lan"


def test_buttons_are_live_at_a_counter_nobody_opened() -> None:
    rating = Counters().press()
    assert (rating.data["officer"], rating.data["flags"]) == (None, ["unbound"])


def test_a_counter_that_closed_has_no_officer_but_its_last_ticket_does(subject: Counters) -> None:
    subject.at(60).leave(1)
    subject.record("counter.closed", {"counter": "1", "officer": "lan", "services": [], "reason": ""})
    assert subject.at(100).press().data["officer"] == "lan"
    assert subject.at(300).press().data["officer"] is None


def test_a_call_without_officer_is_the_counter_s_officer_s() -> None:
    counters = Counters()
    counters.open(officer="hoa")
    counters.call(1, officer=None)
    assert counters.at(30).press().data["officer"] == "hoa"


def test_bursts_are_flagged_not_dropped(subject: Counters) -> None:
    flags = [subject.at(60 + n).press().data["flags"] for n in range(8)]
    assert flags == [[], [], [], [], [], ["burst", "repeat"], ["burst", "repeat"], ["burst", "repeat"]]
    assert subject.at(72).press().data["flags"] == ["burst", "repeat"]
    assert subject.at(90).press().data["flags"] == ["repeat"]


def test_bursts_are_of_one_counter(subject: Counters) -> None:
    for n in range(5):
        subject.at(60 + n).press()
    assert subject.press(counter="2").data["flags"] == ["unbound"]


def test_stuck_keys_are_flagged_and_flags_are_sorted() -> None:
    counters = Counters(RatingRules(burst_count=1))
    counters.press()
    assert counters.at(6).press(stuck=True).data["flags"] == ["burst", "stuck", "unbound"]


def test_phone_rates_the_ticket_it_names_while_its_window_is_open(subject: Counters) -> None:
    subject.at(60).leave(1)
    subject.call(2)
    assert subject.at(61).phone(1).data["ticket"] == key(1)
    assert subject.at(62).phone(2).data["ticket"] == key(2)  # no takeover: there is nothing to mistake
    subject.at(180)
    with pytest.raises(RatingClosedError) as refused:
        subject.phone(1)
    assert refused.value.fields == {"ticket": key(1), "label": "A001"}
    assert "A001" in refused.value.vi()


@pytest.mark.parametrize(("number", "counter"), [(9, "1"), (1, "2"), (9, None)])
def test_phone_cannot_rate_who_was_not_called_there(
    subject: Counters, number: int, counter: str | None
) -> None:
    with pytest.raises(RatingClosedError):
        subject.phone(number, counter=counter)


def test_phone_may_leave_the_counter_to_us(subject: Counters) -> None:
    subject.at(60).leave(1, "ticket.transferred")
    subject.at(70).call(1, "2")
    assert subject.at(80).phone(1, counter=None).data["counter"] == "2"


def test_all_sources_share_one_evaluation(subject: Counters) -> None:
    first = subject.at(60).phone(1, 1)
    second = subject.at(62).press(2)
    third = subject.at(64).phone(1, 3)
    assert [one.data["corrects"] for one in (first, second, third)] == [None, first.seq, second.seq]
    assert subject.at(66).press().data["flags"] == ["repeat"]
    assert subject.at(67).phone(1).data["flags"] == ["repeat"]


def test_phone_corrects_what_a_button_began_and_the_button_goes_on(subject: Counters) -> None:
    first = subject.at(60).press(1)
    second = subject.at(61).phone(1, 2)
    third = subject.at(62).press(3)
    assert [one.data["corrects"] for one in (first, second, third)] == [None, first.seq, second.seq]


def test_somebody_s_phone_does_not_catch_the_next_one_s_button(subject: Counters) -> None:
    subject.at(60).leave(1)
    subject.call(2)
    subject.at(61).start(2)
    subject.phone(1)
    rating = subject.at(62).press()
    assert (rating.data["ticket"], rating.data["corrects"]) == (key(2), None)


@pytest.mark.parametrize("level", [0, 4, -1, True, "2"])
def test_levels_are_those_of_the_scale(subject: Counters, level: int) -> None:
    with pytest.raises(LevelError) as refused:
        subject.press(level)
    assert refused.value.fields["levels"] == 3


@pytest.mark.parametrize(
    ("press", "error"),
    [
        (Press("9", 1, "gpio"), RatingCounterError),
        (Press("1", 1, "fax"), RatingFieldError),
        (Press(None, 1, "gpio"), RatingFieldError),
        (Press("1", 1, "gpio", request="a b"), RatingFieldError),
    ],
)
def test_presses_that_could_not_be_recorded_are_refused(
    subject: Counters, press: Press, error: type[Exception]
) -> None:
    rules = replace(subject.rules, counters=frozenset({"1"}))
    with pytest.raises(error):
        decide(subject.bindings, press, subject.now, rules)


def test_without_a_list_of_counters_any_id_is_taken(subject: Counters) -> None:
    assert subject.press(counter="hall-2").data["counter"] == "hall-2"
    with pytest.raises(RatingCounterError):
        subject.press(counter="quầy 2")


def test_reason_follows_a_recent_rating(subject: Counters) -> None:
    rules = RatingRules(reasons=("slow", "rude"))
    rating = subject.at(60).press(1)

    def give(seq: int, reason: str, request: str | None = None) -> Draft:
        return decide(subject.bindings, GiveReason(seq, reason, request), subject.now, rules)[0]

    assert give(rating.seq, "slow", "r1").data == {"rating": rating.seq, "reason": "slow", "request": "r1"}
    with pytest.raises(UnknownReasonError):
        give(rating.seq, "smell")
    with pytest.raises(UnknownRatingError):
        give(rating.seq + 1, "slow")
    subject.at(180)
    with pytest.raises(UnknownRatingError):
        give(rating.seq, "slow")


@pytest.mark.parametrize(
    "change", [{"levels": 1}, {"levels": 6}, {"burst_count": 33}, {"window_ms": 900_001}]
)
def test_rules_out_of_range_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(RatingRulesError):
        RatingRules(**change)


@pytest.mark.parametrize("levels", [2, 5])
def test_scale_is_configurable(levels: int) -> None:
    rating = Counters(RatingRules(levels=levels)).press(levels)
    assert rating.data["levels"] == levels
