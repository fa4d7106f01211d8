"""The stage: a center, an enrolled office, and the other ends of its wires."""

import shutil
import tempfile
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance import __version__
from appliance.clock import SystemTime, monotonic_s
from appliance.config import Settings, loads
from appliance.doctor.for_pages import OfficeExaminer
from appliance.journal.source import sources
from appliance.office.bench import FarEnds
from appliance.office.enrolment import CLAIM
from appliance.office.root import Office, Surroundings
from appliance.procedures import store, table
from appliance.uplink.history import History
from appliance.uplink.identity import IdentityFolder
from appliance.uplink.seal import Limits, Sealer
from center.clock import SystemClock as CenterSystemClock
from center.serve import CenterServer
from hardware.emulators.keypad import Ff68KeypadEmulator
from hardware.emulators.line import PtyLine
from hardware.emulators.panel import ModbusPanelEmulator
from hardware.emulators.pins import MockPins
from provisioning.demo.doors import CLOSED_TOML, Places, finding
from provisioning.demo.picture import Doors
from provisioning.demo.strangers import Strangers

DEVICE = "demo-office"
SITE = "demo"
KEYPAD_ADDRESS = 5
PANEL_UNIT = 1
KEYPAD_COUNTER = "quay-1"
PANEL_DIGITS = 6
PROCEDURES = Path(__file__).with_name("procedures.csv")
"""A few, each marked as an example: nobody shall take them for the real ones."""
BATCH_EVENTS = 1000
NEXT_AFTER_S = 4

OFFICE_TOML = """\
[office]
name = "Trung tâm Phục vụ hành chính công xã Mường Tè"
name_en = "Mường Tè Commune Public Service Center"
device = "{device}"
site = "{site}"
data_dir = "{data}"

[uplink]
center = "{center}"
center_id = "center"
root_key_thumbprint = "{thumbprint}"
interval_s = 30
jitter_s = 0

[hall]
max_waiting = 5000
[hall.hours]
mon = "00:00-24:00"
tue = "00:00-24:00"
wed = "00:00-24:00"
thu = "00:00-24:00"
fri = "00:00-24:00"
sat = "00:00-24:00"
sun = "00:00-24:00"

[[services]]
id = "ho-tich"
name = "Hộ tịch – Chứng thực"
name_en = "Civil status, certification"
prefix = "A"
[[services]]
id = "dat-dai"
name = "Đất đai – Xây dựng"
name_en = "Land, construction"
prefix = "B"
[[services]]
id = "bao-tro"
name = "Bảo trợ xã hội – Người có công"
name_en = "Social support, merit"
prefix = "C"
[[services]]
id = "cu-tru"
name = "Cư trú – Căn cước"
name_en = "Residence, identity cards"
prefix = "D"
[[services]]
id = "tra-ket-qua"
name = "Trả kết quả"
name_en = "Collecting results"
prefix = "E"
stage = "return"

[[counters]]
id = "quay-1"
name = "Quầy 1"
name_en = "Counter 1"
services = ["ho-tich", "tra-ket-qua"]
rating_buttons = 1
keypad = {{ bus = "keypads", address = {address} }}
panel = {{ bus = "panels", unit = {unit}, digits = {digits} }}
[[counters]]
id = "quay-2"
name = "Quầy 2"
name_en = "Counter 2"
services = ["dat-dai", "ho-tich", "tra-ket-qua"]
rating_buttons = 2
[[counters]]
id = "quay-3"
name = "Quầy 3"
name_en = "Counter 3"
services = ["bao-tro", "cu-tru"]

[[ratings.reasons]]
key = "cho-lau"
label = "Chờ lâu"
label_en = "Long wait"
[[ratings.reasons]]
key = "huong-dan"
label = "Hướng dẫn chưa rõ"
label_en = "Unclear guidance"
[[ratings.reasons]]
key = "thai-do"
label = "Thái độ phục vụ"
label_en = "Attitude"
[[ratings.reasons]]
key = "ho-so"
label = "Giấy tờ nhiều lần"
label_en = "Papers asked twice"

[hardware]
board = "pi4"
pin_factory = "mock"
[hardware.issue_buttons]
"issue.1" = "ho-tich"
"issue.2" = "dat-dai"
"issue.3" = "bao-tro"
"issue.4" = "cu-tru"
[[hardware.buses]]
id = "keypads"
port = "{keypads}"
kind = "ff68"
gap_ms = 5
[[hardware.buses]]
id = "panels"
port = "{panels}"
kind = "modbus"
baud = 115200
gap_ms = 5

[api]
socket = "{socket}"

"""


class ScriptedCenterClock:
    """The center's clock in a simulated day: the same time as the office's, always right.

    Args:
        system: the simulated machine.
    """

    def __init__(self, system: SystemTime) -> None:
        self._system = system

    def now(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self._system.wall_us())


class ScriptedPressClock:
    """Stamps edges and keys with simulated time.

    Args:
        system: the simulated machine.
    """

    def __init__(self, system: SystemTime) -> None:
        self._system = system

    def monotonic_ms(self) -> int:
        return self._system.boot_ms()


