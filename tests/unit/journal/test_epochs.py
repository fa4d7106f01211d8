"""What becomes of a journal whose file is damaged, behind its receipts, or gone."""

import random
import shutil
import sqlite3
import zlib

import pytest

from appliance.journal.aside import ROLLED_BACK, SALVAGED, asides, write_plan
from appliance.journal.audit import audit
from appliance.journal.epochs import _examine
from appliance.journal.source import sources


def whole(box, count=200):
    box.open()
    staged = box.fill(count)
    box.close()
    return staged


def lines_of(box):
    return {source.epoch: list(source.all_lines()) for source in sources(box.folder)}


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_anywhere_loses_nothing_silently(box, seed):
    staged = whole(box)
    epoch = staged[0].event.epoch
    path = box.folder / "office.db"
    data = bytearray(path.read_bytes())
    dice = random.Random(seed)
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    path.write_bytes(bytes(data))
    opened = box.open()
    if opened.journal.chain.epoch == epoch:
        # The flip hit nothing that is verified at the start: free space, or a header field SQLite ignores.
        assert opened.journal.chain.seq == 201
        assert all(report.damage is None for report in audit(box.folder))
        return
    (aside,) = asides(box.folder)
    assert aside.reason == SALVAGED
    kept = list(sources(box.folder)[0].all_lines()) if aside.upto else []
    assert kept == [one.line for one in staged[: aside.upto]]
    after = opened.journal.genesis.after
    assert (after is None) == (aside.upto == 0)
    if after is not None:
        assert (after.epoch, after.seq, after.hash) == (epoch, aside.upto, aside.head)
    kinds = [draft.kind for draft in opened.story]
    assert kinds == ["journal.salvaged", "device.fault"]
    assert opened.story[0].data["epoch"] == epoch
    assert opened.story[0].data["upto"] + opened.story[0].data["unreadable"] >= aside.last


@pytest.mark.parametrize("part", [0, 1, 3, 10, 40, 60, 90, 99])
def test_a_truncated_file_keeps_its_longest_prefix(box, part):
    staged = whole(box)
    path = box.folder / "office.db"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * part // 100])
    opened = box.open()
    (aside,) = asides(box.folder)
    kept = list(sources(box.folder)[0].all_lines()) if aside.upto else []
    assert kept == [one.line for one in staged[: len(kept)]]
    if part >= 10:  # the tables' first pages are there
        assert 201 * (part - 10) // 100 <= len(kept) < 201
    assert opened.journal.chain.epoch != staged[0].event.epoch
    assert opened.story[0].kind == "journal.salvaged"


def rewrite(box, seq, old, new):
    """Alter one line as someone would who knows the file and its checksums."""
    with sqlite3.connect(box.folder / "office.db") as db:
        (line,) = db.execute("SELECT line FROM event WHERE seq = ?", (seq,)).fetchone()
        altered = line.replace(old, new)
        assert altered != line
        db.execute("UPDATE event SET line = ?, crc = ? WHERE seq = ?", (altered, zlib.crc32(altered), seq))
    db.close()


def test_an_altered_line_in_the_middle_ends_the_prefix_before_it(box):
    staged = whole(box)
    rewrite(box, 100, b"A099", b"B099")
    opened = box.open()
    (aside,) = asides(box.folder)
    assert aside.upto == 99
    assert opened.journal.genesis.after.seq == 99
    assert opened.history[-1].seq == 99
    assert [event.seq for event in opened.tail] == list(range(100, 202))
    assert staged[-1].event.data["ticket"] == opened.tail[-1].data["ticket"]


def test_a_flipped_bit_in_the_very_last_line_is_seen(box):
    whole(box, 5)
    with sqlite3.connect(box.folder / "office.db") as db:
        db.execute("UPDATE event SET line = CAST(replace(line, 'A005', 'A004') AS BLOB) WHERE seq = 6")
    db.close()
    opened = box.open()
    assert opened.journal.genesis.after.seq == 5
    assert opened.story[0].data["unreadable"] == 1


