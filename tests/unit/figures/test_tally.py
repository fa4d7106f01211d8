"""Days made by hand, with the numbers counted by hand; and what holds of every day."""

from dataclasses import fields

import pytest
from hand_day import DAY, HandDay, ticket_of
from hypothesis import given
from hypothesis import strategies as st

from appliance.figures.spans import Spans
from appliance.figures.tally import Tally
from appliance.figures.totals import NOWHERE, CounterTotals, RatingTotals, ServiceTotals, merged


def test_a_morning_counted_by_hand(day):
    day.opened()
    day.counter("q1")
    day.counter("q2", ["dat-dai"])
    for number in (1, 2, 3, 4):
        day.later(60).issue(number)
    day.later(60).issue(5, "dat-dai")
    day.later(60).call(1, waited_s=300)
    day.later(5).start(1)
    day.later(200).serve(1, served_s=200)
    day.later(5).call(2, waited_s=450)
    day.later(60).leave("no_show", 2, reason="next_called")
    day.call(3, waited_s=455)
    day.later(30).leave("returned", 2, reason="late")
    day.later(30).transfer(3, to_service="dat-dai")
    day.later(5).call(3, "q2", waited_s=5)
    day.later(100).serve(3, "q2", served_s=100)
    day.call(2, waited_s=135)
    day.later(20).call(2, kind="ticket.recalled")
    day.later(40).serve(2, served_s=40)
    day.leave("cancelled", 4, None, reason="left")
    day.leave("cancelled", 5, None, reason="day_end")

    totals = day.totals()

    assert totals.days == (DAY,)
    assert totals.services == {
        "ho-tich": ServiceTotals(
            issued=4, left=1, no_shows=1, returned=1, transferred=1, called=4, served=2,
            waits=Spans(300_000, 450_000, 455_000), servings=Spans(200_000, 40_000),
        ),
        "dat-dai": ServiceTotals(issued=1, day_end=1, called=1, served=1, servings=Spans(100_000)),
    }  # fmt: skip
    assert totals.counters == {
        "q1": CounterTotals(called=4, served=2, no_shows=1, transferred=1),
        "q2": CounterTotals(called=1, served=1),
    }
    assert totals.all_services.issued == 5
    assert totals.all_services.waits.median_ms == 450_000
    assert totals.all_counters.called == 5
    assert not totals.is_partial


def test_an_officer_cancels_and_puts_back(day):
    day.issue(1)
    day.call(1, waited_s=10)
    day.leave("returned", 1, reason="recycle")
    day.leave("cancelled", 1, None, reason="officer")
    totals = day.totals().services["ho-tich"]
    assert totals == ServiceTotals(issued=1, called=1, recycled=1, cancelled=1, waits=Spans(10_000))


def test_a_span_that_crossed_a_restart_is_not_known_and_the_ticket_counts(day):
    day.issue(1)
    day.call(1)
    day.serve(1)
    assert day.totals().services["ho-tich"] == ServiceTotals(issued=1, called=1, served=1)


def test_spans_of_carried_tickets_say_less_than_people_waited(day):
    day.opened()
    day.carry(1)
    day.carry(2, "SERVING", "q1")
    day.carry(3, "CALLED", "q2")
    day.call(1, waited_s=5)
    day.serve(1, served_s=80)
    day.serve(2, served_s=3)
    day.start(3, "q2")
    day.serve(3, "q2", served_s=70)
    totals = day.totals().services["ho-tich"]
    assert totals == ServiceTotals(carried=3, called=1, served=3, servings=Spans(80_000, 70_000))


def test_a_day_that_is_opened_again_goes_on(day):
    day.opened()
    day.issue(1)
    day.issue(2)
    day.opened(issued=[["ho-tich", 2]])
    day.carry(1)
    day.carry(2)
    day.later(9).call(1, waited_s=9)
    totals = day.totals().services["ho-tich"]
    assert totals == ServiceTotals(issued=2, called=1)


def test_lost_events_leave_a_ticket_nowhere_and_the_day_partial(day):
    day.record("journal.salvaged", epoch="01930000-0000-7000-8000-000000000000", upto=7, unreadable=0)
    assert not day.totals().is_partial
    day.record("journal.salvaged", epoch="01930000-0000-7000-8000-000000000000", upto=7, unreadable=2)
    day.call(1, waited_s=8)
    day.serve(1, served_s=60)
    day.leave("no_show", 2, None)
    totals = day.totals()
    assert totals.is_partial
    assert totals.services == {NOWHERE: ServiceTotals(called=1, served=1, no_shows=1, servings=Spans(60_000))}
    assert totals.counters == {"q1": CounterTotals(called=1, served=1), NOWHERE: CounterTotals(no_shows=1)}


