"""Every condition, well and not, on a machine made of files."""

import shutil
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from planted import PINLESS, Planted
from sim_uplink import DEVICE_KEY, RECORD, STRANGER_KEY, SimOffice, receipt

from appliance.accounts.accounts import Accounts
from appliance.accounts.setup_code import SetupFile
from appliance.clock import BelievedClock
from appliance.doctor.checks import center_certificate, free_space, journal_growth, page_certificate
from appliance.doctor.examination import CHECKS, examine, exit_code
from appliance.doctor.finding import Both, Condition, Finding, Level
from appliance.doctor.line import Line
from appliance.httpd import tls
from appliance.setup_notice import FILE_NAME as NOTICE
from appliance.setup_notice import Mistake, SetupNotice
from appliance.uplink.identity import CENTER_NAME, KEY_NAME
from appliance.uplink.receipts import ReceiptFile
from appliance.uplink.tls import Dates
from appliance.wire.moment import Moment, Quality

BY_KEY = {check.CONDITION.key: check for check in CHECKS}
DAY_MS = 86_400_000


class CheapHasher:
    """Hashes nobody's password."""

    def hash(self, password: str) -> str:
        return f"cheap:{password}"

    def matches(self, stored: str, password: str) -> bool:
        return stored == self.hash(password)

    def is_old(self, _stored: str) -> bool:
        return False


def found(planted: Planted, key: str) -> Finding:
    return examine(planted.box(), [BY_KEY[key]])[0]


def nothing(_planted: Planted) -> None:
    pass


def kernel_says(line: str) -> Callable[[Planted], None]:
    return lambda planted: planted.programs.answers.update({"journalctl -k": line})


def file_says(path: str, text: str) -> Callable[[Planted], None]:
    return lambda planted: (planted.write(path, text), None)[1]


def no_file(path: str) -> Callable[[Planted], None]:
    return lambda planted: planted.remove(path)


def settings(more: str) -> Callable[[Planted], None]:
    return lambda planted: setattr(planted, "more", more)


def card_said(*, is_set_up: bool) -> Callable[[Planted], None]:
    notice = SetupNotice(is_set_up=is_set_up, mistakes=(Mistake("motcua.toml", "is missing", "bị thiếu"),))
    return lambda planted: (planted.data / NOTICE).write_bytes(notice.to_bytes()) and None


def units(text: str) -> Callable[[Planted], None]:
    return lambda planted: planted.programs.answers.update({"systemctl show": text})


def device(path: str, mode: int) -> Callable[[Planted], None]:
    return lambda planted: planted.device(path, mode)


def hwmon(alarm: str) -> Callable[[Planted], None]:
    def plant(planted: Planted) -> None:
        planted.remove(THROTTLED)
        planted.write("/sys/class/hwmon/hwmon1/name", "rpi_volt\n")
        planted.write("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", alarm)

    return plant


THROTTLED = "/sys/devices/platform/soc/soc:firmware/get_throttled"
LIFE = "/sys/block/mmcblk0/device/life_time"
MODEL = "/proc/device-tree/model"
RTC = "/sys/class/rtc/rtc0/name"
OFF = "LoadState=loaded\nActiveState=failed\nNRestarts=5\n"
W, WARN, BAD, UNKNOWN, SKIPPED = Level.WELL, Level.WARNING, Level.BROKEN, Level.UNKNOWN, Level.SKIPPED