def test_an_older_copy_restored_is_seen_by_its_receipts(box):
    whole(box, 20)
    older = box.folder.with_name("older.db")
    shutil.copy(box.folder / "office.db", older)
    box.open()
    box.fill(30)
    mark = box.mark(40)
    box.close()
    shutil.copy(older, box.folder / "office.db")
    opened = box.open((mark,))
    (aside,) = asides(box.folder)
    assert aside.reason == ROLLED_BACK
    after = opened.journal.genesis.after
    assert (after.epoch, after.seq, after.hash) == (mark.epoch, 40, mark.head)
    assert [draft.data["issue"] for draft in opened.story] == ["rolled_back"]
    assert opened.history[-1].seq == 21
    assert aside.forked is None  # the copy has nothing that the center lacks


def test_a_branch_beyond_the_mark_is_kept_as_evidence(box):
    whole(box, 20)
    older = box.folder.with_name("older.db")
    shutil.copy(box.folder / "office.db", older)
    box.open()
    box.fill(5)
    mark = box.mark(25)
    box.close()
    shutil.copy(older, box.folder / "office.db")
    box.open()
    box.time.advance(5_000)
    box.fill(30)
    box.close()
    box.open((mark,))
    (aside,) = asides(box.folder)
    assert aside.forked == (26, 52)


def test_the_file_is_gone_but_receipts_remain(box):
    whole(box, 20)
    box.open()
    mark = box.mark(15)
    box.close()
    for name in ("office.db", "office.db-wal", "office.db-shm"):
        (box.folder / name).unlink(missing_ok=True)
    opened = box.open((mark,))
    after = opened.journal.genesis.after
    assert (after.epoch, after.seq) == (mark.epoch, 15)
    assert opened.story[0].kind == "journal.salvaged"


def test_everything_is_gone_and_a_new_life_begins(box):
    whole(box, 20)
    for path in box.folder.iterdir():
        path.unlink()
    opened = box.open()
    assert opened.fresh
    assert opened.journal.genesis.after is None


def damage(box):
    staged = whole(box, 60)
    path = box.folder / "office.db"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE event SET line = 'x' WHERE seq = 50")
    db.close()
    return staged


@pytest.mark.parametrize(
    ("moved", "half_made"),
    [
        ((), False),
        (("-wal",), False),
        (("-wal", "-shm"), False),
        (("-wal", "-shm", ""), False),
        # The next file is begun only after the last move.
        (("-wal", "-shm", ""), True),
    ],
)
def test_a_power_cut_while_setting_aside_is_a_restart(box, moved, half_made):
    """The plan is durable, some files have moved, the next epoch may be half made: go on from there."""
    staged = damage(box)
    epoch = staged[0].event.epoch
    # A live WAL beside the file, as after SIGKILL.
    (box.folder / "office.db-wal").write_bytes(b"")
    found = _examine(box.folder, None, SALVAGED)
    write_plan(box.folder, found.aside)
    for suffix in moved:
        source = box.folder / f"office.db{suffix}"
        if source.exists():
            source.rename(box.folder / "aside" / f"{epoch}.db{suffix}")
    if half_made:
        (box.folder / "office.db").write_bytes(b"")
    opened = box.open()
    assert opened.journal.chain.epoch != epoch
    assert opened.journal.genesis.after.seq == 49
    assert [event.seq for event in opened.history] == list(range(1, 50))
    (aside,) = asides(box.folder)
    assert (aside.epoch, aside.upto, aside.reason) == (epoch, 49, SALVAGED)
    assert [len(list(source.all_lines())) for source in sources(box.folder)] == [49, 0]


def test_a_cut_between_the_new_file_and_its_sidecar_keeps_the_new_file(box):
    damage(box)
    opened = box.open()
    box.fill(3)
    second = opened.journal.chain.epoch
    box.close()
    old = sources(box.folder)[0].genesis.line() + b"\n"
    (box.folder / "office.genesis").write_bytes(old)  # as if the sidecar had never been rewritten
    again = box.open()
    assert again.journal.chain.epoch == second
    assert again.journal.chain.seq == 4
    assert [source.epoch for source in sources(box.folder)][-1] == second


def test_damage_upon_damage_makes_a_chain_of_epochs(box):
    damage(box)
    box.open()
    box.fill(10)
    box.close()
    with sqlite3.connect(box.folder / "office.db") as db:
        db.execute("DELETE FROM event WHERE seq = 6")
    db.close()
    opened = box.open()
    first, second = asides(box.folder)
    assert opened.journal.genesis.after.epoch == second.epoch
    assert opened.journal.genesis.after.seq == 5
    assert second.epoch > first.epoch
