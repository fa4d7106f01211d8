from collections import deque
from pathlib import Path

import pytest
from sim_uplink import DEVICE_KEY, STRANGER_KEY, Kit, SimCenter, SimOffice, fresh_epoch, receipt

from appliance.journal.journal import Mark
from appliance.uplink.errors import StickError
from appliance.wire.batch import Batch, decompress, open_batch, parse_file_name


@pytest.fixture
def kit(office: SimOffice, center: SimCenter) -> Kit:
    return Kit(office, center)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "stick"
    path.mkdir()
    return path


def opened(folder: Path) -> list[Batch]:
    """Return the batches on a stick, in order of epoch and range."""
    paths = sorted(folder.glob("*.ndjson.gz"), key=lambda p: parse_file_name(p.name) or ())
    return [
        open_batch(decompress([path.read_bytes()]), lambda _kid, _payload: DEVICE_KEY.public)
        for path in paths
    ]


def carry(folder: Path, center: SimCenter, *, upto: int | None = None) -> None:
    """Take the batches to the center and bring back its receipts."""
    for batch in opened(folder):
        center.take(batch)
    for epoch, lines in center.stored.items():
        seq = upto or len(lines)
        name = f"BOX-1-{epoch}-{seq}.receipt"
        (folder / name).write_text(center.receipt(epoch, seq), encoding="ascii")


def test_everything_travels_by_stick_and_back(kit: Kit, folder: Path) -> None:
    office = kit.office.grow(6)
    old = office.epoch
    office.new_epoch(Mark(old, 6, office.hash_at(6)))
    office.grow(5)
    done = kit.stick.export(folder)
    assert done.written == [path.header.file_name for path in opened(folder)]
    assert sorted(done.written) == sorted(path.name for path in folder.iterdir())
    carry(folder, kit.center)
    assert kit.center.check(office.epoch) == office.last
    back = kit.stick.import_receipts(folder)
    assert len(back.accepted) == 2
    assert (kit.mark(old), kit.mark()) == (6, office.last)
    assert all(not live for _, live in office.accepted)
    kit.restart()
    assert (kit.mark(old), kit.mark()) == (6, office.last)
    assert kit.stick.export(folder).written == []
    assert kit.stick.import_receipts(folder).known == sorted(back.accepted)


def test_what_arrives_by_line_and_by_stick_is_stored_once(kit: Kit, folder: Path) -> None:
    kit.office.grow(7)
    kit.stick.export(folder)
    kit.center.script = deque(["honest", "lost_answer"])
    kit.delivery.run()
    carry(folder, kit.center)
    kit.stick.import_receipts(folder)
    assert kit.center.check(kit.office.epoch) == 7
    assert kit.mark() == 7


def test_the_same_events_again_leave_the_files_alone(kit: Kit, folder: Path) -> None:
    kit.office.grow(6)
    first = kit.stick.export(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    kit.office.time.advance(60_000)
    again = kit.stick.export(folder)
    assert (again.written, again.present, again.conflicts) == ([], first.written, [])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_another_content_is_never_overwritten(kit: Kit, folder: Path) -> None:
    kit.office.grow(2)
    name = kit.stick.export(folder).written[0]
    (folder / name).write_bytes(b"somebody's holiday photos")
    done = kit.stick.export(folder)
    assert (done.conflicts, done.written, done.present) == ([name], [], [])
    assert (folder / name).read_bytes() == b"somebody's holiday photos"


def test_an_export_leaves_no_halves_on_a_stick_that_was_pulled(kit: Kit, tmp_path: Path) -> None:
    kit.office.grow(2)
    with pytest.raises(StickError, match="try another stick"):
        kit.stick.export(tmp_path / "absent")
    with pytest.raises(StickError):
        kit.stick.import_receipts(tmp_path / "absent")


def test_receipts_of_other_boxes_are_passed_over(kit: Kit, folder: Path) -> None:
    kit.office.grow(3)
    epoch = kit.office.epoch
    (folder / f"BOX-2-{epoch}-3.receipt").write_text("x", encoding="ascii")
    (folder / "readme.txt").write_text("x", encoding="ascii")
    (folder / f"BOX-1-{epoch}-2.receipt").mkdir()
    (folder / f"BOX-1-{epoch}-1.receipt").symlink_to("/dev/zero")
    done = kit.stick.import_receipts(folder)
    assert (done.accepted, done.known, done.refused) == ([], [], {})


def test_a_receipt_is_judged_as_on_the_line(kit: Kit, folder: Path) -> None:
    kit.office.grow(5)
    epoch = kit.office.epoch
    head = kit.office.hash_at(3)
    cases = {
        f"BOX-1-{epoch}-3.receipt": receipt(epoch, 3, head, key=STRANGER_KEY),
        f"BOX-1-{epoch}-4.receipt": receipt(epoch, 3, head, device="BOX-2"),
        f"BOX-1-{epoch}-5.receipt": "garbage",
        f"BOX-1-{epoch}-6.receipt": "x" * 70_000,
        f"BOX-1-{epoch}-0.receipt": receipt(epoch, 0, ""),
        f"BOX-1-{fresh_epoch()}-3.receipt": receipt(epoch, 3, head),
    }
    for name, content in cases.items():
        (folder / name).write_text(content, encoding="ascii")
    done = kit.stick.import_receipts(folder)
    assert done.accepted == []
    assert done.refused.keys() == cases.keys()
    assert kit.mark() == 0
    assert not done.lost_tail


def test_a_receipt_for_another_branch_tells_the_lost_tail(kit: Kit, folder: Path) -> None:
    kit.office.grow(5)
    epoch = kit.office.epoch
    (folder / f"BOX-1-{epoch}-9.receipt").write_text(receipt(epoch, 9, "f" * 64), encoding="ascii")
    done = kit.stick.import_receipts(folder)
    assert done.lost_tail
    assert kit.office.lost == [Mark(epoch, 0, "")]
    assert kit.office.epoch != epoch
    # Again: the epoch is set aside already.
    kit.stick.import_receipts(folder)
    assert len(kit.office.asides()) == 1


def test_an_unreadable_epoch_does_not_keep_the_others_from_the_stick(kit: Kit, folder: Path) -> None:
    office = kit.office.grow(3)
    old = office.epoch
    office.new_epoch(Mark(old, 3, office.hash_at(3)))
    office.grow(2)
    (office.folder / "aside" / office.asides()[0].moved).write_bytes(b"no database" * 500)
    done = kit.stick.export(folder)
    assert done.unreadable == [old]
    assert {batch.header.epoch for batch in opened(folder)} == {office.epoch}
