"""Everything with a pin or a serial line, opened from the settings and wired to the desk."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import structlog

from appliance.announce.signs import Sign
from appliance.config import Settings
from appliance.config.problem import ConfigError
from appliance.desk.commands import ClearFault, ReportFault
from appliance.desk.desk import Desk
from appliance.desk.rules import Rules
from appliance.errors import MotcuaError
from appliance.office.buttons import ButtonInputs, IssueButton, Meaning, RatingButton
from appliance.office.heard import Heard
from appliance.office.keypads import KeypadInputs
from appliance.office.rules import board_problems
from appliance.office.signs import KeypadSign, PanelSign
from appliance.office.thanks import Thanks
from hardware.boards.loader import BoardProfile, load_board
from hardware.clock import Clock, SystemClock
from hardware.drivers.bus import BusState
from hardware.drivers.buttons import Buttons
from hardware.drivers.gpio import Gpio
from hardware.drivers.keypad import Ff68Keypads
from hardware.drivers.lamps import Buzzer, Lamp
from hardware.drivers.panel import ModbusPanel, PanelStatus
from hardware.drivers.serial_bus import BusSettings, SerialBus
from hardware.drivers.timers import Timers
from hardware.emulators.pins import MockPins
from hardware.emulators.pins_socket import PinsServer

log = structlog.get_logger(__name__)

BUZZER = "buzzer"


@dataclass(slots=True)
class Devices:
    """What was opened.

    Args:
        signs: by counter id: what shows its face.
        pins: the mock pins, when there are any.
        board: where the buttons and lamps are, or None without pins.
        meanings: by button name.
        lamps: the lamps and the buzzer, by the board's names.
        keypads: the driver of each FF68 line, by its id.
        timers: the shared timer thread; None before anything was opened.
    """

    signs: dict[str, list[Sign]] = field(default_factory=dict)
    pins: MockPins | None = None
    board: BoardProfile | None = None
    meanings: dict[str, Meaning] = field(default_factory=dict)
    lamps: dict[str, Lamp | Buzzer] = field(default_factory=dict)
    keypads: dict[str, Ff68Keypads] = field(default_factory=dict)
    timers: Timers | None = None


def open_devices(
    settings: Settings,
    desk: Desk,
    rules: Rules,
    stack: ExitStack,
    *,
    heard: Heard,
    pins: MockPins | None = None,
    press_clock: Clock | None = None,
) -> Devices:
    """Open every device of the settings; ``stack`` closes them in reverse.

    A line that is unplugged or a device that does not answer is a fault, not an error: it is tried again.

    Args:
        settings: which devices there are.
        desk: where their presses go.
        rules: of the hall and of the ratings.
        stack: takes what must be closed.
        heard: is told of every press, key and lamp.
        pins: mock pins to use instead of own ones.
        press_clock: stamps edges and keys; None for the machine's.

    Raises:
        ConfigError: a configured button is not on the board.
        HardwareError: the pins of this machine cannot be had.
    """
    timers = Timers.open()
    stack.callback(timers.close)
    heard.begin(timers.after, settings.ratings.debounce_ms)
    opening = _Opening(settings, desk, rules, timers, stack, heard, Devices(timers=timers))
    clock = press_clock or SystemClock()
    opening.buses(clock)
    board = check_buttons(settings)
    if board is not None:
        opening.pins(board, pins, clock)
    return opening.devices


def check_buttons(settings: Settings) -> BoardProfile | None:
    """Return the board of the settings, or None without pins.

    Raises:
        ConfigError: a configured button is not on the board.
    """
    if settings.hardware.board == "none" or settings.hardware.pin_factory == "none":
        return None
    board = load_board(settings.hardware.board)
    problems = board_problems(settings, board.buttons)
    if problems:
        raise ConfigError(problems=problems, name="office.toml")
    return board


@dataclass(frozen=True, slots=True)
class _Opening:
    """The devices of one box while they are being opened."""

    settings: Settings
    desk: Desk
    rules: Rules
    timers: Timers
    stack: ExitStack
    heard: Heard
    devices: Devices

    def pins(self, board: BoardProfile, pins: MockPins | None, clock: Clock) -> None:
        """Open buttons, lamps and the buzzer; mock pins given from outside are not ours to close."""
        hardware = self.settings.hardware
        if hardware.pin_factory == "mock":
            self.devices.pins = pins or MockPins.open()
            gpio = self.devices.pins.gpio
        else:
            gpio = Gpio.open(hardware.pin_factory)
        if pins is None:
            self.stack.callback(gpio.close)
        meanings = self._meanings()
        self.devices.board, self.devices.meanings = board, meanings
        thanks = self._thanks(board, gpio)
        inputs = ButtonInputs(self.desk, self.rules.ratings, meanings, thanks, clock, heard=self.heard)
        used = {name: pin for name, pin in board.buttons.items() if name in meanings}
        buttons = Buttons.open(used, gpio=gpio, on_change=inputs.on_edge, clock=clock)
        self.stack.callback(buttons.close)
        inputs.watch(buttons.held(), self.timers)
        if hardware.pins_socket is not None and self.devices.pins is not None:
            self.stack.callback(PinsServer.open(self.devices.pins, hardware.pins_socket).close)

    def _thanks(self, board: BoardProfile, gpio: Gpio) -> Thanks:
        lamps: dict[str, Lamp] = {}
        for counter in self.settings.counters:
            name = f"thanks.{counter.rating_buttons}"
            if name in board.lamps:
                tell = partial(_tell_lit, self.heard, name)
                lamp = Lamp.open(name, board.lamps[name], gpio=gpio, timers=self.timers, on_change=tell)
                lamps[counter.id] = self.devices.lamps[name] = self.stack.enter_context(lamp)
        if board.buzzer is None:
            return Thanks(lamps, None)
        tell = partial(_tell_lit, self.heard, BUZZER)
        buzzer = Buzzer.open(BUZZER, board.buzzer, gpio=gpio, timers=self.timers, on_change=tell)
        self.devices.lamps[BUZZER] = self.stack.enter_context(buzzer)
        return Thanks(lamps, buzzer)

    def _meanings(self) -> dict[str, Meaning]:
        settings = self.settings
        meanings: dict[str, Meaning] = {
            button: IssueButton(service) for button, service in settings.hardware.issue_buttons.items()
        }
        for counter in settings.counters:
            if counter.rating_buttons is not None:
                for level in range(1, settings.ratings.levels + 1):
                    meanings[f"rating.{counter.rating_buttons}.{level}"] = RatingButton(counter.id, level)
        return meanings

    def buses(self, clock: Clock) -> None:
        """Open every serial line and what hangs on it."""
        for bus in self.settings.hardware.buses:
            tell = partial(_tell_bus, self.desk, bus.id)
            line = SerialBus.open(
                BusSettings(port=str(bus.port), baud=bus.baud, gap_ms=bus.gap_ms), on_state=tell
            )
            self.stack.callback(line.close)
            if bus.kind == "ff68":
                self._keypads(bus.id, line, clock)
            else:
                self._panels(bus.id, line)

    def _keypads(self, bus: str, line: SerialBus, clock: Clock) -> None:
        fitted = [
            (counter.id, counter.keypad.address)
            for counter in self.settings.counters
            if counter.keypad is not None and counter.keypad.bus == bus
        ]
        counters = {address: counter for counter, address in fitted}
        levels = self.settings.ratings.levels
        inputs = KeypadInputs(self.desk, self.rules.hall, levels, counters, self.heard)
        keypads = Ff68Keypads.open(line, on_key=inputs.on_key, on_rating=inputs.on_rating, clock=clock)
        inputs.attach(keypads)
        self.devices.keypads[bus] = keypads
        self.stack.callback(keypads.close)
        # A display that speaks FF68 is a keypad without keys.
        fitted += [
            (counter.id, counter.panel.unit)
            for counter in self.settings.counters
            if counter.panel is not None and counter.panel.bus == bus
        ]
        for counter, address in fitted:
            self.devices.signs.setdefault(counter, []).append(KeypadSign(keypads, address))

    def _panels(self, bus: str, line: SerialBus) -> None:
        for number, counter in enumerate(self.settings.counters, 1):
            if counter.panel is None or counter.panel.bus != bus:
                continue
            panel = ModbusPanel.open(
                line,
                self.timers,
                unit=counter.panel.unit,
                digits=counter.panel.digits,
                on_status=partial(_tell_panel, self.desk, counter.id),
            )
            self.stack.callback(panel.close)
            self.devices.signs.setdefault(counter.id, []).append(PanelSign(panel, number))


def lamp_of(name: str) -> str:
    """Return what the bench page calls a lamp or the buzzer."""
    return f"lamp:{name}"


def _tell_lit(heard: Heard, name: str, is_lit: bool) -> None:
    heard.lit(lamp_of(name), is_lit=is_lit)


def _tell_bus(desk: Desk, bus: str, state: BusState) -> None:
    _tell(desk, "bus_offline", bus, is_right=state.is_online)


def _tell_panel(desk: Desk, counter: str, status: PanelStatus) -> None:
    if status.is_online is not None:
        _tell(desk, "panel_offline", counter, is_right=status.is_online)


def _tell(desk: Desk, issue: str, subject: str, *, is_right: bool) -> None:
    try:
        desk.post(ClearFault(issue, subject) if is_right else ReportFault(issue, subject))
    except MotcuaError as error:
        log.warning("device.fault_not_recorded", issue=issue, subject=subject, reason=str(error))
