"""What a card may hold after a cut: exactly the durable, and any part of the rest."""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from crash_points import SECTOR, Card, Fate, Plan, Window, is_faithful, lying, plan, replay
from hand_made_log import HandMade, filled
from sparse import copy_sparse
from write_log import WriteLog

SECTORS = 32
WHOLE = Card(Window(0, SECTORS * SECTOR))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base"
    path.write_bytes(filled("-", SECTORS))
    return path


def disks(log: Path, base: Path, card: Card, plans: list[Plan]) -> list[str]:
    """Return each cut's disk, a letter for a sector, ``?`` for one that is a mixture."""
    folder = base.parent / "work"
    folder.mkdir(exist_ok=True)
    with WriteLog.open(log) as opened:
        return [letters(point.image.read_bytes()) for point in replay(opened, base, card, plans, folder)]


def letters(data: bytes) -> str:
    pieces = [data[at : at + SECTOR] for at in range(0, len(data), SECTOR)]
    return "".join(chr(piece[0] or ord("0")) if len(set(piece)) == 1 else "?" for piece in pieces)


def cut(boundary: int, at: int, fate: Fate, seed: str = "1") -> list[Plan]:
    return [Plan(0, boundary, at, fate, seed)]


def test_a_boundary_is_exactly_what_was_durable(tmp_path: Path, base: Path):
    log = HandMade().write(0, filled("a", 3)).flush().write(1, filled("b")).flush().write(2, filled("c"))
    path = log.save(tmp_path / "log")
    plans = [Plan(0, 1, 1, Fate.BOUNDARY, ""), Plan(1, 3, 3, Fate.BOUNDARY, "")]
    assert [disk[:5] for disk in disks(path, base, WHOLE, plans)] == ["aaa--", "aba--"]


def test_none_and_all_of_what_was_pending(tmp_path: Path, base: Path):
    log = HandMade().write(0, filled("a")).flush().write(1, filled("b")).write(0, filled("c")).discard(2, 1)
    path = log.save(tmp_path / "log")
    assert disks(path, base, WHOLE, cut(1, 4, Fate.NONE))[0][:4] == "a---"
    assert disks(path, base, WHOLE, cut(1, 4, Fate.ALL))[0][:4] == "cb0-"
    assert disks(path, base, WHOLE, cut(1, 2, Fate.ALL))[0][:4] == "ab--"


def test_what_does_not_wait_for_a_flush_is_never_lost(tmp_path: Path, base: Path):
    path = HandMade().write(0, filled("a")).fua(1, filled("b")).save(tmp_path / "log")
    for fate in Fate:
        for seed in "12345":
            assert disks(path, base, WHOLE, cut(-1, 1, fate, seed))[0][1] == "b"


def test_some_are_whole_and_shuffled_ones_may_overtake(tmp_path: Path, base: Path):
    log = HandMade().write(0, filled("a", 4)).write(2, filled("b", 4)).write(4, filled("c", 4))
    path = log.save(tmp_path / "log")
    some = {disks(path, base, WHOLE, cut(-1, 2, Fate.SOME, str(seed)))[0][:8] for seed in range(60)}
    assert some == {
        "--------",
        "aaaa----",
        "--bbbb--",
        "----cccc",
        "aabbbb--",
        "aaaacccc",
        "--bbcccc",
        "aabbcccc",
    }
    shuffled = {disks(path, base, WHOLE, cut(-1, 2, Fate.SHUFFLED, str(seed)))[0][:8] for seed in range(99)}
    assert {"aaaabb--", "aaaabbcc", "aabbbbcc"} <= shuffled


def test_a_sector_is_old_or_new_however_a_write_is_torn(tmp_path: Path, base: Path):
    path = HandMade().write(0, filled("a", 8)).save(tmp_path / "log")
    torn = Counter(disks(path, base, WHOLE, cut(-1, 0, Fate.TORN, str(seed)))[0][:8] for seed in range(200))
    assert all(set(disk) <= {"a", "-"} for disk in torn)
    assert {"--------", "aaaaaaaa", "aaa-----"} <= torn.keys()
    assert any("-a" in disk for disk in torn)
    assert len(torn) > 30


