"""A box dies; another one goes on from its stick, with the same numbers, under a new key."""

import shutil
import subprocess
import sys
import time
import uuid

import orjson
import pytest
from world import DEVICE, World

from appliance.backup.errors import ClaimSpentError, DataInTheWayError, NoBackupError, RestoreUnfinishedError
from appliance.backup.layout import device_folder
from appliance.clock import ScriptedTime
from appliance.desk.commands import Tick
from appliance.journal.aside import asides
from appliance.office.restoring import RESTORING, restore
from appliance.queueing import commands as hall
from appliance.queueing.errors import NumbersGivenError

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    (tmp_path / "stick").mkdir()
    yield made
    made.close()


@pytest.fixture
def stick(tmp_path):
    return tmp_path / "stick"


@pytest.fixture
def spare(tmp_path):
    return tmp_path / "spare"


def issue(world, count, start=0, office=None, service="ho-tich"):
    """Issue numbers; return their labels in order."""
    return [
        world.ask(hall.IssueTicket(service=service, source="kiosk", request=f"r-{start + n}"), office).result[
            "label"
        ]
        for n in range(count)
    ]


def lines_on(stick):
    """The lines on the stick, by epoch."""
    return {path.stem: path.read_bytes() for path in device_folder(stick, DEVICE).glob("*.ndjson")}


def followed(world, stick, office=None):
    """Wait until the stick has every line of the box."""
    office = office or world.office
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        kept = {e: b"".join(line + b"\n" for line in lines) for e, lines in world.kept(office.folder).items()}
        if lines_on(stick) == kept and (device_folder(stick, DEVICE) / "office.genesis").exists():
            return
        time.sleep(0.05)
    raise AssertionError("the stick never followed")


def die(world):
    """End the box without its stick: what it still does is not on it."""
    world.crash_office()


def restored(world, stick, spare, claim=None):
    done = restore(stick, spare, claim or world.make_claim(), world.time)
    world.time.reboot(str(uuid.uuid4()))
    return done


def events(lines):
    return [orjson.loads(line) for line in lines]


def issued(lines):
    return [event["data"]["label"] for event in events(lines) if event["kind"] == "ticket.issued"]


def test_a_spare_goes_on_with_the_numbers_the_people_and_what_the_center_lacks(world, stick, spare):
    world.open_office(stick=stick)
    world.ask(hall.OpenCounter(counter="quay-1", officer="lan", request="o-1"))
    first = issue(world, 7)
    world.deliver()
    other = issue(world, 3, start=20, service="dat-dai")
    world.ask(hall.CallNext(counter="quay-1", officer="lan", request="c-1"))
    followed(world, stick)
    before = world.kept()
    die(world)

    done = restored(world, stick, spare)
    assert sorted(done.state.hall.numbers.items()) == [("A", 8), ("B", 4)]
    office = world.open_office(spare)
    assert office.desk.state.hall.posts["quay-1"].officer == "lan"
    assert {ticket.label for ticket in office.desk.state.hall.tickets.values()} == {*first, *other}
    assert issue(world, 2, start=50) == ["A008", "A009"]
    assert issue(world, 1, start=60, service="dat-dai") == ["B004"]
    world.deliver()

    (old,) = before
    held = world.held()
    assert held[old] == before[old]
    (new,) = set(held) - {old}
    assert new == done.epoch
    assert world.center.store.epoch(DEVICE, new).after.seq == len(before[old])
    assert world.verdict().is_complete
    told = events(held[new])
    assert told[0]["kind"] == "day.opened"
    assert told[0]["data"]["source"] == "epoch"
    assert {"issue": "restored", "subject": old} in [e["data"] for e in told if e["kind"] == "device.fault"]
    given = issued(held[old]) + issued(held[new])
    assert len(given) == len(set(given)) == 13
    # Nothing was sent twice: the receipts came along, and the new key began behind them.
    batch = world.center.store.last_batch(DEVICE, old)
    assert batch.first == batch.stored_from
    assert batch.kid == world.center.store.epoch(DEVICE, new).opened_by