@pytest.mark.parametrize(
    ("key", "plant", "level", "words"),
    [
        ("power", nothing, W, "never too low"),
        ("power", file_says(THROTTLED, "50005"), BAD, "NOW"),
        ("power", file_says(THROTTLED, "0x50000"), WARN, "since the start"),
        ("power", file_says(THROTTLED, "0x20002"), W, ""),
        ("power", hwmon("0"), W, ""),
        ("power", hwmon("1"), BAD, "NOW"),
        ("power", kernel_says("hwmon hwmon1: Undervoltage detected!"), WARN, ""),
        ("power", no_file(THROTTLED), UNKNOWN, "cannot measure"),
        ("temperature", nothing, W, "51 °C"),
        ("temperature", file_says("/sys/class/thermal/thermal_zone1/temp", "75000"), WARN, "75 °C"),
        ("temperature", file_says("/sys/class/thermal/thermal_zone0/temp", "85000"), BAD, "85 °C"),
        ("temperature", no_file("/sys/class/thermal/thermal_zone0/temp"), UNKNOWN, ""),
        ("memory", nothing, W, "2929 of 3793 MiB"),
        (
            "memory",
            file_says("/proc/meminfo", "MemTotal: 400000 kB\nMemAvailable: 40000 kB\n"),
            WARN,
            "39 of",
        ),
        ("memory", file_says("/proc/vmstat", "oom_kill 2\n"), WARN, "2 programs"),
        ("memory", no_file("/proc/meminfo"), UNKNOWN, ""),
        ("data_folder", nothing, W, ""),
        ("data_folder", lambda planted: planted.data.rmdir(), BAD, "does not exist"),
        ("read_only", nothing, W, "writable"),
        ("read_only", lambda planted: planted.mounted("ro,noatime"), BAD, "READ-ONLY"),
        ("read_only", no_file("/proc/self/mountinfo"), UNKNOWN, ""),
        ("card_errors", nothing, W, "mmcblk0"),
        ("card_errors", kernel_says("I/O error, dev mmcblk0, sector 7 op 0x1:(WRITE)"), BAD, "1 I/O"),
        ("card_errors", kernel_says("I/O error, dev sda, sector 7"), W, ""),
        ("card_errors", lambda planted: planted.programs.answers.clear(), UNKNOWN, ""),
        ("file_system_errors", nothing, W, "mmcblk0p4"),
        ("file_system_errors", file_says("/sys/fs/ext4/mmcblk0p4/errors_count", "3"), BAD, "3 errors"),
        ("file_system_errors", lambda planted: planted.mounted(kind="vfat"), UNKNOWN, ""),
        ("card_life", nothing, UNKNOWN, "SC32G, made 03/2026"),
        ("card_life", file_says(LIFE, "0x01 0x02"), W, "20 %"),
        ("card_life", file_says(LIFE, "0x09 0x01"), WARN, "90 %"),
        ("card_life", file_says(LIFE, "0x0b 0x01"), BAD, "100 %"),
        ("card_wear", nothing, W, "511 MiB a day, 3200 GiB assumed: 17 years"),
        ("card_wear", lambda planted: planted.wrote(2**33), WARN, "2 years"),
        ("card_wear", lambda planted: setattr(planted, "endurance_bytes", 2**40), W, "1024 GiB declared"),
        ("card_wear", no_file("/sys/block/mmcblk0/stat"), UNKNOWN, ""),
        ("set_up", nothing, W, ""),
        ("set_up", card_said(is_set_up=True), WARN, "1, first motcua.toml: is missing"),
        ("set_up", card_said(is_set_up=False), BAD, "1, first motcua.toml: is missing"),
        ("settings", nothing, W, ""),
        ("settings", settings("[hall]\nratio = 'two'\n"), BAD, "hall.ratio"),
        ("units", nothing, W, "4 as"),
        ("units", units(OFF), BAD, "motcua-office.service"),
        ("units", units("LoadState=not-found\n"), BAD, "not installed"),
        ("units", units("LoadState=loaded\nActiveState=active\nNRestarts=9\n"), WARN, "started again often"),
        ("units", lambda planted: shutil.rmtree(planted.root / "run"), SKIPPED, ""),
        ("office_answers", nothing, BAD, "does not answer"),
        ("office_issues", nothing, SKIPPED, ""),
        ("page_ports", nothing, SKIPPED, ""),
        ("journal", nothing, WARN, "nothing is recorded"),
        ("journal_growth", nothing, SKIPPED, ""),
        ("clock", nothing, W, "trusted"),
        ("clock", lambda planted: setattr(planted.time, "synced", False), WARN, "guess"),
        ("clock_chip", nothing, SKIPPED, ""),
        ("clock_chip", file_says(RTC, "ds3231"), WARN, "clock.rtc is false"),
        ("clock_chip", settings("[clock]\nrtc = true\n"), BAD, "no chip"),
        ("board", nothing, W, "Pi 4"),
        ("board", file_says(MODEL, "Raspberry Pi Compute Module 4 Rev 1.0\0"), W, ""),
        ("board", file_says(MODEL, "Raspberry Pi 3 Model B Plus Rev 1.3\0"), BAD, "hardware.board is pi4"),
        ("board", no_file(MODEL), UNKNOWN, ""),
        ("board", settings(PINLESS), SKIPPED, ""),
        ("pins", nothing, W, "1 controllers"),
        ("pins", no_file("/dev/gpiochip0"), BAD, "no /dev/gpiochip"),
        ("pins", device("/dev/gpiochip0", 0o600), BAD, "may not open"),
        ("pins", settings(PINLESS), SKIPPED, ""),
        ("serial_lines", nothing, W, "1 plugged in"),
        ("serial_lines", no_file("/dev/ttyUSB0"), BAD, "not plugged in: ban-phim"),
        ("serial_lines", device("/dev/ttyUSB0", 0o600), BAD, "may not open: ban-phim"),
        ("serial_lines", settings(PINLESS), SKIPPED, ""),
        ("network", nothing, W, "2 addresses"),
        ("network", lambda planted: setattr(planted, "addresses", ()), WARN, "no address"),
        ("center_name", nothing, W, ""),
        ("center_port", nothing, WARN, "port 9"),
        ("center_certificate", nothing, SKIPPED, ""),
        ("enrolled", nothing, WARN, "no claim"),
        ("enrolled", lambda planted: (planted.data / "claim").write_text("x"), WARN, "waits"),
        ("enrolled", lambda planted: (planted.data / "center.json").write_text("x"), BAD, "center.json"),
        ("receipts", nothing, SKIPPED, ""),
        ("page_certificate", nothing, SKIPPED, ""),
        ("page_certificate", settings('[web]\ntls = "none"\n'), SKIPPED, "no certificate"),
        ("setup_code", nothing, WARN, "none"),
        ("leaders", nothing, WARN, "none yet"),
        (
            "leaders",
            lambda planted: (planted.data / "accounts.db").write_text("x" * 4096),
            BAD,
            "accounts.db",
        ),
    ],
)
def test_a_condition_is_seen(
    planted: Planted, key: str, plant: Callable[[Planted], None], level: Level, words: str
) -> None:
    plant(planted)
    finding = found(planted, key)
    assert (finding.key, finding.level) == (key, level), finding
    assert words in finding.said.en
    assert finding.said.vi
    if level in {Level.WARNING, Level.BROKEN}:
        assert finding.todo is not None
        assert finding.todo.vi != finding.todo.en
    else:
        assert level is Level.UNKNOWN or finding.todo is None


