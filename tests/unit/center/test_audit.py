import orjson
import pytest
from sim_center import Center
from sim_center_device import SimDevice, SimEpoch

from appliance.wire.canonical import canonical
from appliance.wire.event import line_hash
from center.ancestry import by_ancestry, export_lines


def delivered(center: Center, box: SimDevice) -> SimEpoch:
    epoch = box.epoch(events=20)
    center.send(epoch, 1, 8)
    center.send(epoch, 9, 20)
    return epoch


def sentences(center: Center) -> list[str]:
    return list(center.audit().sentences())


def tamper(center: Center, sql: str, *values: object) -> None:
    """Change the database as somebody with sqlite3 would."""
    with center.store.transaction():
        center.store._db._db.execute(sql, values)


def test_a_complete_device_says_so_with_its_head(center: Center, box: SimDevice) -> None:
    epoch = delivered(center, box)
    assert sentences(center) == [f"BOX-1 {epoch.epoch} 1..20 complete, head {epoch.hash_at(20)}"]
    assert center.audit().is_complete


def test_a_device_that_never_sent_says_so(center: Center, box: SimDevice) -> None:
    assert sentences(center) == [f"{box.device} nothing received yet"]
    assert center.audit().is_complete


def test_missing_events_are_named(center: Center, box: SimDevice) -> None:
    first = box.epoch(1, events=30)
    second = box.epoch(2, after=first.point(30), events=9)
    third = box.epoch(3, after=second.point(9), events=3)
    center.send(first, 1, 10)
    center.send(third, 1, 3)
    missing = f"events 1..9 are missing, which {third.epoch} says it follows"
    assert sentences(center) == [
        f"BOX-1 {second.epoch} nothing held, incomplete; {missing}",
        f"BOX-1 {first.epoch} 1..10 complete, head {first.hash_at(10)}",
        f"BOX-1 {third.epoch} 1..3 complete, head {third.hash_at(3)}",
    ]
    center.send(second, 1, 4)
    assert [epoch.verdict for epoch in center.audit().epochs] == ["incomplete", "incomplete", "complete"]
    center.send(first, 11, 30)
    center.send(second, 5, 9)
    assert center.audit().is_complete


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "UPDATE event SET line = CAST(replace(line, 'test.7', 'test.8') AS BLOB) WHERE seq = 7",
            "event 8 does not hold",
        ),
        (
            "UPDATE event SET line = CAST(replace(line, 'test.20', 'test.21') AS BLOB) WHERE seq = 20",
            "lines end with 20",
        ),
        ("UPDATE event SET hash = zeroblob(32) WHERE seq = 5", "the hash kept beside event 5 is not its own"),
        ("DELETE FROM event WHERE seq = 6", "event 6 does not hold"),
        ("DELETE FROM event WHERE seq > 18", "events 19..20 were lost from the store"),
        ("UPDATE epoch SET upto = 19", "the register says 19"),
        ("UPDATE epoch SET last_at = '2026-11-23T08:00:09.000000Z'", "the register says 20"),
        ("UPDATE event SET line = CAST('{}' AS BLOB) WHERE seq = 1", "event 1 does not hold"),
        ("DELETE FROM batch", "no signed batch covers these events"),
        ("DELETE FROM batch WHERE last_seq = 20", "the last signed batch ends with 8, not with 20"),
        ("UPDATE batch SET token = 'a.b.c'", "the signature kept of the last batch does not hold"),
        ("UPDATE epoch SET after_epoch = epoch, after_seq = 1, after_hash = head", "event 1 does not hold"),
    ],
)
def test_tampering_is_found(center: Center, box: SimDevice, sql: str, said: str) -> None:
    epoch = delivered(center, box)
    tamper(center, sql)
    audit = center.audit()
    [found] = audit.epochs
    assert (audit.is_complete, found.verdict) == (False, "damaged")
    assert said in found.sentence()
    assert f"head {epoch.hash_at(20)}" not in found.sentence() or found.upto == 20


