import json

from appliance.queueing import commands as c
from appliance.queueing.hall import Hall
from appliance.queueing.snapshot import snapshot
from tests.unit.queueing.conftest import Office


def test_snapshot_of_a_hall(subject: Office) -> None:
    subject.do(c.PauseCounter("2", "lunch"))
    subject.issue(priority="elderly")
    held = subject.serving()
    subject.do(c.Hold("1"))
    subject.advance(5)
    subject.serving()
    subject.advance(30)
    shown = snapshot(subject.hall, subject.now, subject.rules)
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["day"], shown["is_open"]) == ("2026-11-23", True)
    first, second, third = shown["counters"]
    assert first["ticket"] == {
        "ticket": "2026-11-23/A/3", "label": "A003", "service": "land", "priority": "none",
        "state": "SERVING", "counter": "1", "assigned": None, "calls": 1, "since_ms": 30_000,
    }  # fmt: skip
    assert first["services"] == ["land", "civil"]
    assert (second["state"], second["reason"], second["officer"]) == ("paused", "lunch", "officer2")
    assert (third["state"], third["officer"], third["ticket"]) == ("closed", None, None)
    land = shown["services"][0]
    assert (land["name"], land["issued"]) == ("Đất đai", 3)
    assert [(one["label"], one["priority"], one["since_ms"]) for one in land["waiting"]] == [
        ("A001", "elderly", 35_000)
    ]
    assert [(one["ticket"], one["since_ms"]) for one in shown["held"]] == [(held, 35_000)]
    assert [call["label"] for call in shown["last_calls"]] == ["A003", "A002"]


def test_snapshot_before_the_first_day(subject: Office) -> None:
    shown = snapshot(Hall(), subject.now, subject.rules)
    assert shown["day"] is None
    assert {counter["state"] for counter in shown["counters"]} == {"closed"}


def test_snapshot_shows_every_state(subject: Office) -> None:
    waiting, called, missed = subject.issue(), subject.issue(), subject.issue()
    subject.do(c.CallTicket("1", missed))
    subject.do(c.MarkNoShow("1"))
    subject.do(c.CallTicket("1", called))
    shown = snapshot(subject.hall, subject.now, subject.rules)
    assert shown["counters"][0]["ticket"]["state"] == "CALLED"
    assert [one["ticket"] for one in shown["no_show"]] == [missed]
    assert [one["ticket"] for one in shown["services"][0]["waiting"]] == [waiting]