def test_every_condition_has_its_own_file_and_two_names() -> None:
    for check in CHECKS:
        assert check.__name__.endswith(f".{check.CONDITION.key}")  # type: ignore[attr-defined]
        assert check.CONDITION.en != check.CONDITION.vi
    assert len(BY_KEY) == len(CHECKS)


def test_a_box_that_was_switched_on_now_says_nothing_of_a_day(planted: Planted) -> None:
    planted.time.reboot("00000000-0000-4000-8000-000000000002")
    assert found(planted, "card_wear").level is Level.UNKNOWN


def test_a_group_of_the_service_may_open_a_line(planted: Planted) -> None:
    here = (planted.root / "dev/ttyUSB0").stat().st_gid
    planted.device("/dev/ttyUSB0", 0o660)
    service = planted.box().around.service
    assert not service.may_write(planted.root / "dev/ttyUSB0")
    there = type(service)(service.name, service.uid, frozenset({here}))
    assert there.may_write(planted.root / "dev/ttyUSB0")


@pytest.mark.parametrize(
    ("free", "level"), [(15, Level.BROKEN), (16, Level.WARNING), (511, Level.WARNING), (512, Level.WELL)]
)
def test_free_space_is_judged_by_the_settings_and_by_the_least(free: int, level: Level) -> None:
    assert free_space.judge(free, 29_000, 512).level is level


