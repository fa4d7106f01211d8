"""Salvage, lost tails and clones: which new epochs are taken, and what two boxes with one key look like."""

import pytest
from sim_center import Center, kind, problem
from sim_center_device import SimDevice, SimEpoch, epoch_id

from appliance.wire.chain import After
from center.store.records import DeviceState

UNSEEN = After(epoch_id(0), 7, "a" * 64)


def state(center: Center) -> DeviceState:
    known = center.store.device("BOX-1")
    assert known is not None
    return known.state


def test_an_epoch_after_a_stored_event_is_taken(center: Center, box: SimDevice) -> None:
    old = box.epoch(1, events=5)
    center.send(old, 1, 5)
    new = box.epoch(2, after=old.point(5), events=3)
    assert kind(center.send(new, 1, 3)) == "receipt"
    stored = center.store.epoch("BOX-1", new.epoch)
    assert stored is not None
    assert (stored.after, stored.held_before, stored.opened_by) == (old.point(5), 5, box.key.kid)
    assert center.audit().is_complete


def test_an_epoch_is_taken_while_the_older_one_is_incomplete(center: Center, box: SimDevice) -> None:
    old = box.epoch(1, events=9)
    new = box.epoch(2, after=old.point(9), events=3)
    center.send(old, 1, 4)
    assert kind(center.send(new, 1, 3)) == "receipt"
    assert not center.audit().is_complete
    assert center.receipt(center.send(old, 5, 9)).upto == 9
    assert center.audit().is_complete


def test_an_epoch_after_an_unseen_one_is_taken_and_the_audit_says_so(center: Center, box: SimDevice) -> None:
    new = box.epoch(2, after=UNSEEN, events=3)
    assert kind(center.send(new, 1, 3)) == "receipt"
    assert not center.audit().is_complete
    assert f"events 1..7 are missing, which {new.epoch}" in center.audit().epochs[0].sentence()


@pytest.mark.parametrize("seq", [1, 3, 4, 5])
def test_an_epoch_after_another_event_than_the_stored_one_is_a_fork(
    center: Center, box: SimDevice, seq: int
) -> None:
    old = box.epoch(1, events=5)
    center.send(old, 1, 5)
    new = box.epoch(2, after=After(old.epoch, seq, "b" * 64), events=3)
    reply = center.send(new, 1, 3)
    assert kind(reply) == "fork"
    # Nothing of the new epoch is stored, so the stored branch is the older one's.
    assert (center.receipt(reply).epoch, center.receipt(reply).upto) == (old.epoch, 5)


def test_a_device_may_begin_a_second_chain_without_after(center: Center, box: SimDevice) -> None:
    for number in (1, 2):
        epoch = box.epoch(number, events=2)
        assert kind(center.send(epoch, 1, 2)) == "receipt"
    assert center.audit().is_complete


def test_the_same_epoch_id_of_another_device_is_another_epoch(center: Center, box: SimDevice) -> None:
    other = center.enrolled("BOX-2", "site-2")
    for one, count in ((box, 2), (other, 3)):
        epoch = one.epoch(1, events=count)
        assert center.receipt(center.send(epoch, 1, count)).upto == count


def test_a_lost_tail_goes_on_in_a_new_epoch_after_the_mark(center: Center, box: SimDevice) -> None:
    """The card lied: the center holds 1..10, the box came back with 1..6, ran on, and finds out."""
    old = box.epoch(1, events=10)
    center.send(old, 1, 10)
    ran_on = old.copy(6).grow(8, mark="b")
    assert kind(center.send(ran_on, 7, 14)) == "fork"
    new = box.epoch(2, after=old.point(6), events=4)
    assert kind(center.send(new, 1, 4)) == "receipt"
    assert center.reception.take_evidence(ran_on.sealed(7, 14)).status == 200
    assert state(center) is DeviceState.ACTIVE
    audit = center.audit()
    assert audit.is_complete
    assert "the box lost 7..10" in audit.epochs[0].sentence()
    assert (audit.epochs[0].evidence_batches, audit.epochs[0].evidence_events) == (1, 8)
    # What it holds of the old epoch may be sent again.
    assert center.receipt(center.send(old, 3, 6)).upto == 10


def test_a_salvaged_prefix_goes_on_being_sent_up_to_where_the_new_epoch_begins(
    center: Center, box: SimDevice
) -> None:
    old = box.epoch(1, events=12)
    center.send(old, 1, 3)
    new = box.epoch(2, after=old.point(12), events=4)
    assert kind(center.send(new, 1, 4)) == "receipt"
    for first, last in ((4, 7), (8, 12)):
        assert kind(center.send(old, first, last)) == "receipt"
    assert state(center) is DeviceState.ACTIVE
    assert center.audit().is_complete