def test_a_rewritten_chain_is_found_by_the_signature(center: Center, box: SimDevice) -> None:
    """Whoever rewrites every line, hash and mark still cannot sign for the box."""
    epoch = delivered(center, box)
    forged = epoch.copy(10).grow(10, mark="forged")
    for seq, line in enumerate(forged.lines, 1):
        digest = bytes.fromhex(line_hash(line))
        tamper(center, "UPDATE event SET line = ?, hash = ? WHERE seq = ?", line, digest, seq)
    tamper(center, "UPDATE epoch SET head = ?", forged.hash_at(20))
    [found] = center.audit().epochs
    assert found.verdict == "damaged"
    assert "the last signed batch" in found.sentence()


def test_an_event_the_wire_refuses_is_damage_even_with_a_matching_hash(
    center: Center, box: SimDevice
) -> None:
    epoch = delivered(center, box)
    event = orjson.loads(epoch.lines[19])
    line = canonical({**event, "clock": "sundial"})
    tamper(center, "UPDATE event SET line = ?, hash = ? WHERE seq = 20", line, bytes.fromhex(line_hash(line)))
    assert "clock" in center.audit().epochs[0].sentence()


def test_a_joint_that_does_not_fit_is_damage(center: Center, box: SimDevice) -> None:
    old = box.epoch(1, events=5)
    new = box.epoch(2, after=old.point(5), events=2)
    center.send(old, 1, 5)
    center.send(new, 1, 2)
    other = old.copy(4).grow(1, mark="b")
    line = other.lines[4]
    tamper(
        center,
        "UPDATE event SET line = ?, hash = ? WHERE epoch_id = 1 AND seq = 5",
        line,
        bytes.fromhex(line_hash(line)),
    )
    assert "follows another event 5 than the stored one" in center.audit().epochs[0].sentence()


def test_the_json_says_the_same(center: Center, box: SimDevice) -> None:
    epoch = delivered(center, box)
    assert center.audit().to_json() == {
        "device": "BOX-1",
        "site": "site-1",
        "role": "office",
        "state": "active",
        "reason": "",
        "complete": True,
        "epochs": [
            {
                "epoch": epoch.epoch,
                "upto": 20,
                "head": epoch.hash_at(20),
                "verdict": "complete",
                "findings": [],
                "evidence": {"batches": 0, "events": 0},
            }
        ],
    }


def test_the_export_follows_ancestry_not_the_names_of_epochs(center: Center, box: SimDevice) -> None:
    """A box whose clock stood in 1970 names its newer epoch as if it were older."""
    old = box.epoch(9, events=3)
    new = box.epoch(1, after=old.point(3), events=2)
    apart = box.epoch(5, events=1)
    for epoch in (new, apart, old):
        center.send(epoch, 1, len(epoch.lines))
    expected = [line + b"\n" for epoch in (apart, old, new) for line in epoch.lines]
    assert list(export_lines(center.store, "BOX-1")) == expected
    assert list(export_lines(center.store, "BOX-1", new.epoch)) == expected[4:]
    assert list(export_lines(center.store, "BOX-2")) == []


def test_epochs_that_nothing_binds_come_by_age_whatever_order_they_are_given_in(
    center: Center, box: SimDevice
) -> None:
    for number in (1, 2, 3, 4):
        center.send(box.epoch(number, events=1), 1, 1)
    epochs = center.store.epochs("BOX-1")
    shuffled = [epochs[n] for n in (2, 0, 3, 1)]
    assert by_ancestry(shuffled) == epochs


def test_no_epoch_is_left_out_even_of_a_circle(center: Center, box: SimDevice) -> None:
    first = box.epoch(1, events=1)
    second = box.epoch(2, after=first.point(1), events=1)
    center.send(first, 1, 1)
    center.send(second, 1, 1)
    tamper(
        center,
        "UPDATE epoch SET after_epoch = ?, after_seq = 1, after_hash = head WHERE id = 1",
        second.epoch,
    )
    assert [epoch.epoch for epoch in by_ancestry(center.store.epochs("BOX-1"))] == [first.epoch, second.epoch]


def test_a_long_epoch_is_read_in_pieces(center: Center, box: SimDevice) -> None:
    epoch = box.epoch(events=2_500)
    center.send(epoch, 1, 2_500)
    assert center.held(epoch) == epoch.lines
    assert center.audit().epochs[0].upto == 2_500