def test_growth_is_judged_by_what_is_kept() -> None:
    assert journal_growth.judge(10 << 20, 10, 400, 400 << 20).level is Level.WELL
    tight = journal_growth.judge(10 << 20, 10, 400, (400 << 20) - 1)
    assert tight.level is Level.WARNING
    assert tight.said.en == "1024 KiB a day, 400 MiB in 400 days"


def test_an_enrolled_box_says_what_waits(planted: Planted) -> None:
    planted.data.rmdir()
    office = SimOffice.begin(planted.data)
    try:
        office.grow(10)
        (planted.data / CENTER_NAME).write_bytes(RECORD.to_bytes())
        (planted.data / KEY_NAME).write_bytes(DEVICE_KEY.to_bytes())
        assert found(planted, "enrolled").said.en == "as BOX-1"
        assert found(planted, "journal").said.en == "events 1 to 10, 1 epochs"
        assert found(planted, "receipts").said.en == "10 events wait, no receipt ever"
        kept = ReceiptFile.of(planted.data)
        kept.append(receipt(office.epoch, 7, office.hash_at(7)))
        late = found(planted, "receipts")
        assert (late.level, late.said.en) == (Level.WARNING, "3 events wait, last receipt 48 h ago")
        kept.append(receipt(office.epoch, 8, office.hash_at(8), at_us=planted.time.wall_us() - 3_600_000_000))
        fresh = found(planted, "receipts")
        assert (fresh.level, fresh.said.en) == (Level.WELL, "2 events wait, last receipt 1 h ago")
        kept.append(receipt(office.epoch, 10, office.hash_at(10)))
        assert found(planted, "receipts").said.en == "nothing waits"
        (planted.data / KEY_NAME).write_bytes(STRANGER_KEY.to_bytes())
        assert "not on this card" in found(planted, "enrolled").said.en
        assert found(planted, "journal_growth").level is Level.UNKNOWN
    finally:
        office.close()


def test_a_damaged_journal_is_broken(planted: Planted) -> None:
    planted.data.rmdir()
    SimOffice.begin(planted.data).grow(3).close()
    (planted.data / "office.db").write_bytes(b"nothing of SQLite" * 100)
    assert found(planted, "journal").level is Level.BROKEN


def test_accounts_and_setup_code_are_seen(planted: Planted) -> None:
    clock = BelievedClock(planted.time, floor_us=0, has_rtc=False)
    with Accounts.open(planted.data, clock, hasher=CheapHasher()) as accounts:
        assert found(planted, "leaders").said.en == "nobody may manage accounts"
        SetupFile(planted.data).write("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo")
        assert accounts.has_setup_code
    assert found(planted, "setup_code").level is Level.WELL


def test_the_boxs_own_certificate_is_good_and_a_torn_one_is_not(planted: Planted) -> None:
    tls.own(planted.data, "BOX-1", [], [])
    assert found(planted, "page_certificate").said.en == "good until 2050-01-01"
    (planted.data / tls.CERTIFICATE).write_text("torn")
    assert found(planted, "page_certificate").level is Level.BROKEN


