from typing import Any

import pytest
from audit_kinds import KINDS, data_faults
from audit_line import Json, event_faults

HASH = "ab" * 32
EPOCH = "019b0000-0000-7000-8000-000000000001"
TICKET: dict[str, Any] = {"ticket": "2026-11-23/A/12"}
SERVED: dict[str, Any] = {**TICKET, "counter": "c1", "officer": None}
HEAD: dict[str, Any] = {**TICKET, "label": "A012", "service": "land", "priority": "none"}
COUNTER: dict[str, Any] = {"counter": "c1", "officer": "o1", "services": ["land"], "reason": ""}
CALLED: dict[str, Any] = {**SERVED, "why": {"rule": "ratio", "ahead": 0, "skipped": 1}, "waited_ms": 5}
DAY: dict[str, Any] = {"day": "2026-11-23", "source": "clock", "carries": {}}
JOURNAL: dict[str, Any] = {"epoch": EPOCH, "upto": 9, "unreadable": 0}
UPDATE: dict[str, Any] = {"from": "0.1.0", "to": "0.2.0", "reason": "scheduled"}
STAFF: dict[str, Any] = {"officer": "o1", "role": "officer"}
INSTANT = "2026-11-23T01:02:03.000004Z"
RATING: dict[str, Any] = {
    "counter": "c1",
    "level": 3,
    "levels": 3,
    "source": "gpio",
    "ticket": None,
    "officer": None,
    "flags": ["unbound"],
    "corrects": None,
}

SOUND: dict[str, dict[str, Any]] = {
    "day.opened": DAY,
    "day.closed": DAY,
    "device.started": {"software": "0.1.0", "board": "pi4", "reason": "power"},
    "device.fault": {"issue": "disk", "subject": "sd"},
    "device.cleared": {"issue": "disk", "subject": "sd"},
    "clock.stepped": {"was": INSTANT, "now": INSTANT, "source": "rtc"},
    "config.applied": {"sha256": HASH, "keys": ["hall.levels"]},
    "journal.salvaged": JOURNAL,
    "journal.pruned": JOURNAL,
    "counter.opened": COUNTER,
    "counter.paused": COUNTER,
    "counter.closed": COUNTER,
    "ticket.issued": {**HEAD, "source": "button"},
    "ticket.carried": {**HEAD, "state": "WAITING", "counter": None},
    "ticket.called": CALLED,
    "ticket.recalled": CALLED,
    "ticket.started": SERVED,
    "ticket.held": SERVED,
    "ticket.resumed": SERVED,
    "ticket.served": {**SERVED, "served_ms": None, "stage": "return", "reason": "next_called"},
    "ticket.no_show": {**SERVED, "reason": "late"},
    "ticket.returned": {**SERVED, "reason": "recycle"},
    "ticket.cancelled": {**SERVED, "counter": None, "reason": "day_end"},
    "ticket.transferred": {**SERVED, "to_counter": "c2"},
    "ticket.printed": {**TICKET, "result": "paper", "copy": 1},
    "rating.given": RATING,
    "rating.reason": {"rating": 7, "reason": "slow"},
    "hotspot.usage": {
        "hour": "2026-11-23T08",
        "sessions": 5,
        "peak_clients": 3,
        "refused": 0,
        "bytes_down": 9,
        "bytes_up": 9,
    },
    "sensor.sampled": {"sensor": "s1", "quantity": "temperature_c", "milli": -1500},
    "hardware.tested": {"subject": "lamp", "result": "ok", "by": "o1"},
    "notice.shown": {"notice": "n1", "screens": 2},
    "update.installed": UPDATE,
    "update.confirmed": UPDATE,
    "update.rolled_back": UPDATE,
    "action.done": {"action": "reboot", "result": "ok"},
    "staff.signed_in": STAFF,
    "staff.signed_out": STAFF,
    "staff.refused": {"officer": None, "role": "officer"},
}


def test_every_kind_has_an_example() -> None:
    assert SOUND.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", SOUND)
