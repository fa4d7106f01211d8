"""An office without a line: batches go by USB stick, receipts come back, the line finds nothing to do."""

import json
import shutil
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner
from world import DEVICE, TOML, World

from appliance.cli import ctl
from appliance.config import loads
from appliance.desk.commands import Tick
from appliance.office.root import Office, Surroundings
from appliance.queueing import commands as hall
from appliance.wire.batch import parse_file_name
from appliance.wire.jws import unverified_payload
from appliance.wire.keys import SigningKey
from appliance.wire.receipt import Receipt
from center import cli
from center.serve import CenterServer
from center.store.sqlite import SqliteStore
from provisioning.demo.scene import ScriptedCenterClock

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

DAY_MS = 86_400_000


class StickWorld(World):
    """A world whose line can be cut, and whose office has a place for a stick.

    Args:
        folder: an empty directory.
        usb_dir: where the stick is mounted; None leaves the setting out.
    """

    def __init__(self, folder, usb_dir):
        super().__init__(folder)
        self.base = folder
        self.usb_dir = usb_dir

    def open_office(self, folder=None):
        folder = folder or self.folder
        text = TOML.format(
            device=DEVICE,
            data=folder,
            center=self.center.url,
            thumbprint=self.center.keys.root_thumbprint,
            socket=self.run / f"{folder.name}.sock",
        ).replace("interval_s = 3600", "interval_s = 3600\nbatch_events = 20")
        if self.usb_dir is not None:
            text = text.replace("[uplink]", f'[uplink]\nusb_dir = "{self.usb_dir}"')
        self.office = Office.open(
            loads(text), text.encode(), Surroundings(system=self.time, deliver_every_s=3600)
        )
        self.offices.append(self.office)
        self.office._rounds.close()  # health would record that the line is late, at a moment of its own
        return self.office

    def cut_line(self):
        """Nobody answers any more; the center's store and keys stay."""
        self.center.stop()

    def mend_line(self):
        """The same center answers at the same address."""
        self.center = CenterServer.start(
            self.base / "center.db",
            self.base / "keys",
            port=self.center.port,
            clock=ScriptedCenterClock(self.time),
            next_after_s=3600,
        )
        self.stack.callback(self.center.stop)

    def ctl(self, *, code=0):
        """Do what the technician does at the box; return the answer, or the sentence of the refusal."""
        app = typer.Typer()
        ctl.register(app)
        result = CliRunner().invoke(app, ["ctl", "stick", "--socket", str(self.office.settings.api.socket)])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if code == 0 else result.stderr

    def at_center(self, folder, *, code=0):
        """Do what the operator does at the center; return the lines."""
        app = typer.Typer()
        cli.register(app)
        words = ["center", "import", folder, "--db", self.base / "center.db", "--keys", self.base / "keys"]
        result = CliRunner().invoke(app, [*map(str, words)])
        assert result.exit_code == code, result.output
        return result.stdout.splitlines()

    def serve(self, count, start=0):
        """Let people take numbers."""
        for number in range(start, start + count):
            self.ask(hall.IssueTicket(service="ho-tich", source="kiosk", request=f"r-{number}"))

    def marks(self):
        return {mark.epoch: mark.upto for mark in self.office.uplink.status().marks}

    def unreceipted(self):
        return self.office.uplink.status().unreceipted


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


@pytest.fixture
def world(tmp_path, stick):
    made = StickWorld(tmp_path, stick)
    yield made
    made.close()


@pytest.fixture
def offline(world):
    """An office that was enrolled, and then lost its line for good."""
    world.open_office()
    world.serve(3)
    world.deliver()
    world.cut_line()
    return world


def batches(folder):
    """Return the names of the batches on a stick, in the order of their events."""
    return sorted(
        (path.name for path in folder.glob("*.ndjson.gz")), key=lambda name: parse_file_name(name)[2]
    )


