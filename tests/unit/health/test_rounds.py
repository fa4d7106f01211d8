import threading
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from sim_desk import WAIT_S, SimBox
from well_box import WELL

from appliance.desk.commands import ClearFault, ReportFault, Tick
from appliance.health.facts import Facts
from appliance.health.rounds import Rounds

DISK, LATE = ("disk_space", ""), ("uplink_late", "")


class ScriptedOffice:
    """An office whose open issues are what it was told."""

    def __init__(self) -> None:
        self.open: set[tuple[str, str]] = {("button_stuck", "rating.1.1")}
        self.told: list[tuple[str, str, str]] = []
        self.heard = threading.Event()

    def open_issues(self) -> Collection[tuple[str, str]]:
        return set(self.open)

    def raise_issue(self, key: str, subject: str) -> None:
        self.open.add((key, subject))
        self.told.append(("raised", key, subject))
        self.heard.set()

    def clear_issue(self, key: str, subject: str) -> None:
        self.open.discard((key, subject))
        self.told.append(("cleared", key, subject))


class Gathering:
    """Facts that a test may change."""

    def __init__(self) -> None:
        self.facts = WELL
        self.failures = 0

    def __call__(self) -> Facts:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk does not answer")
        return self.facts


def test_what_changed_is_told_once() -> None:
    office, gathering = ScriptedOffice(), Gathering()
    rounds = Rounds(gathering, office)
    for facts in (
        WELL,
        replace(WELL, free_bytes=0),
        replace(WELL, free_bytes=0),
        replace(WELL, free_bytes=0, unreceipted=1, silent_ms=10**9),
        replace(WELL, unreceipted=1, silent_ms=10**9, addresses=()),
        WELL,
        WELL,
    ):
        gathering.facts = facts
        rounds._round()
    assert office.told[0] == ("raised", *DISK)
    assert office.told[1] == ("raised", *LATE)
    assert set(office.told[2:5]) == {
        ("raised", "uplink_late", "no_address"),
        ("cleared", *DISK),
        ("cleared", *LATE),
    }
    assert office.told[5:] == [("cleared", "uplink_late", "no_address")]
    assert office.open == {("button_stuck", "rating.1.1")}  # not ours to clear


def test_issue_left_open_before_a_restart_is_cleared() -> None:
    office = ScriptedOffice()
    office.open.add(DISK)
    Rounds(Gathering(), office)._round()
    assert office.told == [("cleared", *DISK)]


def test_unrecorded_issues_are_shown_and_not_told() -> None:
    office, gathering = ScriptedOffice(), Gathering()
    gathering.facts = replace(WELL, recording_stopped="full")
    rounds = Rounds(gathering, office)
    rounds._round()
    assert office.told == []
    assert [issue.key for issue in rounds.now()] == ["recording_stopped"]


def test_first_round_is_at_once_and_closing_is_prompt() -> None:
    office, gathering = ScriptedOffice(), Gathering()
    gathering.facts = replace(WELL, free_bytes=0)
    rounds = Rounds.open(gathering, office)
    assert office.heard.wait(WAIT_S)
    rounds.close()
    assert office.told == [("raised", *DISK)]


def test_round_that_fails_does_not_end_the_rounds(quiet: list[dict[str, object]]) -> None:
    gathering = Gathering()
    gathering.failures = 1
    rounds = Rounds.open(gathering, ScriptedOffice())
    rounds.close()
    assert [entry["event"] for entry in quiet] == ["health.round_failed"]
    assert rounds.now() == []


class DeskOffice:
    """The port over a real desk."""

    def __init__(self, box: SimBox) -> None:
        self._box = box

    def open_issues(self) -> Collection[tuple[str, str]]:
        return set(self._box.desk.state.faults)

    def raise_issue(self, key: str, subject: str) -> None:
        self._box.desk.post(ReportFault(key, subject))

    def clear_issue(self, key: str, subject: str) -> None:
        self._box.desk.post(ClearFault(key, subject))


def test_issues_are_in_the_journal_once(tmp_path: Path) -> None:
    box = SimBox(tmp_path)
    box.start()
    gathering = Gathering()
    gathering.facts = replace(WELL, free_bytes=0)
    for _ in range(2):
        rounds = Rounds(gathering, DeskOffice(box))
        rounds._round()
        rounds._round()
        box.ask(Tick())
        box.restart()
    gathering.facts = WELL
    Rounds(gathering, DeskOffice(box))._round()
    box.ask(Tick())
    assert [event.kind for event in box.events() if event.data.get("issue") == "disk_space"] == [
        "device.fault",
        "device.cleared",
    ]
    box.stop()
