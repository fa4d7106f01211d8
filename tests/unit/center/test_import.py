"""``motcua center import``: batches are judged as those of the line, and receipts lie beside them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from sim_center import Center, FixedClock
from sim_center_device import SimDevice, SimEpoch
from typer.testing import CliRunner, Result

from appliance.wire.batch import MAX_BYTES, compress
from appliance.wire.receipt import Receipt
from center import cli
from center.answers import signed
from center.keys import CenterKeys

Take = Callable[..., list[str]]


@pytest.fixture
def center(tmp_path: Path):
    subject = Center(tmp_path, keys=CenterKeys.open(tmp_path / "keys"))
    yield subject
    subject.store.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def invoke(*words: object) -> Result:
    app = typer.Typer()
    cli.register(app)
    return CliRunner().invoke(app, ["center", "import", *map(str, words)])


@pytest.fixture
def take(center: Center, stick: Path) -> Take:
    """Import beside the open store of a running center; return the lines."""

    def run(*, code: int = 0) -> list[str]:
        result = invoke(stick, "--db", center.db, "--keys", center.folder / "keys")
        assert result.exit_code == code, result.output
        assert result.stderr == ""
        return result.stdout.splitlines()

    return run


def put(stick: Path, epoch: SimEpoch, first: int, last: int, *, name: str | None = None) -> str:
    """Write a batch as a box does and return its name."""
    name = name or f"{epoch.device}-{epoch.epoch}-{first}-{last}.ndjson.gz"
    (stick / name).write_bytes(epoch.sealed(first, last))
    return name


def receipts(center: Center, stick: Path) -> dict[str, Receipt]:
    """Return the receipts on a stick, verified as a box does."""
    found = {}
    for path in stick.glob("*.receipt"):
        receipt = center.receipt(signed(path.read_text("ascii")))
        assert path.name == receipt.file_name
        found[path.name] = receipt
    return found


def of(epoch: SimEpoch, upto: int) -> str:
    return f"{epoch.device}-{epoch.epoch}-{upto}.receipt"


def test_batches_are_taken_and_one_receipt_for_each_epoch_lies_beside_them(center, box, stick, take):
    other = center.enrolled("BOX-2", "site-2").epoch(5, events=3)
    epoch = box.epoch(1, events=9)
    names = [put(stick, epoch, 1, 4), put(stick, epoch, 5, 9), put(stick, other, 1, 3)]
    before = {path.name: path.read_bytes() for path in stick.iterdir()}
    lines = take()
    assert [line.partition(":")[0] for line in lines] == [
        *(f"taken {name}" for name in names),
        f"receipt {of(epoch, 9)}",
        f"receipt {of(other, 3)}",
    ]
    assert center.held(epoch) == epoch.lines
    assert center.held(other) == other.lines
    found = receipts(center, stick)
    assert {name: receipt.head for name, receipt in found.items()} == {
        of(epoch, 9): epoch.hash_at(9),
        of(other, 3): other.hash_at(3),
    }
    # Nothing is taken away, nothing half-written is left.
    after = {path.name: path.read_bytes() for path in stick.iterdir() if path.name not in found}
    assert after == before


def test_the_same_stick_again_changes_nothing_and_is_good(center, box, stick, take):
    epoch = box.epoch(1, events=9)
    names = [put(stick, epoch, 1, 4), put(stick, epoch, 5, 9)]
    take()
    assert take() == [
        *(f"known {name}: events 1..9 of this epoch are stored" for name in names),
        f"receipt {of(epoch, 9)}: written",
    ]
    assert center.held(epoch) == epoch.lines
    assert receipts(center, stick).keys() == {of(epoch, 9)}


def test_what_the_line_brought_meanwhile_is_known_and_an_overlap_is_taken(center, box, stick, take):
    epoch = box.epoch(1, events=9)
    center.send(epoch, 1, 5)
    known, overlap = put(stick, epoch, 1, 3), put(stick, epoch, 3, 9)
    assert [line.partition(":")[0] for line in take()][:2] == [f"known {known}", f"taken {overlap}"]
    assert center.held(epoch) == epoch.lines


def test_numbers_are_ordered_as_numbers_so_that_no_gap_arises(center, box, stick, take):
    epoch = box.epoch(1, events=120)
    for first in range(1, 120, 8):  # 9-16 sorts after 105-112 as text
        put(stick, epoch, first, first + 7)
    assert all(line.startswith(("taken", "receipt")) for line in take())
    assert center.held(epoch) == epoch.lines
    assert receipts(center, stick).keys() == {of(epoch, 120)}


def test_an_epoch_comes_after_the_one_it_follows_though_its_id_is_older(center, box, stick, take):
    """A box whose clock woke up in the past: taken the other way round it would look like a clone."""
    older = box.epoch(9, events=8)
    newer = box.epoch(1, after=older.point(6), events=2)
    names = [put(stick, older, 1, 8), put(stick, newer, 1, 2)]
    lines = take()
    assert [line.partition(":")[0] for line in lines[:2]] == [f"taken {name}" for name in names]
    assert center.audit().is_complete


def test_a_gap_is_refused_and_the_receipt_says_what_is_there(center, box, stick, take):
    epoch = box.epoch(1, events=9)
    center.send(epoch, 1, 2)
    name = put(stick, epoch, 5, 9)
    lines = take(code=1)
    assert lines[0] == f"refused {name}: urn:motcua:gap: events 3 to 4 are missing"
    assert receipts(center, stick).keys() == {of(epoch, 2)}


def test_no_receipt_is_written_for_nothing(box, stick, take):
    name = put(stick, box.epoch(1, events=9), 5, 9)
    assert take(code=1) == [f"refused {name}: urn:motcua:gap: events 1 to 4 are missing"]
    assert list(stick.glob("*.receipt*")) == []


def test_a_fork_is_refused_and_the_receipt_is_that_of_the_stored_branch(center, box, stick, take):
    epoch = box.epoch(1, events=6)
    center.send(epoch, 1, 6)
    name = put(stick, epoch.copy(3).grow(5, mark="other"), 1, 8)
    assert take(code=1)[0].startswith(f"refused {name}: urn:motcua:fork: ")
    assert center.held(epoch) == epoch.lines
    assert receipts(center, stick)[of(epoch, 6)].head == epoch.hash_at(6)
    assert center.store.evidence("BOX-1") == []


def damaged(box: SimDevice, stick: Path) -> dict[str, str]:
    """Lay out files that must not be taken; return the pattern of the reason by name."""
    epoch = box.epoch(1, events=12)
    flipped = put(stick, epoch, 1, 3)
    content = bytearray((stick / flipped).read_bytes())
    content[len(content) // 2] ^= 4
    (stick / flipped).write_bytes(content)
    cut = put(stick, epoch, 1, 4)
    (stick / cut).write_bytes((stick / cut).read_bytes()[:-20])
    empty = put(stick, epoch, 1, 5)
    (stick / empty).write_bytes(b"")
    altered = put(stick, epoch, 1, 6)
    (stick / altered).write_bytes(compress(epoch.plain(1, 6).replace(b"test.2", b"test.9")))
    renamed = put(stick, epoch, 1, 7, name=f"BOX-1-{epoch.epoch}-1-8.ndjson.gz")
    misnamed = put(stick, epoch, 1, 9, name="Copy of batch.ndjson.gz")
    another = put(stick, epoch, 1, 10, name=f"BOX-2-{epoch.epoch}-1-10.ndjson.gz")
    stranger = put(stick, SimDevice("BOX-9").epoch(4, events=2), 1, 2)
    thief = put(stick, SimDevice("BOX-1").epoch(5, events=2), 1, 2)
    huge = f"BOX-1-{epoch.epoch}-1-11.ndjson.gz"
    with (stick / huge).open("wb") as file:
        file.truncate(MAX_BYTES * 2)
    bomb = f"BOX-1-{epoch.epoch}-1-12.ndjson.gz"
    (stick / bomb).write_bytes(compress(bytes(MAX_BYTES + 1)))
    folder = f"BOX-1-{epoch.epoch}-2-3.ndjson.gz"
    (stick / folder).mkdir()
    link = f"BOX-1-{epoch.epoch}-2-4.ndjson.gz"
    (stick / link).symlink_to("/dev/zero")
    return {
        flipped: "urn:motcua:(malformed|bad-signature): ",
        cut: "urn:motcua:malformed: .*cut short",
        empty: "urn:motcua:malformed: .*cut short",
        altered: "urn:motcua:bad-signature: .*line 3",
        renamed: "urn:motcua:malformed: it holds .*-1-7.ndjson.gz",
        misnamed: "urn:motcua:malformed: its name",
        another: "urn:motcua:malformed: it holds BOX-1-",
        stranger: "urn:motcua:unknown-key: ",
        thief: "urn:motcua:unknown-key: ",
        huge: "urn:motcua:too-large: ",
        bomb: "urn:motcua:too-large: ",
        folder: "urn:motcua:malformed: not a plain file",
        link: "urn:motcua:malformed: not a plain file",
    }


def test_each_damaged_or_foreign_file_is_refused_by_name_and_the_good_ones_are_taken(
    center, box, stick, take
):
    expected = damaged(box, stick)
    good = box.epoch(2, events=4)
    name = put(stick, good, 1, 4)
    lines = take(code=1)
    assert f"taken {name}: events 1..4 of this epoch are stored" in lines
    assert receipts(center, stick).keys() == {of(good, 4)}
    refused = dict(
        line.removeprefix("refused ").split(": ", 1) for line in lines if line.startswith("refused ")
    )
    assert refused.keys() == expected.keys()
    for each, pattern in expected.items():
        assert re.match(pattern, refused[each]), (each, refused[each])
    assert [epoch.epoch for epoch in center.store.epochs("BOX-1")] == [good.epoch]


def test_drafts_receipts_and_other_people_s_files_are_passed_over(center, box, stick, take):
    epoch = box.epoch(1, events=4)
    name = put(stick, epoch, 1, 4)
    (stick / f"{name}.new").write_bytes(b"half")
    (stick / f"._{name}").write_bytes(b"what a Mac leaves")
    (stick / "photos.zip").write_bytes(b"x")
    (stick / of(epoch, 2)).write_text("an old one", encoding="ascii")
    assert len(take()) == 2
    assert (stick / of(epoch, 2)).read_text("ascii") == "an old one"
    assert (stick / f"{name}.new").read_bytes() == b"half"


def test_a_name_cannot_write_to_the_terminal(stick, take):
    (stick / "a\x1b[2J\nb.ndjson.gz").write_bytes(b"")
    assert take(code=1)[0].startswith("refused a?[2J?b.ndjson.gz: ")


def test_a_half_written_receipt_is_replaced_and_a_link_is_not_followed(center, box, stick, take, tmp_path):
    epoch = box.epoch(1, events=4)
    put(stick, epoch, 1, 4)
    (stick / f"{of(epoch, 4)}.new").write_bytes(b"half" * 999)
    (stick / of(epoch, 4)).write_bytes(b"ha")
    take()
    assert receipts(center, stick).keys() == {of(epoch, 4)}
    assert not list(stick.glob("*.new"))
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (stick / f"{of(epoch, 4)}.new").symlink_to(precious)
    assert take(code=1)[-1].startswith(f"unwritten {of(epoch, 4)}: ")
    assert precious.read_bytes() == b"precious"
    assert receipts(center, stick).keys() == {of(epoch, 4)}


def test_a_receipt_that_cannot_be_written_is_named_and_comes_with_the_next_stick(center, box, stick, take):
    epoch = box.epoch(1, events=4)
    put(stick, epoch, 1, 4)
    (stick / of(epoch, 4)).mkdir()
    assert take(code=1)[-1].startswith(f"unwritten {of(epoch, 4)}: Is a directory")
    assert center.held(epoch) == epoch.lines
    (stick / of(epoch, 4)).rmdir()
    take()
    assert receipts(center, stick).keys() == {of(epoch, 4)}


def test_a_retired_key_is_refused_as_on_the_line(center, box, stick, take):
    from center.register import retire_key

    name = put(stick, box.epoch(1, events=4), 1, 4)
    with center.store.transaction():
        retire_key(center.store, box.key.kid, "stolen", FixedClock().now())
    assert take(code=1)[0].startswith(f"refused {name}: urn:motcua:unknown-key: ")


def test_an_empty_stick_is_no_error(take):
    assert take() == []


def test_another_name_of_the_center_is_the_one_in_the_receipts(center, box, stick):
    put(stick, box.epoch(1, events=4), 1, 4)
    words = (stick, "--db", center.db, "--keys", center.folder / "keys")
    assert invoke(*words, "--name", "province-01").exit_code == 0
    assert [receipt.center for receipt in receipts(center, stick).values()] == ["province-01"]
    assert invoke(*words, "--name", "no id").exit_code == 2


def test_a_mistyped_path_makes_neither_a_store_nor_keys(center, stick, tmp_path):
    keys, db = center.folder / "keys", center.db
    (tmp_path / "empty").mkdir()
    for words, sentence in (
        ((stick, "--db", tmp_path / "other.db", "--keys", keys), "check --db"),
        ((stick, "--db", db, "--keys", tmp_path / "none"), "no keys are there"),
        ((stick, "--db", db, "--keys", tmp_path / "empty"), "no keys are there"),
        ((tmp_path / "absent", "--db", db, "--keys", keys), "Invalid value for"),
        ((db, "--db", db, "--keys", keys), "Invalid value for"),
    ):
        result = invoke(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert sentence in result.stderr
    assert not (tmp_path / "other.db").exists()
    assert not (tmp_path / "none").exists()
    assert list((tmp_path / "empty").iterdir()) == []