def quarantined(center: Center, box: SimDevice, epoch: SimEpoch, first: int, last: int) -> str:
    """Send what shows the clone; everything after it is refused too, and nothing of it is stored."""
    before = {e.epoch: e.upto for e in center.store.epochs("BOX-1")}
    reply = center.send(epoch, first, last)
    assert (reply.status, kind(reply)) == (401, "unknown-key")
    assert state(center) is DeviceState.QUARANTINED
    again = center.send(epoch, first, last)
    assert kind(again) == "unknown-key"
    assert kind(center.send(box.epoch(9, events=1), 1, 1)) == "unknown-key"
    assert kind(center.reception.take_evidence(epoch.sealed(first, last))) == "unknown-key"
    assert {e.epoch: e.upto for e in center.store.epochs("BOX-1")} == before
    assert not center.audit().is_complete
    center.restart()
    assert kind(center.send(epoch, first, last)) == "unknown-key"
    detail = problem(again)["detail"]
    assert "quarantined" in detail
    assert "new claim" in detail
    return str(detail)


@pytest.mark.parametrize("held", [0, 5])
def test_two_successors_of_one_epoch_are_a_clone(center: Center, box: SimDevice, held: int) -> None:
    old = box.epoch(1, events=5)
    if held:
        center.send(old, 1, held)
    center.send(box.epoch(2, after=old.point(5), events=2), 1, 2)
    detail = quarantined(center, box, box.epoch(3, after=old.point(4), events=2), 1, 2)
    assert "two successors" in detail


def test_growth_beyond_the_successor_and_what_was_held_is_a_clone(center: Center, box: SimDevice) -> None:
    old = box.epoch(1, events=10)
    center.send(old, 1, 8)
    new = box.epoch(2, after=old.point(6), events=2)
    center.send(new, 1, 2)
    assert kind(center.send(old, 5, 8)) == "receipt"
    detail = quarantined(center, box, old, 7, 9)
    assert "grew to 9, beyond 6" in detail
    assert "beyond the 8 stored then" in detail


def test_growth_beyond_the_after_of_a_successor_that_came_first_is_a_clone(
    center: Center, box: SimDevice
) -> None:
    old = box.epoch(1, events=10)
    center.send(box.epoch(2, after=old.point(6), events=2), 1, 2)
    assert kind(center.send(old, 1, 6)) == "receipt"
    quarantined(center, box, old, 7, 7)


def test_an_older_epoch_that_contradicts_its_successor_is_a_fork(center: Center, box: SimDevice) -> None:
    old = box.epoch(1, events=6)
    new = box.epoch(2, after=old.point(5), events=2)
    center.send(new, 1, 2)
    other = old.copy(3).grow(2, mark="b")
    reply = center.send(other, 1, 5)
    assert kind(reply) == "fork"
    # Nothing of that epoch is stored: the stored branch is the one that contradicts it.
    assert center.receipt(reply).epoch == new.epoch
    assert kind(center.send(other, 1, 4)) == "receipt"
    assert center.receipt(center.send(other, 5, 5)).upto == 4
    assert kind(center.send(other, 5, 5)) == "fork"


def test_a_new_claim_ends_the_quarantine_for_the_box_that_gets_it(center: Center, box: SimDevice) -> None:
    """Box and clone went apart after 6; the real one is given a new claim and delivers everything it has."""
    old = box.epoch(1, events=10)
    center.send(old, 1, 8)
    clone = box.epoch(2, after=old.point(6), events=2)
    center.send(clone, 1, 2)
    quarantined(center, box, old, 9, 10)
    assert kind(center.enrol(box, center.claim())) == "bad-claim"
    renewed = SimDevice("BOX-1")
    assert center.enrol(renewed, center.claim()).status == 201
    assert state(center) is DeviceState.ACTIVE
    assert kind(center.send(clone.grow(1), 1, 3)) == "unknown-key"
    rest = old.copy(10, renewed.key)
    assert center.receipt(center.send(rest, 9, 10)).upto == 10
    new = renewed.epoch(3, after=old.point(10), events=2)
    assert kind(center.send(new, 1, 2)) == "receipt"
    assert "different keys" in center.audit().epochs[0].sentence()
    # Only the same key makes a clone; with this one, a second successor is one again.
    assert kind(center.send(renewed.epoch(4, after=old.point(9), events=2), 1, 2)) == "unknown-key"


def test_the_other_box_of_a_clone_may_be_the_one_that_goes_on(center: Center, box: SimDevice) -> None:
    old = box.epoch(1, events=10)
    center.send(old, 1, 8)
    new = box.epoch(2, after=old.point(6), events=2)
    center.send(new, 1, 2)
    quarantined(center, box, old, 9, 10)
    renewed = SimDevice("BOX-1")
    center.enrol(renewed, center.claim())
    assert center.receipt(center.send(new.copy(2, renewed.key).grow(3), 3, 5)).upto == 5
    third = renewed.epoch(3, after=new.point(2), events=2)
    assert kind(center.send(third, 1, 2)) == "receipt"