def test_a_stick_that_lacks_the_last_seconds_ends_in_evidence_and_a_complete_audit(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 5)
    world.deliver()
    followed(world, stick)
    issue(world, 2, start=10)
    followed(world, stick)
    shutil.copytree(stick, stick.parent / "pulled")
    issue(world, 3, start=20)
    world.deliver()  # the center knows more than the stick that was pulled a moment ago
    before = world.held()
    die(world)

    restored(world, stick.parent / "pulled", spare)
    office = world.open_office(spare)
    issue(world, 2, start=50)
    world.deliver()
    world.ask(Tick())
    (old,) = before
    held = world.held()
    assert held[old] == before[old]
    assert len(held) == 2
    assert world.verdict().is_complete
    assert ("rolled_back", old) in office.desk.state.faults
    assert asides(spare)[0].evidence_sent
    assert office.uplink.status().error is None


def test_a_torn_stick_is_cut_and_the_rest_goes_on(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 6)
    followed(world, stick)
    die(world)
    (path,) = device_folder(stick, DEVICE).glob("*.ndjson")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b'"label":"A006"') + 5])
    (path.parent / "receipts.jws").unlink(missing_ok=True)  # nothing else tells that there was more

    done = restored(world, stick, spare)
    world.open_office(spare)
    assert issue(world, 1, start=50) == ["A006"]
    # The citizen with A006 of the old box comes to the desk: numbers go on behind what people hold.
    with pytest.raises(NumbersGivenError):
        world.ask(hall.ResumeDay(labels=("A003",), request="d-1"))
    world.ask(hall.ResumeDay(labels=("A011", "B002"), request="d-2"))
    assert issue(world, 1, start=60) == ["A012"]
    assert issue(world, 1, start=61, service="dat-dai") == ["B003"]
    world.deliver()
    assert world.verdict().is_complete
    assert len(world.held()[done.after.epoch]) >= done.after.seq


def test_a_receipt_tells_of_numbers_that_a_torn_stick_lost(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 6)
    world.deliver()
    world.close_office()
    (path,) = device_folder(stick, DEVICE).glob("*.ndjson")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b'"label":"A006"') + 5])

    done = restored(world, stick, spare)
    (old,) = world.held()
    assert (done.after.epoch, done.after.seq) == (old, len(world.held()[old]))
    world.open_office(spare)
    number = int(issue(world, 1, start=50)[0][1:])
    assert 7 <= number <= 9  # a gap that everybody sees is better than two people with one number
    world.deliver()
    assert world.verdict().is_complete


def test_a_bad_spot_on_the_stick_costs_no_number_twice(world, stick, spare):
    world.open_office(stick=stick)
    given = issue(world, 8)
    followed(world, stick)
    die(world)
    (path,) = device_folder(stick, DEVICE).glob("*.ndjson")
    path.write_bytes(path.read_bytes().replace(b'"label":"A003"', b'"label":"A0#3"'))

    done = restored(world, stick, spare)
    assert done.unverified == 6  # the altered line takes the one before the break with it
    world.open_office(spare)
    assert not set(issue(world, 3, start=50)) & set(given)
    world.deliver()
    assert world.verdict().is_complete


def test_the_old_box_coming_back_is_refused_and_a_copy_of_the_spare_is_a_clone(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 4)
    world.deliver()
    followed(world, stick)
    die(world)
    restored(world, stick, spare)
    world.open_office(spare)
    issue(world, 2, start=50)
    world.deliver()
    held = world.held()

    old = world.open_office()
    issue(world, 2, start=80, office=old)
    old.uplink.deliver_now().result(30)
    world.ask(Tick(), old)
    assert any(fault[0] == "key_refused" for fault in old.desk.state.faults)
    assert old.desk.recording_stopped is None
    assert world.held() == held
    assert world.verdict().is_complete

    world.close_office()
    copy = spare.parent / "copy"
    shutil.copytree(spare, copy)
    one, two = world.open_office(spare), world.open_office(copy)
    for turn in range(4):
        for number, office in enumerate((one, two)):
            issue(world, 3, start=1000 * (number + 1) + 10 * turn, office=office)
            office.uplink.deliver_now().result(30)
    assert any("quarantine" in sentence for sentence in world.verdict().sentences())