@dataclass
class Scene:
    """Everything that runs; make it with :meth:`open`.

    Args:
        folder: where everything is kept.
        center: the province.
        office: the box.
        pins: presses its buttons, sees its lamps.
        keypad: counter 1's keypad and evaluator.
        panel: counter 1's LED panel.
        lines: the serial lines, to unplug.
        doors: how to reach the pages; None where none are served.
    """

    folder: Path
    center: CenterServer
    office: Office
    pins: MockPins
    keypad: Ff68KeypadEmulator
    panel: ModbusPanelEmulator
    lines: tuple[PtyLine, PtyLine]
    doors: Doors | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def settings(self) -> Settings:
        """The office's, as they are now."""
        return self.office.settings

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        system: SystemTime | None = None,
        deliver_every_s: float = 2.0,
        has_pages: bool = False,
        host: str | None = None,
    ) -> "Scene":
        """Start the center, enroll the office, plug in the emulators, open the office.

        Args:
            folder: an empty or new directory.
            system: a simulated machine; None for the real one.
            deliver_every_s: seconds between uploads.
            has_pages: whether the pages of staff and strangers are served.
            host: an address or name of this machine to serve them at for others; None for this machine alone.

        Raises:
            MotcuaError, OSError: what could not be started; the rest is closed again.
        """
        stack = ExitStack()
        try:
            with finding() if has_pages else nullcontext():
                return cls._open(folder, stack, system, deliver_every_s, has_pages=has_pages, host=host)
        except BaseException:
            stack.close()
            raise

    @classmethod
    def _open(
        cls,
        folder: Path,
        stack: ExitStack,
        system: SystemTime | None,
        deliver_every_s: float,
        *,
        has_pages: bool,
        host: str | None,
    ) -> "Scene":
        folder.mkdir(parents=True, exist_ok=True)
        # Sockets and terminals live under a short name: a Unix socket's path has 107 bytes at most.
        run = Path(tempfile.mkdtemp(prefix="motcua-"))
        stack.callback(shutil.rmtree, run, ignore_errors=True)
        clock = CenterSystemClock() if system is None else ScriptedCenterClock(system)
        center = CenterServer.start(
            folder / "center.db", folder / "center-keys", clock=clock, next_after_s=NEXT_AFTER_S
        )
        stack.callback(center.stop)
        keypads, panels = PtyLine.open(run / "keypads"), PtyLine.open(run / "panels")
        stack.callback(keypads.close)
        stack.callback(panels.close)
        keypad = Ff68KeypadEmulator.open(keypads, addr=KEYPAD_ADDRESS)
        stack.callback(keypad.close)
        panel = ModbusPanelEmulator.open(panels, unit=PANEL_UNIT, digits=PANEL_DIGITS)
        text = OFFICE_TOML.format(
            device=DEVICE,
            site=SITE,
            data=folder.absolute(),
            center=center.url,
            thumbprint=center.keys.root_thumbprint,
            address=KEYPAD_ADDRESS,
            unit=PANEL_UNIT,
            digits=PANEL_DIGITS,
            keypads=keypads.path,
            panels=panels.path,
            socket=run / "office.sock",
        )
        places = Places.find(host, run / "link") if has_pages else None
        text += CLOSED_TOML if places is None else places.toml()
        (folder / "office.toml").write_text(text, encoding="utf-8")
        settings = loads(text)
        claim = center.make_claim(DEVICE, SITE, "office")
        (folder / CLAIM).write_text(f"{claim}\n", encoding="ascii")
        store.replace(settings.office.data_dir, table.taken(PROCEDURES.read_bytes()))
        pins = MockPins.open()
        stack.callback(pins.close)
        around = Surroundings(
            system=system,
            pins=pins,
            press_clock=None if system is None else ScriptedPressClock(system),
            deliver_every_s=deliver_every_s,
            config_path=folder / "office.toml",
            far=FarEnds({KEYPAD_COUNTER: keypad}, {KEYPAD_COUNTER: panel}),
            examiner=OfficeExaminer(folder / "office.toml"),
        )
        office = Office.open(settings, text.encode(), around)
        stack.callback(office.close)
        for line in (keypads, panels):
            line.attach(lambda _bytes: office.heard.tell())
        doors = None
        if places is not None and office.web is not None:
            strangers = Strangers.start(places.phone_hosts, places.phone, places.link, folder)
            stack.callback(strangers.stop)
            doors = places.doors(office.web.accounts, office.web.box().fingerprint)
        return cls(folder, center, office, pins, keypad, panel, (keypads, panels), doors, stack)

    def close(self) -> None:
        """Take everything down; idempotent."""
        self._stack.close()

    def deliver_all(self, timeout_s: float = 60.0) -> bool:
        """Deliver until nothing is left; return whether that was reached within ``timeout_s`` seconds."""
        deadline_s = monotonic_s() + timeout_s
        while monotonic_s() < deadline_s:
            self.office.uplink.deliver_now().result(timeout_s)
            if self.office.uplink.status().unreceipted == 0:
                return True
        return False

    def export_batches(self) -> list[Path]:
        """Seal everything the journal holds into batch files beside it; return their paths."""
        identity = IdentityFolder(self.folder).load()
        sealer = Sealer(identity.key, f"motcua {__version__}")
        written = []
        for source in sources(self.folder):
            history = History(source)
            first, last = history.first(), history.last()
            while first <= last:
                sealed_at = self.office.clock.now().wire_at
                sealed = sealer.seal(history, first, last, Limits(events=BATCH_EVENTS), sealed_at)
                path = self.folder / sealed.header.file_name
                path.write_bytes(sealed.content)
                written.append(path)
                first = sealed.header.last + 1
        return written
