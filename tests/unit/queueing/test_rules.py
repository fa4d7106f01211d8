from typing import Any

import pytest

from appliance.queueing.errors import HallRulesError
from appliance.queueing.rules import Counter, HallRules, Hours, PriorityClass, Service

MORNING = ((450, 690),)
WEEK = (*[(*MORNING, (810, 1020))] * 5, MORNING, ())


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        ("2026-11-23", ((450, 690), (810, 1020))),
        ("2026-11-28", MORNING),
        ("2026-11-29", ()),
        ("2026-09-02", ()),
        ("2026-12-06", ((450, 690), (810, 1020))),
    ],
    ids=["monday", "saturday", "sunday", "day off", "working sunday"],
)
def test_spans_of_a_day(day: str, spans: object) -> None:
    hours = Hours(WEEK, days_off=frozenset({"2026-09-02"}), extra_days=frozenset({"2026-12-06"}))
    assert hours.spans(day) == spans


def test_hours_are_always_when_nothing_is_configured() -> None:
    assert Hours().spans("2026-11-29") == ((0, 1440),)


@pytest.mark.parametrize("weekly", [((),) * 6, (((600, 500),), *[()] * 6), (((0, 1441),), *[()] * 6)])
def test_bad_hours_are_refused(weekly: tuple[Any, ...]) -> None:
    with pytest.raises(HallRulesError) as refused:
        Hours(weekly)
    assert refused.value.fields["field"] == "hours.weekly"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"services": (Service("a", "A"), Service("a", "B"))}, "services"),
        ({"services": (Service("a b", "A"),)}, "services"),
        ({"services": (Service("a", "A", series="1"),)}, "services.a.series"),
        ({"counters": (Counter("1", "Quầy 1", ("nothing",)),)}, "counters.1.services"),
        ({"counters": (Counter("1", "", ()), Counter("1", "", ()))}, "counters"),
        ({"priorities": (PriorityClass("none", ""),)}, "priorities"),
        ({"ratio": -1}, "ratio"),
        ({"late_position": -1}, "late_position"),
    ],
)
def test_contradictions_are_refused_with_field_and_remedy(change: dict[str, Any], field: str) -> None:
    with pytest.raises(HallRulesError) as refused:
        HallRules(**{"services": (), "counters": (), **change})
    assert refused.value.fields["field"] == field
    assert refused.value.fields["remedy"] in str(refused.value)
    assert isinstance(refused.value, ValueError)
