"""The bench of one box: a running desk, real drivers on mock pins, and a press clock that moves when told."""

from contextlib import ExitStack
from pathlib import Path

from sim_desk import SimBox

from appliance.config import loads
from appliance.desk.commands import Tick
from appliance.desk.rules import Rules
from appliance.office.bench import OfficeBench
from appliance.office.devices import open_devices
from appliance.office.heard import Heard
from appliance.office.rules import hall_rules, rating_rules
from appliance.web.bench import BenchLook, ButtonLook, HeardLook
from appliance.wire.event import Event
from hardware.clock import ManualClock
from hardware.emulators.pins import MockPins

TOML = """\
[office]
name = "Xã Mường Tè"
device = "muong-te-01"
site = "muong-te"
[uplink]
center = "https://motcua.example.vn"
center_id = "tinh"
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
id = "q1"
name = "Quầy 1"
services = ["ho-tich"]
rating_buttons = 1
[[counters]]
id = "q2"
name = "Quầy 2"
services = ["dat-dai"]
[hardware]
board = "pi4"
pin_factory = "mock"
[hardware.issue_buttons]
"issue.1" = "ho-tich"
"issue.2" = "dat-dai"
"""


class SimBench:
    """See the module; close it.

    Args:
        folder: an empty directory.
    """

    def __init__(self, folder: Path) -> None:
        self.settings = loads(TOML)
        rules = Rules(hall_rules(self.settings), rating_rules(self.settings))
        self.box = SimBox(folder, rules=rules)
        self.box.start()
        self.clock = ManualClock(1_000)
        self.changes = 0
        self._stack = ExitStack()
        self._stack.callback(self.box.stop)
        self.pins = MockPins.open()
        self._stack.callback(self.pins.close)
        self.heard = Heard(self.box.clock, self.clock)
        self.heard.attach(self._changed)
        self.devices = open_devices(
            self.settings,
            self.box.desk,
            rules,
            self._stack,
            heard=self.heard,
            pins=self.pins,
            press_clock=self.clock,
        )
        self.bench = OfficeBench(self.box.desk, lambda: self.settings, lambda: self.devices, self.heard)

    def look(self) -> BenchLook:
        """Let the desk answer what was pressed, and look."""
        self.box.ask(Tick())
        return self.bench.look()

    def button(self, name: str) -> ButtonLook:
        """Return one button as it is now."""
        look = self.look()
        buttons = [*look.issue, *(button for station in look.stations for button in station.buttons)]
        return next(button for button in buttons if button.name == name)

    def latest(self) -> HeardLook:
        """Return what was heard last."""
        return self.look().heard[0]

    def down(self, name: str) -> None:
        """Hold a button."""
        assert self.devices.board is not None
        self.pins.press(self.devices.board.buttons[name].pin)

    def up(self, name: str) -> None:
        """Let a button go."""
        assert self.devices.board is not None
        self.pins.release(self.devices.board.buttons[name].pin)

    def pass_time(self, ms: int) -> None:
        """Let time pass for whoever presses."""
        self.clock.advance(ms)
        self.box.time.advance(ms)

    def click(self, name: str, ms: int = 120) -> None:
        """Press a button and let it rest."""
        self.down(name)
        self.pass_time(ms)
        self.up(name)
        self.pass_time(200)

    def recorded(self, kind: str) -> list[Event]:
        """Return the events of one kind."""
        self.box.ask(Tick())
        return [event for event in self.box.events() if event.kind == kind]

    def close(self) -> None:
        """Take everything down."""
        self._stack.close()

    def _changed(self) -> None:
        self.changes += 1