def test_a_restored_box_can_be_backed_up_and_restored_again(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 3)
    followed(world, stick)
    die(world)
    restored(world, stick, spare)
    world.open_office(spare, stick=stick)
    issue(world, 2, start=50)
    followed(world, stick)
    die(world)
    third = spare.parent / "third"
    restored(world, stick, third)
    world.open_office(third)
    assert issue(world, 1, start=90) == ["A006"]
    world.deliver()
    assert len(world.held()) == 3
    assert world.verdict().is_complete


def test_a_backup_holds_no_key_and_a_used_claim_or_box_is_refused(world, stick, spare):
    world.open_office(stick=stick)
    office_claim = world.make_claim()
    issue(world, 2)
    world.deliver()
    world.close_office()  # an orderly end: the stick gets everything
    names = {path.name.partition(".")[2] for path in device_folder(stick, DEVICE).iterdir()}
    assert names <= {"ndjson", "genesis", "days", "jws", "json", "toml"}
    secret = orjson.loads((world.folder / "device.jwk").read_bytes())["d"]
    assert not any(secret.encode() in path.read_bytes() for path in device_folder(stick, DEVICE).iterdir())
    with pytest.raises(DataInTheWayError):
        restore(stick, world.folder.parent / "keys", office_claim, world.time)
    with pytest.raises(NoBackupError):
        restore(spare.parent / "keys", spare, office_claim, world.time)
    done = restored(world, stick, spare, office_claim)
    assert done.accounts == 0
    second = world.open_office(spare)
    world.deliver()
    assert second.uplink.status().enrolled
    second.close()
    with pytest.raises(DataInTheWayError):
        restore(stick, spare, world.make_claim(), world.time)
    assert not (spare / RESTORING).exists()


def test_the_claim_of_the_old_box_is_refused(world, stick, spare):
    claim = world.make_claim()
    (world.folder / "claim").write_text(f"{claim}\n")
    world.open_office(stick=stick)
    issue(world, 1)
    world.deliver()
    world.close_office()  # an orderly end: the stick gets everything, receipts too
    with pytest.raises(ClaimSpentError):
        restore(stick, spare, claim, world.time)
    assert not spare.exists()


def motcua(*arguments):
    """Run the command line as a person does."""
    command = [sys.executable, "-m", "appliance", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_commands_say_what_comes_next(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 4)
    world.close_office()
    claim, config = world.make_claim(), spare.parent / "etc" / "office.toml"
    done = motcua("restore", "--from", stick, "--data", spare, "--claim", claim, "--config", config)
    assert done.returncode == 0, done.stderr
    assert "in the hall: 4, next numbers: A005" in done.stdout
    assert config.read_bytes() == (world.folder / "applied.toml").read_bytes()
    assert (spare / "claim").stat().st_mode & 0o777 == 0o600
    again = motcua("restore", "--from", stick, "--data", spare, "--claim", claim, "--config", config)
    assert again.returncode == 1
    assert "is not empty" in again.stderr

    world.open_office(spare)
    socket = ("--socket", world.run / "spare.sock")
    resumed = motcua("day", "resume", "--from", "a138", "--from", "B020", *socket)
    assert resumed.returncode == 0, resumed.stderr
    assert issue(world, 1, start=50) == ["A139"]
    back = motcua("day", "resume", "--from", "A100", *socket)
    assert back.returncode == 1
    assert "A140" in back.stderr


def test_an_interrupted_restore_keeps_the_office_shut_until_it_is_done_again(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 3)
    world.close_office()
    # A power cut between any two files leaves the mark, and some of them.
    restored(world, stick, spare)
    (spare / RESTORING).touch()
    (spare / "office.genesis").unlink()
    with pytest.raises(RestoreUnfinishedError):
        world.open_office(spare)
    restored(world, stick, spare)
    world.open_office(spare)
    assert issue(world, 1, start=50) == ["A004"]


def test_a_spare_that_wakes_up_in_the_past_goes_on_today(world, stick, spare):
    world.open_office(stick=stick)
    issue(world, 3)
    world.deliver()
    world.close_office()
    # The center keeps the right time; the spare has a machine of its own.
    world.time = ScriptedTime(world.time.wall_us() - 90 * 86_400 * 1_000_000, synced=False)
    done = restored(world, stick, spare)
    office = world.open_office(spare)
    assert done.epoch > done.after.epoch
    assert office.desk.state.hall.day == done.state.hall.day
    assert issue(world, 1, start=50) == ["A004"]
