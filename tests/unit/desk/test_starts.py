"""Starts that find something half done, locked, or spoiled where it hurts most."""

import os
import sqlite3

import pytest
from sim_desk import DEVICE, START_US, SimBox, check_journal, let_go_of_the_cache

from appliance.clock import entropy
from appliance.journal.aside import ROLLED_BACK, SALVAGED, asides
from appliance.journal.audit import audit
from appliance.journal.database import PAGE_BYTES
from appliance.journal.epochs import set_aside
from appliance.queueing.commands import CallNext, OpenCounter
from appliance.wire.event import new_epoch


def busy(box: SimBox) -> None:
    for _ in range(5):
        box.issue()
    box.ask(OpenCounter(counter="q1", officer="lan"))
    box.ask(CallNext(counter="q1"))


@pytest.mark.parametrize("reason", [SALVAGED, ROLLED_BACK])
def test_power_cut_before_the_opening_events_of_an_epoch_keeps_the_hall(box: SimBox, reason: str) -> None:
    busy(box)
    old, mark = box.desk.state, box.mark()
    box.stop()
    epoch = new_epoch(START_US, entropy(10))
    set_aside(box.folder, DEVICE, mark, lambda: epoch, reason).journal.close()
    box.start()
    assert box.desk.state.epoch == epoch
    assert set(box.desk.state.hall.tickets) == set(old.hall.tickets)
    assert box.desk.state.hall.posts["q1"].ticket == "2026-11-23/A/1"
    assert box.issue().result["label"] == "A006"
    issues = [event.data["issue"] for event in box.events() if event.kind == "device.fault"]
    assert issues == ["journal_damaged" if reason == SALVAGED else "rolled_back"]
    check_journal(box)


def test_file_that_is_locked_at_the_start_is_not_taken_for_damaged(box: SimBox) -> None:
    """A technician's own sqlite3 shell has it open."""
    busy(box)
    epoch = box.desk.state.epoch
    box.stop()
    other = sqlite3.connect(box.folder / "office.db")
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    other.execute("PRAGMA user_version = 3")
    box.start()
    assert box.desk.recording_stopped is not None
    assert "locked" in box.desk.recording_stopped
    other.rollback()
    other.close()
    assert box.issue().result["label"] == "A006"
    assert (box.desk.state.epoch, asides(box.folder)) == (epoch, [])
    check_journal(box)


def test_spoiled_page_of_the_genesis_costs_no_event(box: SimBox) -> None:
    busy(box)
    old = box.desk.state
    box.stop()
    path = box.folder / "office.db"
    with sqlite3.connect(path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'epoch'").fetchone()
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(b"\xa5" * PAGE_BYTES)
    box.start()
    assert box.issue().result["label"] == "A006"
    (aside,) = asides(box.folder)
    assert (aside.epoch, aside.upto) == (old.epoch, old.seq)
    check_journal(box)
    assert next(report.last for report in audit(box.folder)) == old.seq


def test_audit_reports_an_epoch_of_which_nothing_is_left(box: SimBox) -> None:
    busy(box)
    let_go_of_the_cache(box.folder)
    (box.folder / "office.db").write_bytes(os.urandom(8 * PAGE_BYTES))
    assert box.issue().result["label"] == "A006"
    gone, current = audit(box.folder)
    assert (gone.last, current.damage) == (0, None)
    assert gone.damage