def test_events_that_are_no_figures_change_nothing(day):
    day.opened()
    day.counter()
    day.record("device.fault", issue="disk", subject="")
    day.record("rating.reason", rating=1, reason="cho-lau")
    assert day.totals().services == {}
    assert day.totals().counters == {}


ACTIONS = st.tuples(st.integers(0, 11), st.integers(1, 6), st.sampled_from(["q1", "q2"]), st.integers(0, 400))


def played(actions):
    """A day on which these things happen, sensible or not: the fold is total."""
    day = HandDay()
    day.opened()
    ratings = []
    for action, number, counter, seconds in actions:
        day.later(seconds / 4)
        match action:
            case 0 | 1:
                day.issue(number, "ho-tich" if number % 2 else "dat-dai")
            case 2:
                day.call(number, counter, waited_s=seconds)
            case 3:
                day.serve(number, counter, served_s=seconds)
            case 4:
                day.leave("no_show", number, counter)
            case 5:
                day.transfer(number, counter, to_service="ho-tich")
            case 6:
                day.carry(number)
            case 7:
                day.leave("cancelled", number, None, reason="left")
            case 8 if ratings:
                ratings.append(day.rate(1 + seconds % 3, number, counter, corrects=ratings[-1]))
            case 9:
                day.rate(1, number, counter, flags=["repeat"])
            case _:
                ratings.append(day.rate(1 + seconds % 3, number if action == 10 else None, counter))
    return day


@given(st.lists(ACTIONS, max_size=60), st.integers(0, 60))
def test_looking_in_between_changes_nothing_and_what_was_seen_stays(actions, cut):
    day = played(actions)
    tally = Tally(DAY)
    for event in day.events[:cut]:
        tally.add(event)
    seen = tally.totals()
    alone = Tally(DAY)
    for event in day.events[:cut]:
        alone.add(event)
    for event in day.events[cut:]:
        tally.add(event)
    assert tally.totals() == day.totals()
    assert seen == alone.totals()


@given(st.lists(ACTIONS, max_size=60))
def test_counters_and_services_count_the_same(actions):
    totals = played(actions).totals()
    services, counters = totals.all_services, totals.all_counters
    assert (services.called, services.served, services.no_shows) == (
        counters.called,
        counters.served,
        counters.no_shows,
    )
    for each in fields(CounterTotals):
        if each.name != "ratings":
            parts = [getattr(counter, each.name) for counter in totals.counters.values()]
            assert getattr(counters, each.name) == sum(parts)
    given_ = [event for event in played(actions).events if event.kind == "rating.given"]
    begun = [
        event for event in given_ if event.data["corrects"] is None and "repeat" not in event.data["flags"]
    ]
    assert counters.ratings.evaluations == len(begun) == sum(counters.ratings.sources.values())


@given(st.lists(st.lists(ACTIONS, max_size=30), max_size=4))
def test_several_days_are_the_sum_of_each(days):
    each = [played(actions).totals() for actions in days]
    together = merged(each)
    assert together.days == (DAY,) * len(days)
    assert together.all_services.issued == sum(one.all_services.issued for one in each)
    assert together.all_services.waits.count == sum(one.all_services.waits.count for one in each)
    assert together.all_counters.ratings.bound == sum(one.all_counters.ratings.bound for one in each)


def test_one_partial_day_makes_their_sum_partial(day):
    tally = day.tally()
    tally.is_partial = True
    assert merged([day.totals(), tally.totals()]).is_partial
    assert not merged([day.totals()]).is_partial


def test_response_rate():
    assert CounterTotals().response_rate is None
    assert CounterTotals(served=4, ratings=RatingTotals(bound=1, unbound=2)).response_rate == 0.25
    assert CounterTotals(served=1, ratings=RatingTotals(bound=2)).response_rate == 1.0


@pytest.mark.parametrize("number", [1, 2])
def test_a_transfer_to_a_counter_stays_in_its_line(day, number):
    day.issue(number, "dat-dai")
    day.call(number)
    day.transfer(number, to_counter="q2")
    day.call(number, "q2")
    assert day.totals().services["dat-dai"].called == 2
    assert day.events[-1].data["ticket"] == ticket_of(number)
