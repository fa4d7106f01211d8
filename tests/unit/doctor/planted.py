"""A Pi made of files: its kernel's trees, its programs' answers, its office.toml and its data directory."""

from pathlib import Path

from appliance.clock import ScriptedTime
from appliance.doctor.box import Around, Box
from appliance.doctor.machine import Machine
from appliance.doctor.service_user import ServiceUser
from appliance.doctor.wifi import AroundWifi

NOW_US = 1_795_420_800_000_000  # 2026-11-23T08:00:00Z
DAY_MS = 86_400_000
GROUP = 4711
TOML = """\
[office]
name = "Xã Mường Tè"
device = "BOX-1"
site = "site-1"
data_dir = "{data}"
[uplink]
center = "{center}"
center_id = "province-01"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[counters]]
id = "q1"
name = "Quầy 1"
services = ["ho-tich"]
[api]
socket = "{run}/office.sock"
{more}
"""
HARDWARE = """\
[hardware]
board = "pi4"
[[hardware.buses]]
id = "ban-phim"
port = "/dev/ttyUSB0"
kind = "ff68"
"""
PINLESS = '[hardware]\nboard = "none"\npin_factory = "none"\n'
UNIT = "LoadState=loaded\nActiveState=active\nSubState=running\nNRestarts=0\n"


class ScriptedPrograms:
    """Programs whose answers are written down, by a part of their words; others are not installed."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.asked: list[str] = []

    def run(self, *words: str) -> str | None:
        line = " ".join(words)
        self.asked.append(line)
        return next((answer for part, answer in self.answers.items() if part in line), None)


class Planted:
    """What a test changes before it asks for the box."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.data = folder / "data"
        self.config = folder / "office.toml"
        self.run = folder / "run"
        self.programs = ScriptedPrograms()
        self.time = ScriptedTime(NOW_US)
        self.time.advance(2 * DAY_MS)
        self.addresses: tuple[str, ...] = ("10.11.12.13", "fd00::7")
        self.center = "http://127.0.0.1:9"
        self.more = HARDWARE
        self.endurance_bytes: int | None = None
        self.wifi = AroundWifi()
        self.data.mkdir()
        self.run.mkdir()
        self._well()

    def write(self, path: str, text: str) -> Path:
        there = self.root / path.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(text, "utf-8")
        return there

    def remove(self, path: str) -> None:
        (self.root / path.lstrip("/")).unlink()

    def mounted(self, options: str = "rw,noatime", kind: str = "ext4") -> None:
        line = "25 1 179:2 / / ro - ext4 /dev/mmcblk0p2 ro\n"
        line += f"40 25 179:4 / {self.data} {options} shared:1 - {kind} /dev/mmcblk0p4 rw\n"
        self.write("/proc/self/mountinfo", line)

    def box(self) -> Box:
        text = TOML.format(data=self.data, center=self.center, run=self.run, more=self.more)
        self.config.write_text(text, "utf-8")
        return self.as_written()

    def as_written(self) -> Box:
        around = Around(
            machine=Machine(self.root, self.programs),
            time=self.time,
            service=ServiceUser("motcua", 4242, frozenset({GROUP})),
            addresses=lambda: self.addresses,
            endurance_bytes=self.endurance_bytes,
            wifi=self.wifi,
        )
        return Box.find(self.config, around=around)

    def _well(self) -> None:
        """Plant a Pi 4 that lacks nothing, up for two days and well supplied."""
        self.write("/sys/devices/platform/soc/soc:firmware/get_throttled", "0x0\n")
        self.write("/sys/class/thermal/thermal_zone0/temp", "51234\n")
        self.write("/proc/meminfo", "MemTotal:  3884304 kB\nMemFree: 9 kB\nMemAvailable:  3000000 kB\n")
        self.write("/proc/vmstat", "oom_kill 0\n")
        self.write("/proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
        self.mounted()
        for part, number in (("", 0), ("/mmcblk0p2", 2), ("/mmcblk0p4", 4)):
            self.write(f"/sys/block/mmcblk0{part}/dev", f"179:{number}\n")
        self.write("/sys/block/mmcblk0/size", f"{32 * 2**30 // 512}\n")
        self.wrote(2**30)
        self.write("/sys/block/mmcblk0/device/name", "SC32G\n")
        self.write("/sys/block/mmcblk0/device/date", "03/2026\n")
        self.write("/sys/fs/ext4/mmcblk0p4/errors_count", "0\n")
        self.programs.answers["journalctl -k"] = "Booting Linux\n"
        self.programs.answers["systemctl show"] = UNIT
        (self.root / "run/systemd/system").mkdir(parents=True)
        for device in ("/dev/gpiochip0", "/dev/ttyUSB0"):
            self.device(device, 0o666)

    def wrote(self, size: int) -> None:
        """Let the card have taken so many bytes in the two days."""
        self.write("/sys/block/mmcblk0/stat", f"1 0 2 3 4 5 {size // 512} 7 0 8 9\n")

    def device(self, path: str, mode: int) -> None:
        self.write(path, "").chmod(mode)
