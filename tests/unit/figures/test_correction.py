from hand_day import OTHER_BOOT

from appliance.figures.correction import corrected_at


def stepped(day, was, now):
    return day.record("clock.stepped", was=was, now=now, source="ntp")


def test_an_event_before_a_step_gets_the_time_that_follows_from_it(day):
    event = day.later(10).issue(1)
    step = day.later(90.5).record(
        "clock.stepped", was="2026-11-23T01:01:40.500000Z", now="2026-12-01T03:00:00.250000Z", source="ntp"
    )
    assert event.at == "2026-11-23T01:00:10.000000Z"
    assert corrected_at(event, [step]) == "2026-12-01T02:58:29.750000Z"


def test_the_last_step_counts(day):
    event = day.issue(1)
    first = stepped(day.later(10), "2026-11-23T01:00:10.000000Z", "2026-11-24T01:00:10.000000Z")
    second = stepped(day.later(10), "2026-11-24T01:00:20.000000Z", "2026-11-25T01:00:20.000000Z")
    assert corrected_at(event, [first, second]) == "2026-11-25T01:00:00.000000Z"


def test_steps_before_it_or_in_another_boot_or_epoch_say_nothing(day):
    before = stepped(day, "2026-11-23T01:00:00.000000Z", "2026-11-24T01:00:00.000000Z")
    event = day.later(5).issue(1)
    day.boot = OTHER_BOOT
    other_boot = stepped(day, "2026-11-23T01:00:00.000000Z", "2026-11-24T01:00:00.000000Z")
    assert corrected_at(event, [before, other_boot, before._replace(epoch="f", seq=99)]) == event.at