@pytest.mark.parametrize(
    ("days", "quality", "level"),
    [
        (-1, Quality.SYNCED, Level.BROKEN),
        (29, Quality.SYNCED, Level.WARNING),
        (31, Quality.SYNCED, Level.WELL),
        (31, Quality.UNSYNCED, Level.UNKNOWN),
    ],
)
def test_a_certificate_is_judged_by_a_clock_that_is_trusted(
    days: int, quality: Quality, level: Level
) -> None:
    now = Moment(1_795_420_800_000_000, quality, "boot", 1)
    assert page_certificate.judge(now.at + timedelta(days=days), now).level is level


@pytest.mark.parametrize(
    ("line", "level", "words"),
    [
        (Line("c", 443, tls_error="certificate has expired"), Level.BROKEN, "has expired"),
        (Line("c", 443, expires_at=datetime(2027, 1, 1, tzinfo=UTC), dates=Dates.SYSTEM), Level.WELL, "2027"),
        (
            Line("c", 443, expires_at=datetime(2026, 12, 1, tzinfo=UTC), dates=Dates.SYSTEM),
            Level.WARNING,
            "5 days",
        ),
        (Line("c", 443, expires_at=datetime(2027, 1, 1, tzinfo=UTC)), Level.UNKNOWN, "a guess"),
    ],
)
def test_the_centers_certificate_is_told_by_its_step(
    planted: Planted, line: Line, level: Level, words: str
) -> None:
    box = planted.box()
    box.__dict__["line"] = line  # what the property would have kept
    finding = center_certificate.check(box)
    assert finding.level is level
    assert words in finding.said.en


def test_a_missing_file_of_the_provinces_ca_is_told_whatever_the_line(planted: Planted) -> None:
    box = planted.box()
    uplink = box.settings.uplink.model_copy(update={"ca_file": planted.data / "center-ca.pem"})
    told = center_certificate.check(replace(box, settings=box.settings.model_copy(update={"uplink": uplink})))
    assert told.level is Level.BROKEN
    assert told.said.en == f'uplink.ca_file = "{planted.data}/center-ca.pem": No such file or directory'
    given = replace(box, around=replace(box.around, ca_file=planted.data / "other.pem"))
    assert "other.pem" in center_certificate.check(given).said.vi


def test_a_name_without_an_address_is_told_by_its_step(planted: Planted) -> None:
    box = planted.box()
    box.__dict__["line"] = Line("no.invalid", 443, lookup_error="Name or service not known")
    name, port, certificate = examine(
        box, [BY_KEY[key] for key in ("center_name", "center_port", "center_certificate")]
    )
    assert (name.level, name.said.en) == (Level.WARNING, "no.invalid: Name or service not known")
    assert {port.level, certificate.level} == {Level.SKIPPED}


def test_what_a_check_stumbles_over_is_a_finding(planted: Planted) -> None:
    class Stumbling:
        CONDITION = Condition("stumbling", "stumbling", "vấp")

        def __init__(self, error: Exception) -> None:
            self._error = error

        def check(self, _box: object) -> Finding:
            raise self._error

    errors = (PermissionError(13, "no"), OSError(5, "Input/output error"), ssl.SSLError("x"), KeyError("x"))
    findings = examine(planted.box(), [Stumbling(error) for error in errors])
    assert {finding.level for finding in findings} == {Level.UNSEEN}
    assert findings[0].todo == Both("run it again with sudo", "chạy lại lệnh với sudo")
    assert findings[1].said.en == "Input/output error"
    assert findings[3].said.en == "KeyError"
    assert exit_code(findings) == 3


def test_a_whole_sheet_of_a_box_that_is_down_looks_at_everything(planted: Planted) -> None:
    findings = examine(planted.box())
    assert [finding.key for finding in findings] == list(BY_KEY)
    assert Level.UNSEEN not in {finding.level for finding in findings}
    assert exit_code(findings) == 2


def test_a_box_without_any_card_is_not_set_up(planted: Planted) -> None:
    [finding] = examine(planted.as_written(), [BY_KEY["set_up"]])
    assert (finding.level, finding.said.en) == (Level.BROKEN, "no card was taken yet")
