from typing import Any

from appliance.wire.event import Event
from provisioning.demo.tally import Tally


def event(seq: int, kind: str = "rating.given", **data: Any) -> Event:
    given = {"counter": "quay-1", "level": 3, "flags": [], "corrects": None, **data}
    return Event(seq, "e", kind, "2026-11-22T02:31:02.000000Z", "synced", "b", 1, given, "p")


def tally(*events: Event) -> Tally:
    found = Tally()
    for one in events:
        found.add(one)
    return found


def test_ratings_are_counted_by_counter_and_level() -> None:
    found = tally(event(1), event(2, level=1), event(3, counter="quay-2"))
    assert found.counts("quay-1", 3) == (1, 0, 1)
    assert found.counts("quay-2", 3) == (0, 0, 1)
    assert found.counts("quay-9", 3) == (0, 0, 0)


def test_a_correction_replaces_also_across_corrections() -> None:
    found = tally(event(1, level=1), event(2, level=2, corrects=1), event(3, level=3, corrects=2))
    assert found.counts("quay-1", 3) == (0, 0, 1)
    assert found.flags("quay-1")["corrected"] == 2


def test_a_repeat_is_flagged_and_does_not_count() -> None:
    found = tally(event(1), event(2, level=1, flags=["burst", "repeat"]))
    assert found.counts("quay-1", 3) == (0, 0, 1)
    assert found.flags("quay-1") == {"burst": 1, "repeat": 1}


def test_a_correction_of_something_unknown_counts_itself_only() -> None:
    assert tally(event(5, corrects=2)).counts("quay-1", 3) == (0, 0, 1)


def test_other_kinds_change_nothing() -> None:
    assert tally(event(1, kind="ticket.issued")).counts("quay-1", 3) == (0, 0, 0)
