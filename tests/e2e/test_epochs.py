"""Damage, old copies and clones: the counter goes on, and the right story reaches the center."""

import shutil
import sqlite3

import orjson
import pytest
from world import DEVICE, World

from appliance.desk.commands import Tick
from appliance.journal.aside import asides
from appliance.queueing import commands as hall

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def issue(world, count, start=0, office=None):
    """Issue numbers with request ids; return label by request."""
    told = {}
    for number in range(start, start + count):
        request = f"r-{number}"
        answer = world.ask(hall.IssueTicket(service="ho-tich", source="kiosk", request=request), office)
        told[request] = answer.result["label"]
    return told


def center_has_all(world):
    """What the box still can deliver is there; the center may hold more, from before the damage."""
    held, kept = world.held(), world.kept()
    assert held.keys() == kept.keys()
    for epoch, lines in kept.items():
        assert held[epoch][: len(lines)] == lines


def kinds(lines):
    return [orjson.loads(line)["kind"] for line in lines]


def test_a_truncated_journal_goes_on_in_a_new_epoch_and_the_center_has_the_prefix(world):
    world.open_office()
    told = issue(world, 60)
    world.crash_office()
    path = world.folder / "office.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    office = world.open_office()
    (aside,) = asides(world.folder)
    assert 0 < aside.upto < 62
    more = issue(world, 5, start=100)
    world.deliver()
    center_has_all(world)
    assert world.verdict().is_complete
    first, second = world.held().values()
    assert kinds(second)[0] == "day.opened"
    assert "journal.salvaged" in kinds(second)
    assert len(first) >= aside.upto
    # Whoever holds a number that survived keeps it, nobody gets one again, and the loss is told, not hidden.
    salvaged = next(event for line in second if (event := orjson.loads(line))["kind"] == "journal.salvaged")
    assert salvaged["data"]["upto"] == aside.upto
    assert not set(more.values()) & {orjson.loads(line)["data"].get("label") for line in first}
    assert set(more.values()).isdisjoint(
        ticket.label for ticket in office.desk.state.hall.tickets.values() if ticket.key not in _keys(second)
    )
    assert told


def _keys(lines):
    return {
        event["data"]["ticket"] for line in lines if (event := orjson.loads(line))["kind"] == "ticket.issued"
    }


def test_a_flipped_bit_in_a_line_keeps_all_numbers_unique(world):
    world.open_office()
    told = issue(world, 40)
    world.crash_office()
    with sqlite3.connect(world.folder / "office.db") as db:
        db.execute("UPDATE event SET line = CAST(replace(line, 'A015', 'A016') AS BLOB) WHERE seq = 20")
    db.close()
    world.open_office()
    more = issue(world, 10, start=100)
    assert not set(told.values()) & set(more.values())
    # The requests of before still get their first answer: the legible rest of the file was folded.
    again = world.ask(hall.IssueTicket(service="ho-tich", source="kiosk", request="r-39"))
    assert again.result["label"] == told["r-39"]
    world.deliver()
    center_has_all(world)
    assert world.verdict().is_complete


def test_an_older_copy_restored_opens_an_epoch_after_the_mark_and_tells_of_it(world):
    world.open_office()
    issue(world, 10)
    world.crash_office()
    shutil.copy(world.folder / "office.db", world.folder.parent / "older.db")
    world.open_office()
    issue(world, 10, start=50)
    world.deliver()
    before = world.held()
    world.crash_office()
    shutil.copy(world.folder.parent / "older.db", world.folder / "office.db")
    world.open_office()
    issue(world, 3, start=80)
    world.deliver()
    held = world.held()
    assert world.verdict().is_complete
    (first,) = before
    assert held[first] == before[first]
    (second,) = set(held) - {first}
    assert not _keys(held[first]) & _keys(held[second])  # the copy did not know of the last ten numbers
    faults = [
        event["data"] for line in held[second] if (event := orjson.loads(line))["kind"] == "device.fault"
    ]
    assert {"issue": "rolled_back", "subject": first} in faults


def test_a_whole_card_restored_is_found_by_the_center_and_the_fork_kept_as_evidence(world):
    """Receipts and all are old: only the center knows better."""
    world.open_office()
    issue(world, 10)
    world.deliver()
    world.crash_office()
    shutil.copytree(world.folder, world.folder.parent / "image")
    world.open_office()
    issue(world, 10, start=50)
    world.deliver()
    before = world.held()
    world.crash_office()
    shutil.rmtree(world.folder)
    shutil.copytree(world.folder.parent / "image", world.folder)
    world.time.advance(60_000)
    world.open_office()
    told = issue(world, 4, start=80)
    world.deliver()
    held = world.held()
    (first,) = before
    assert held[first] == before[first]
    (second,) = set(held) - {first}
    assert kinds(held[second])[0] == "day.opened"
    (evidence,) = world.center.store.evidence(DEVICE)
    assert evidence.epoch == first
    # The people of the forked branch are still in the hall: their tickets were carried over.
    events = [orjson.loads(line) for line in held[second]]
    there = {
        event["data"]["label"] for event in events if event["kind"] in {"ticket.carried", "ticket.issued"}
    }
    assert set(told.values()) <= there
    (aside,) = asides(world.folder)
    assert aside.evidence_sent


def test_two_boxes_with_one_key_are_found_and_keep_recording(world):
    world.open_office()
    issue(world, 5)
    world.deliver()
    world.crash_office()
    copy = world.folder.parent / "copy"
    shutil.copytree(world.folder, copy)
    one = world.open_office()
    other = world.open_office(copy)
    for turn in range(4):
        for number, office in enumerate((one, other)):
            issue(world, 3, start=1000 * (number + 1) + 10 * turn, office=office)
            office.uplink.deliver_now().result(30)
    verdict = world.verdict()
    assert not verdict.is_complete
    assert any("quarantine" in sentence for sentence in verdict.sentences())
    # Both go on recording, and say why nothing is taken.
    for number, office in enumerate((one, other)):
        issue(world, 2, start=5000 * (number + 1), office=office)
        assert any(fault[0] == "key_refused" for fault in office.desk.state.faults)
        assert office.desk.recording_stopped is None


def test_a_new_claim_after_a_quarantine_makes_a_new_key_and_delivers_again(world):
    test_two_boxes_with_one_key_are_found_and_keep_recording(world)
    world.close_office()
    world.claim(world.folder)
    office = world.open_office()
    issue(world, 3, start=9000)
    world.deliver()
    world.ask(Tick())  # whatever the uplink left at the desk is recorded before this is answered
    assert not any(fault[0] == "key_refused" for fault in office.desk.state.faults)


def test_an_unknown_kind_from_newer_software_passes_through(world):
    from appliance.desk.commands import Record
    from appliance.wire.event import Draft

    world.open_office()
    world.ask(Record(Draft("lift.arrived", {"floor": 3})))
    world.deliver()
    (lines,) = world.held().values()
    assert "lift.arrived" in kinds(lines)
