"""A real office whose settings change while it works: recorded, kept, undone; full cards and crashes."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest

from appliance.clock import ScriptedTime
from appliance.config import ConfigError, loads
from appliance.config.history import FOLDER
from appliance.journal.journal import write_durably
from appliance.journal.source import sources
from appliance.office.configuration import FAULT, OfficeConfiguration
from appliance.office.root import Office, Surroundings
from appliance.queueing.commands import CallNext, IssueTicket, OpenCounter
from appliance.queueing.errors import CounterInUseError, ServiceInUseError
from appliance.web.configuration import (
    ChangedMeanwhileError,
    DevicesNotOpenedError,
    NoConfigurationError,
    NotKeptError,
    NoVersionError,
    RestartNeededError,
    base_of,
)
from hardware.errors import HardwareError

pytestmark = pytest.mark.integration

MORNING_US = 1_795_396_800_000_000  # Monday, 08:20 in Hanoi
TOML = """\
# The office of the test.
[office]
name = "Xã Mường Tè"
device = "xa-muong-te-1"
site = "muong-te"
data_dir = "{data}"
[uplink]
center = "http://127.0.0.1:9"
center_id = "center"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[services]]
id = "dat-dai"
name = "Đất đai"
prefix = "B"
[[counters]]
id = "quay-1"
name = "Quầy 1"
services = ["ho-tich", "dat-dai"]
[[counters]]
id = "quay-2"
name = "Quầy 2"
services = ["dat-dai"]
[hardware]
board = "none"
pin_factory = "none"
[api]
socket = "{socket}"
[web]
listen = "off"
[public]
listen = "off"
"""


class Box:
    """One box whose office can be closed, crashed and opened again.

    Args:
        folder: an empty directory.
    """

    def __init__(self, folder: Path) -> None:
        self.stack = ExitStack()
        run = Path(tempfile.mkdtemp(prefix="motcua-"))
        self.stack.callback(shutil.rmtree, run, ignore_errors=True)
        self.folder = folder / "data"
        self.file = folder / "office.toml"
        self.original = TOML.format(data=self.folder, socket=run / "office.sock")
        self.file.write_text(self.original, encoding="utf-8")
        self.time = ScriptedTime(MORNING_US)
        self.office: Office
        self.open()

    def open(self) -> None:
        """Start the office from its file, as ``motcua office run`` does."""
        source = self.file.read_bytes()
        around = Surroundings(system=self.time, deliver_every_s=3600, config_path=self.file)
        self.office = Office.open(loads(source.decode()), source, around)

    @property
    def configuration(self):
        """What the pages change the settings with."""
        assert self.office.web is not None
        return self.office.web.configuration

    def ask(self, command):
        self.time.advance(1_000)
        return self.office.desk.ask(command)

    def applied(self) -> list[dict]:
        """Return what the journal says was applied, the oldest first."""
        lines = [line for source in sources(self.folder) for line in source.all_lines()]
        events = [orjson.loads(line) for line in lines]
        return [event["data"] for event in events if event["kind"] == "config.applied"]

    def close(self) -> None:
        self.office.close()
        self.stack.close()


@pytest.fixture
def box(tmp_path: Path):
    subject = Box(tmp_path)
    yield subject
    subject.close()


def limited(text: str, limit: int = 5) -> str:
    return text.replace('prefix = "A"', f'prefix = "A"\ndaily_limit = {limit}')


def test_a_change_is_in_force_at_once_recorded_written_and_kept(box: Box):
    wanted = limited(box.original, 1)
    settings = box.configuration.apply(wanted, "lan", base_of(box.original))

    assert box.office.settings == settings
    assert box.file.read_text(encoding="utf-8") == wanted
    assert box.applied()[-1] == {"keys": ["services.ho-tich.daily_limit"], "sha256": settings.sha256}
    versions = box.configuration.versions()
    assert [each.officer for each in versions] == ["lan", None]
    assert [box.configuration.version_text(each.number) for each in versions] == [wanted, box.original]
    box.ask(IssueTicket(service="ho-tich"))
    with pytest.raises(Exception, match="ho-tich"):
        box.ask(IssueTicket(service="ho-tich"))


def test_undo_restores_the_bytes_and_is_a_change_itself(box: Box):
    box.configuration.apply(limited(box.original), "lan")
    box.configuration.undo("minh")
    assert box.file.read_text(encoding="utf-8") == box.original
    box.configuration.undo("minh")
    assert box.file.read_text(encoding="utf-8") == limited(box.original)
    assert [each.officer for each in box.configuration.versions()] == ["minh", "minh", "lan", None]
    assert len({each["sha256"] for each in box.applied()}) == 2


def test_without_an_earlier_version_there_is_nothing_to_undo(box: Box):
    with pytest.raises(NoVersionError):
        box.configuration.undo("lan")
    with pytest.raises(NoVersionError):
        box.configuration.version_text(7)


def test_another_base_is_refused(box: Box):
    with pytest.raises(ChangedMeanwhileError):
        box.configuration.apply(limited(box.original), "lan", base_of("something else"))
    assert box.file.read_text(encoding="utf-8") == box.original


def test_a_service_that_people_wait_for_and_a_staffed_counter_stay(box: Box):
    box.ask(OpenCounter(counter="quay-2", officer="hoa"))
    box.ask(IssueTicket(service="ho-tich"))
    without_service = box.original.replace(
        '[[services]]\nid = "ho-tich"\nname = "Hộ tịch"\nprefix = "A"\n', ""
    )
    without_service = without_service.replace('["ho-tich", "dat-dai"]', '["dat-dai"]')
    with pytest.raises(ServiceInUseError):
        box.configuration.check(without_service)
    with pytest.raises(ServiceInUseError):
        box.configuration.apply(without_service, "lan")
    without_counter = box.original.replace(
        '[[counters]]\nid = "quay-2"\nname = "Quầy 2"\nservices = ["dat-dai"]\n', ""
    )
    with pytest.raises(CounterInUseError):
        box.configuration.apply(without_counter, "lan")
    assert box.file.read_text(encoding="utf-8") == box.original
    assert len(box.applied()) == 1


def test_a_new_counter_calls_at_once(box: Box):
    more = box.original.replace(
        "[hardware]", '[[counters]]\nid = "quay-3"\nname = "Quầy 3"\nservices = ["ho-tich"]\n[hardware]'
    )
    box.configuration.apply(more, "lan")
    box.ask(OpenCounter(counter="quay-3", officer="nam"))
    box.ask(IssueTicket(service="ho-tich"))
    assert box.ask(CallNext(counter="quay-3")).result["ticket"].endswith("/A/1")


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('name = "Xã Mường Tè"', 'name = "Xã khác"', "office.name"),
        ('center_id = "center"', 'center_id = "other"', "uplink.center_id"),
        (
            'pin_factory = "none"',
            'pin_factory = "none"\n[journal]\nretention_days = 90',
            "journal.retention_days",
        ),
        (
            'board = "none"\npin_factory = "none"',
            'board = "pi4"\npin_factory = "mock"',
            "hardware.pin_factory",
        ),
    ],
)
def test_what_is_read_at_the_start_only_is_refused_by_name(box: Box, before, after, key):
    with pytest.raises(RestartNeededError, match=key):
        box.configuration.apply(box.original.replace(before, after), "lan")
    assert box.applied()[-1]["sha256"] == box.office.settings.sha256


def test_what_has_problems_changes_nothing(box: Box):
    with pytest.raises(ConfigError):
        box.configuration.apply(limited(box.original, 0), "lan")
    assert len(box.configuration.versions()) == 0


def test_a_file_edited_by_hand_is_kept_before_it_is_replaced(box: Box):
    by_hand = f"{box.original}# by hand\n"
    box.file.write_text(by_hand, encoding="utf-8")
    box.configuration.apply(limited(by_hand), "lan", base_of(by_hand))
    box.configuration.undo("lan")
    assert box.file.read_text(encoding="utf-8") == by_hand


def test_a_card_that_takes_no_more_is_told_and_the_office_goes_on(box: Box):
    is_full = [True]

    def write(path: Path, data: bytes) -> None:
        if is_full[0]:
            raise OSError(28, "No space left on device")
        write_durably(path, data)

    subject = OfficeConfiguration(box.file, box.office, write)
    wanted = limited(box.original)
    with pytest.raises(NotKeptError, match="No space left"):
        subject.apply(wanted, "lan")
    assert box.office.settings.services[0].daily_limit == 5
    assert box.file.read_text(encoding="utf-8") == box.original
    assert subject.text() == wanted
    box.ask(IssueTicket(service="ho-tich"))
    assert FAULT in box.office.desk.state.faults

    is_full[0] = False
    subject.apply(wanted, "lan", base_of(wanted))
    box.ask(IssueTicket(service="ho-tich"))
    assert box.file.read_text(encoding="utf-8") == wanted
    assert FAULT not in box.office.desk.state.faults


def test_after_a_crash_between_record_and_file_the_file_decides_and_is_recorded_again(box: Box):
    def crash(path: Path, data: bytes) -> None:
        if path == box.file:
            raise OSError(5, "the power went")
        write_durably(path, data)

    subject = OfficeConfiguration(box.file, box.office, crash)
    with pytest.raises(NotKeptError):
        subject.apply(limited(box.original), "lan")
    box.office.close()
    box.open()

    assert box.office.settings.services[0].daily_limit is None
    digests = [each["sha256"] for each in box.applied()]
    assert digests == [digests[0], loads(limited(box.original)).sha256, digests[0]]
    box.ask(IssueTicket(service="ho-tich"))
    assert FAULT not in box.office.desk.state.faults
    # What was wanted is not lost: it is the newest version.
    assert box.configuration.version_text(box.configuration.versions()[0].number) == limited(box.original)
    box.configuration.undo("lan", number=box.configuration.versions()[0].number)
    assert box.office.settings.services[0].daily_limit == 5


def test_after_a_restart_the_changed_settings_apply_and_nothing_is_recorded_again(box: Box):
    box.configuration.apply(limited(box.original), "lan")
    box.office.close()
    box.open()
    assert box.office.settings.services[0].daily_limit == 5
    assert len(box.applied()) == 2


def test_an_office_without_a_file_has_nothing_to_change(box: Box):
    subject = OfficeConfiguration(None, box.office)
    with pytest.raises(NoConfigurationError):
        subject.text()
    with pytest.raises(NoConfigurationError):
        subject.apply(box.original, "lan")
    assert subject.versions() == ()


def test_a_file_that_cannot_be_read_is_told(box: Box):
    box.file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError):
        box.configuration.text()
    box.file.unlink()
    with pytest.raises(ConfigError):
        box.configuration.text()


def test_versions_are_files_that_a_technician_can_read(box: Box):
    box.configuration.apply(limited(box.original), "lan")
    names = sorted(path.name for path in (box.folder / FOLDER).iterdir())
    assert [name.partition("-")[0] for name in names] == ["00000001", "00000002"]
    assert names[1].endswith("-lan.toml")


def test_a_file_edited_while_a_change_could_not_be_written_is_kept(box: Box):
    is_full = [True]

    def write(path: Path, data: bytes) -> None:
        if is_full[0] and path == box.file:
            raise OSError(28, "No space left on device")
        write_durably(path, data)

    subject = OfficeConfiguration(box.file, box.office, write)
    with pytest.raises(NotKeptError):
        subject.apply(limited(box.original), "lan")
    box.file.write_text(f"{box.original}# by hand\n", encoding="utf-8")
    is_full[0] = False
    subject.apply(limited(box.original, 9), "lan")
    assert f"{box.original}# by hand\n" in [subject.version_text(each.number) for each in subject.versions()]


class Clumsy:
    """An office whose devices do not open again.

    Args:
        office: the real one.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self.clock, self.desk, self.folder = office.clock, office.desk, office.folder

    @property
    def settings(self):
        return self._office.settings

    def apply(self, settings, source, officer):
        self._office.apply(settings, source, officer)
        raise HardwareError(detail="no such line")


def test_a_device_that_does_not_open_again_leaves_the_change_in_force_and_written(box: Box):
    wanted = limited(box.original)
    with pytest.raises(DevicesNotOpenedError, match="no such line"):
        OfficeConfiguration(box.file, Clumsy(box.office)).apply(wanted, "lan")
    assert box.file.read_text(encoding="utf-8") == wanted
    assert box.office.settings.services[0].daily_limit == 5