def test_sound_data_passes_also_with_request_and_unknown_keys(kind: str) -> None:
    assert list(data_faults(kind, SOUND[kind])) == []
    assert list(data_faults(kind, {**SOUND[kind], "request": "r-1", "added_later": [1]})) == []
    assert list(data_faults(kind, {**SOUND[kind], "request": 7})) == ["request is '7'"]


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind in KINDS for key in KINDS[kind].required])
def test_each_required_key_is_missed_and_its_type_checked(kind: str, key: str) -> None:
    without = {name: value for name, value in SOUND[kind].items() if name != key}
    assert f"{key} is missing" in list(data_faults(kind, without))
    assert f"{key} is 'True'" in list(data_faults(kind, {**SOUND[kind], key: True}))


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("rating.given", {"level": 4}, "level 4 is above levels 3"),
        ("rating.given", {"level": 0}, "level is '0'"),
        ("rating.given", {"flags": ["happy"]}, "flags is \"['happy']\""),
        ("ticket.transferred", {"to_counter": None}, "neither to_service nor to_counter is given"),
        ("ticket.served", {"stage": None}, "stage is 'None'"),
        ("ticket.issued", {"ticket": "2026-11-23/A/012"}, "ticket is '2026-11-23/A/012'"),
        ("ticket.issued", {"ticket": "2026-02-30/A/12"}, "ticket is '2026-02-30/A/12'"),
        ("ticket.issued", {"source": "fax"}, "source is 'fax'"),
        ("hotspot.usage", {"sessions": 4}, "4 sessions are fewer than 5: the hour must be suppressed"),
        ("hotspot.usage", {"suppressed": True}, "sessions is given although the hour is suppressed"),
        ("hotspot.usage", {"suppressed": False}, "suppressed is False, only true exists"),
        ("hotspot.usage", {"hour": "2026-11-23T24"}, "hour is '2026-11-23T24'"),
        ("clock.stepped", {"was": "2026-11-23T01:02:03Z"}, "was is '2026-11-23T01:02:03Z'"),
        ("clock.stepped", {"now": "2026-11-23T25:02:03.000000Z"}, "now is '2026-11-23T25:02:03.000000Z'"),
        ("day.opened", {"day": "2026-11-31"}, "day is '2026-11-31'"),
        ("counter.opened", {"services": "land"}, "services is 'land'"),
        ("ticket.called", {"why": {"rule": "ratio", "ahead": 1}}, "why is \"{'rule': 'ratio', 'ahead': 1}\""),
    ],
)
def test_broken_values_are_named(kind: str, change: dict[str, Any], reason: str) -> None:
    assert reason in list(data_faults(kind, {**SOUND[kind], **change}))


def test_suppressed_hour_holds_nothing_else() -> None:
    assert list(data_faults("hotspot.usage", {"hour": "2026-11-23T08", "suppressed": True})) == []
    assert "sessions is missing" in list(data_faults("hotspot.usage", {"hour": "2026-11-23T08"}))


def test_unknown_kinds_are_accepted() -> None:
    assert list(data_faults("lift.arrived", {"floor": 3})) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seq", 0),
        ("seq", True),
        ("epoch", "019b0000-0000-4000-8000-000000000001"),
        ("kind", ""),
        ("kind", None),
        ("at", "2026-11-23T01:02:03.00004Z"),
        ("at", "2026-11-23T01:02:03.000004+00:00"),
        ("clock", "ntp"),
        ("clock", []),
        ("boot", "not-a-uuid"),
        ("up_ms", -1),
        ("data", []),
        ("prev", "AB" * 32),
    ],
)
def test_values_of_an_event_are_checked(key: str, value: Json) -> None:
    event: dict[str, Any] = {
        "seq": 1,
        "epoch": EPOCH,
        "kind": "x.y",
        "at": INSTANT,
        "clock": "rtc",
        "boot": "0b4f3c2d-0000-4000-8000-000000000001",
        "up_ms": 0,
        "data": {},
        "prev": HASH,
    }
    assert list(event_faults(event)) == []
    assert [rule for rule, _ in event_faults({**event, key: value})] == ["event-value"]
    del event[key]
    assert list(event_faults(event)) == [("event-key", f"{key} is missing")]
    assert [rule for rule, _ in event_faults({**event, key: value, "extra": 1})] == [
        "event-key",
        "event-value",
    ]