def test_only_the_window_is_replayed(tmp_path: Path):
    base = tmp_path / "base"
    base.write_bytes(filled("-", 4))
    log = HandMade().write(0, filled("x", 9)).write(9, filled("a", 2)).write(13, filled("b", 9)).flush()
    card = Card(Window(10 * SECTOR, 4 * SECTOR))
    path = log.save(tmp_path / "log")
    assert disks(path, base, card, cut(3, 3, Fate.BOUNDARY)) == ["a--b"]


def test_a_card_that_lies_loses_what_it_said_was_durable(tmp_path: Path, base: Path):
    path = HandMade().write(0, filled("a")).flush().write(1, filled("b")).flush().save(tmp_path / "log")
    card = Card(WHOLE.window, frozenset({3}))
    assert disks(path, base, card, cut(1, 3, Fate.NONE))[0][:2] == "a-"
    with WriteLog.open(path) as log:
        assert lying(log, WHOLE.window, 1.0, 1).lies == {1, 3}
        assert (1, 3) in {
            (each.boundary, each.at) for each in plan(log, card, 20, 1) if each.fate is Fate.NONE
        }


def long_log(path: Path) -> Path:
    made = HandMade()
    for number in range(40):
        made.write(number % SECTORS, filled("a")).write((number * 7) % SECTORS, filled("b")).flush()
    return made.save(path)


def test_plans_are_the_same_for_a_seed_and_cover_every_boundary(tmp_path: Path):
    with WriteLog.open(long_log(tmp_path / "log")) as log:
        first, again, other = (plan(log, WHOLE, 100, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert [each.number for each in first] == list(range(100))
    assert {each.boundary for each in first if each.fate is Fate.BOUNDARY} == set(range(2, 120, 3))
    assert {each.fate for each in first} == set(Fate)
    assert all(each.at == each.boundary for each in first if each.fate is Fate.BOUNDARY)
    assert all(0 < each.at - each.boundary <= 2 for each in first if each.fate is not Fate.BOUNDARY)


def test_one_pass_gives_what_each_cut_alone_gives(tmp_path: Path, base: Path):
    path = long_log(tmp_path / "log")
    with WriteLog.open(path) as log:
        plans = plan(log, WHOLE, 60, 3)
    assert disks(path, base, WHOLE, plans) == [disks(path, base, WHOLE, [each])[0] for each in plans]


def test_nothing_to_cut_is_said(tmp_path: Path):
    with (
        WriteLog.open(HandMade().flush().save(tmp_path / "log")) as log,
        pytest.raises(ValueError, match="nothing was written"),
    ):
        plan(log, WHOLE, 5, 1)


def test_a_log_that_is_not_the_disk_is_found(tmp_path: Path, base: Path):
    path = HandMade().write(1, filled("a")).save(tmp_path / "log")
    disk = tmp_path / "disk"
    disk.write_bytes(filled("-") + filled("a") + filled("-", SECTORS - 2))
    assert is_faithful(path, base, disk)
    disk.write_bytes(filled("-", SECTORS))
    assert not is_faithful(path, base, disk)


def test_copies_keep_holes_and_parts(tmp_path: Path):
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as file:
        file.truncate(64 << 20)
        file.seek(5 << 20)
        file.write(b"x" * 5000)
    copy_sparse(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_blocks * 512 < 1 << 20
    copy_sparse(source, target, (5 << 20) + 4096, 2 << 20)
    assert target.read_bytes() == b"x" * 904 + bytes((2 << 20) - 904)
    copy_sparse(source, target, 63 << 20, 9 << 20)
    assert target.read_bytes() == bytes(9 << 20)