def test_a_day_goes_out_and_its_receipts_come_back_without_any_line(offline, stick):
    (epoch,) = offline.marks()
    before = offline.marks()[epoch]
    offline.serve(30, start=10)
    offline.time.advance(DAY_MS)
    offline.ask(Tick())
    offline.serve(5, start=100)
    assert offline.office.uplink.deliver_now().result(30).error is not None
    last = offline.office.desk.chain.seq
    out = offline.ctl()
    assert (out["written"], out["conflicts"], out["unreadable"]) == (batches(stick), [], [])
    assert out["counts"]["written"] == len(batches(stick)) > 1
    assert out["unreceipted"] == last - before > 35

    lines = offline.at_center(stick)
    assert lines[:-1] == [
        f"taken {name}: events 1..{parse_file_name(name)[3]} of this epoch are stored"
        for name in batches(stick)
    ]
    assert lines[-1] == f"receipt {DEVICE}-{epoch}-{last}.receipt: written"

    back = offline.ctl()
    assert (back["accepted"], back["refused"]) == ([f"{DEVICE}-{epoch}-{last}.receipt"], {})
    assert (back["written"], back["unreceipted"]) == ([], 0)
    assert offline.marks() == {epoch: last}
    assert batches(stick) == out["written"]  # nothing was taken away

    # The line returns: nothing is sent twice, nothing is wrong, and what is new goes on from the mark.
    offline.mend_line()
    store = offline.center.store
    assert store.last_batch(DEVICE, epoch).last == last
    outcome = offline.office.uplink.deliver_now().result(30)
    assert (outcome.error, outcome.delivered) == (None, 0)
    offline.serve(2, start=200)
    offline.deliver()
    assert store.last_batch(DEVICE, epoch).first == last + 1
    assert offline.held() == offline.kept()
    assert offline.verdict().is_complete
    again = offline.ctl()
    assert (again["written"], again["accepted"], again["refused"]) == ([], [], {})
    assert again["known"] == back["accepted"]


def test_work_goes_on_while_the_stick_travels_and_the_line_may_come_first(offline, stick):
    offline.serve(10, start=10)
    written = offline.ctl()["written"]
    offline.serve(10, start=30)
    offline.mend_line()
    offline.deliver()
    lines = offline.at_center(stick)  # beside the running server
    assert [line.partition(":")[0] for line in lines[:-1]] == [f"known {name}" for name in written]
    offline.serve(1, start=50)
    back = offline.ctl()
    assert (back["known"], back["accepted"], back["refused"]) == (
        [f"{DEVICE}-{epoch}-{upto}.receipt" for epoch, upto in offline.marks().items()],
        [],
        {},
    )
    offline.deliver()
    assert offline.held() == offline.kept()


def test_a_damaged_journal_s_epochs_both_travel_by_stick(offline, stick):
    offline.serve(40, start=10)
    offline.crash_office()
    path = offline.folder / "office.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    offline.open_office()
    offline.serve(3, start=100)
    out = offline.ctl()
    assert out["unreadable"] == []
    offline.at_center(stick)
    back = offline.ctl()
    assert (back["unreceipted"], back["refused"]) == (0, {})
    assert len(offline.marks()) == 2
    offline.mend_line()
    assert offline.verdict().is_complete
    assert offline.held() == offline.kept()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:400] + bytes([content[400] ^ 1]) + content[401:],
        lambda content: content[: len(content) // 2],
        lambda _content: b"",
        lambda content: content + b"and more",
    ],
    ids=["bit", "half", "empty", "longer"],
)
def test_a_damaged_batch_is_refused_by_name_and_a_new_stick_brings_it(offline, stick, damage):
    offline.serve(30, start=10)
    first, *rest = offline.ctl()["written"]
    path = stick / first
    path.write_bytes(damage(path.read_bytes()))
    held = CenterHeld(offline)
    lines = offline.at_center(stick, code=1)
    assert lines[0].startswith(f"refused {first}: urn:motcua:")
    assert [line.partition(":")[0] for line in lines[1 : 1 + len(rest)]] == [
        f"refused {name}" for name in rest
    ]
    assert all("urn:motcua:gap" in line for line in lines[1 : 1 + len(rest)])
    assert held.unchanged()
    # What is in the way is named at the box and left alone; moved away, the batch is written again.
    answer = offline.ctl()
    assert (answer["conflicts"], answer["present"]) == ([first], rest)
    path.rename(stick / "damaged")
    assert offline.ctl()["written"] == [first]
    offline.at_center(stick)
    assert offline.ctl()["unreceipted"] == 0


class CenterHeld:
    """What the center held at a moment, read from its file."""

    def __init__(self, world):
        self.world = world
        self.before = self._read()

    def unchanged(self):
        return self._read() == self.before

    def _read(self):
        store = SqliteStore.open_reader(self.world.base / "center.db")
        try:
            return [(epoch.epoch, epoch.upto, epoch.head) for epoch in store.epochs(DEVICE)]
        finally:
            store.close()


def test_renamed_and_foreign_batches_are_refused_by_name(offline, stick):
    offline.serve(30, start=10)
    first, second, *_ = offline.ctl()["written"]
    foreign = second.replace(DEVICE, "xa-khac-1")
    shutil.copy(stick / second, stick / foreign)
    shutil.copy(stick / second, stick / f"Copy of {second}")
    held = CenterHeld(offline)
    shutil.copy(stick / second, stick / first)  # the second under the first one's name
    lines = offline.at_center(stick, code=1)
    refused = {
        name: why for name, _, why in (line.removeprefix("refused ").partition(": ") for line in lines)
    }
    assert f"it holds {second}" in refused[first]
    assert f"it holds {second}" in refused[foreign]
    assert "its name is not that of a batch" in refused[f"Copy of {second}"]
    assert held.unchanged()
    assert offline.ctl()["unreceipted"] == 30


def test_receipts_that_do_not_count_are_refused_by_name_and_move_nothing(offline, stick):
    (epoch,) = offline.marks()
    offline.serve(5, start=10)
    offline.ctl()
    offline.at_center(stick)
    (old,) = stick.glob("*.receipt")
    offline.ctl()
    offline.serve(5, start=20)
    offline.ctl()
    travelling = stick.with_name("travelling")
    shutil.copytree(stick, travelling)
    offline.at_center(travelling)
    (new,) = set(travelling.glob("*.receipt")) - {travelling / old.name}
    mark, last = offline.marks()[epoch], offline.office.desk.chain.seq
    token = new.read_text("ascii")
    right = Receipt.from_json(unverified_payload(token))
    foreign = replace(right, device="xa-khac-1")
    cases = {
        f"{DEVICE}-{epoch}-{last}.receipt": token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
        f"{DEVICE}-{epoch}-{last + 1}.receipt": token[: len(token) // 2],
        f"{DEVICE}-{epoch}-{last + 2}.receipt": "",
        f"{DEVICE}-{epoch}-{last + 3}.receipt": right.sign(SigningKey.generate()),
        f"{DEVICE}-{epoch}-{last + 4}.receipt": foreign.sign(offline.center.keys.receipts),
        f"{DEVICE}-{epoch[:-1]}{'0' if epoch[-1] != '0' else '1'}-{last}.receipt": token,
    }
    for name, content in cases.items():
        (stick / name).write_text(content, encoding="ascii")
    (stick / foreign.file_name).write_text(foreign.sign(offline.center.keys.receipts), encoding="ascii")
    answer = offline.ctl()
    assert set(answer["refused"]) == set(cases)
    assert (answer["accepted"], answer["known"]) == ([], [old.name])  # an old one says nothing new
    assert foreign.file_name not in json.dumps(answer)  # another box's: the stick visits many
    assert offline.marks() == {epoch: mark}
    assert answer["lost_tail"] is False
    # The right one still counts afterwards.
    shutil.copy(new, stick / new.name)
    assert offline.ctl()["accepted"] == [new.name]
    assert offline.marks() == {epoch: last}


def test_a_stick_pulled_while_it_was_written_is_written_again(offline, stick):
    offline.serve(30, start=10)
    written = offline.ctl()["written"]
    whole = (stick / written[0]).read_bytes()
    (stick / written[0]).unlink()
    (stick / f"{written[0]}.new").write_bytes(whole[: len(whole) // 3])
    (stick / f"{DEVICE}-leftover.ndjson.gz.new").write_bytes(b"of another day")
    answer = offline.ctl()
    assert (answer["written"], answer["present"]) == ([written[0]], written[1:])
    assert not (stick / f"{written[0]}.new").exists()
    (stick / f"{written[0]}.new").write_bytes(b"half")  # and the center does not look at halves
    assert len(offline.at_center(stick)) == len(written) + 1
    assert offline.ctl()["unreceipted"] == 0


def test_a_stick_that_cannot_be_written_is_a_named_error_and_nothing_is_lost(offline, stick):
    offline.serve(5, start=10)
    stick.rmdir()
    for prepare in (lambda: None, lambda: stick.write_bytes(b"no folder")):
        prepare()
        told = offline.ctl(code=1)
        assert "[uplink.stick]" in told
        assert str(stick) in told
    assert offline.unreceipted() > 0
    stick.unlink()
    stick.mkdir()
    offline.ctl()
    offline.at_center(stick)
    assert offline.ctl()["unreceipted"] == 0


def test_before_the_first_enrolment_the_box_says_that_it_needs_a_line_once(world, stick):
    world.cut_line()
    world.open_office()
    world.serve(2)
    assert "must be enrolled once over a line" in world.ctl(code=1)
    assert list(stick.iterdir()) == []
    world.mend_line()
    world.deliver()
    world.cut_line()
    world.serve(2, start=10)
    assert len(world.ctl()["written"]) == 1


def test_without_the_setting_the_box_says_which_one(tmp_path):
    world = StickWorld(tmp_path, None)
    try:
        world.open_office()
        told = world.ctl(code=1)
        assert "[uplink.no_stick]" in told
        assert "uplink.usb_dir" in told
    finally:
        world.close()
