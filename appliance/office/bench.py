"""The bench page's view of the devices: real ones are watched and tested, emulated ones pressed as well."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from appliance.config import Settings
from appliance.config.hall import Counter
from appliance.desk.commands import Record
from appliance.desk.desk import Desk
from appliance.feedback.bindings import is_open
from appliance.office.buttons import STUCK, IssueButton, Meaning, RatingButton, device_of
from appliance.office.devices import BUZZER, Devices, lamp_of
from appliance.office.heard import Heard
from appliance.office.keypads import LEVELS
from appliance.office.keys import EVALUATOR, KEYS
from appliance.office.signs import KeypadSign, PanelSign
from appliance.web.bench import (
    BenchLook,
    ButtonLook,
    ByHandError,
    KeypadLook,
    LampLook,
    LineLook,
    NotTestedError,
    PanelLook,
    StationLook,
    UnknownDeviceError,
)
from appliance.wire.event import Draft
from appliance.wire.moment import Moment
from hardware.boards.loader import BoardProfile
from hardware.drivers.lamps import Buzzer
from hardware.emulators.keypad import Ff68KeypadEmulator
from hardware.emulators.panel import ModbusPanelEmulator
from hardware.errors import HardwareError

TEST_MS = 1_000
BEEP_MS = 150
PANEL_MS = 4_000
SENT = "sent"
"""What a test's record says: the box switched it; whether it lit is seen by the technician."""

Faults = frozenset[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class FarEnds:
    """The emulated devices at the other end of the wires, by counter id; none on a real box."""

    keypads: Mapping[str, Ff68KeypadEmulator] = field(default_factory=dict)
    panels: Mapping[str, ModbusPanelEmulator] = field(default_factory=dict)


class OfficeBench:
    """See :class:`appliance.web.bench.Bench`.

    Args:
        desk: knows the faults, records the tests.
        settings: returns those in force.
        devices: returns those that are open now.
        heard: what came in.
        far: emulated devices.
    """

    def __init__(
        self,
        desk: Desk,
        settings: Callable[[], Settings],
        devices: Callable[[], Devices],
        heard: Heard,
        far: FarEnds | None = None,
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._devices = devices
        self._heard = heard
        self._far = far or FarEnds()
        heard.hide(self._may_be_a_rating)

    # --- what is to be seen

    def look(self) -> BenchLook:
        """See the port."""
        settings, devices = self._settings(), self._devices()
        faults = frozenset(self._desk.state.faults)
        board = devices.board
        places = {service.id: place for place, service in enumerate(settings.services)}
        return BenchLook(
            is_emulated=devices.pins is not None,
            board="" if board is None else board.name,
            issue=tuple(
                self._button(board, name, places[meaning.service], faults)
                for name, meaning in sorted(devices.meanings.items())
                if isinstance(meaning, IssueButton) and meaning.service in places and board is not None
            ),
            buzzer=self._lamp(devices, BUZZER),
            stations=tuple(self._station(counter, devices, faults) for counter in settings.counters),
            lines=tuple(
                LineLook(bus.id, str(bus.port), bus.kind, ("bus_offline", bus.id) not in faults)
                for bus in settings.hardware.buses
            ),
            heard=tuple(each for each in self._heard.looks() if not self._is_citizens(each.device, devices)),
        )

    def _is_citizens(self, device: str, devices: Devices) -> bool:
        """Whether a key is a citizen's own business: a real one that rates a counter in use."""
        counter = self._rated_by(device, devices)
        return counter is not None and counter in self._desk.state.hall.posts

    def _may_be_a_rating(self, device: str, now: Moment) -> bool:
        """Whether a press that begins now may be a citizen's: some come when the counter has closed."""
        devices = self._devices()
        counter = self._rated_by(device, devices)
        if counter is None:
            return False
        state = self._desk.state
        elapsed_ms = state.timeline.at(now.boot, now.up_ms)
        buttons = state.bindings.buttons.get(counter)
        calls = () if buttons is None else buttons.calls
        rules = self._desk.rules.ratings
        return counter in state.hall.posts or any(is_open(call, elapsed_ms, rules) for call in calls)

    def _rated_by(self, device: str, devices: Devices) -> str | None:
        """Return the counter that a real key rates; None for every other key."""
        if devices.pins is not None:
            return None
        kind, _, name = device.partition(":")
        if kind == "evaluator":
            return name.partition(":")[0]
        meaning = devices.meanings.get(name)
        return meaning.counter if isinstance(meaning, RatingButton) else None

    def _station(self, counter: Counter, devices: Devices, faults: Faults) -> StationLook:
        # While other settings are being applied the devices may still be those of the ones before.
        most = self._settings().ratings.levels
        board = devices.board
        levels = [found for found in _buttons_of(counter, devices.meanings) if found[0] <= most]
        return StationLook(
            counter=counter.id,
            is_private=devices.pins is None and counter.id in self._desk.state.hall.posts,
            buttons=()
            if board is None
            else tuple(self._button(board, name, level, faults) for level, name in levels),
            lamp=self._lamp(devices, f"thanks.{counter.rating_buttons}"),
            panel=self._panel(counter, devices, faults),
            keypad=self._keypad(counter, devices, faults),
        )

    def _button(self, board: BoardProfile, name: str, place: int, faults: Faults) -> ButtonLook:
        device = device_of(name)
        is_shown = not self._is_citizens(device, self._devices())
        return ButtonLook(
            device=device,
            name=name,
            pin=board.buttons[name].pin,
            place=place,
            is_down=is_shown and self._heard.is_glowing(device),
            is_stuck=(STUCK, name) in faults,
            pressed_at=self._heard.pressed_at(device) if is_shown else None,
        )

    def _lamp(self, devices: Devices, name: str) -> LampLook | None:
        lamp, board = devices.lamps.get(name), devices.board
        if lamp is None or board is None:
            return None
        output = board.buzzer if name == BUZZER else board.lamps.get(name)
        device = lamp_of(name)
        return LampLook(
            device=device,
            name=name,
            pin=-1 if output is None else output.pin,
            is_lit=lamp.is_lit or self._heard.is_glowing(device),
            times=self._heard.times(device),
        )

    def _panel(self, counter: Counter, devices: Devices, faults: Faults) -> PanelLook | None:
        fitted = counter.panel
        if fitted is None:
            return None
        emulator = self._far.panels.get(counter.id)
        told = ""
        for sign in devices.signs.get(counter.id, ()):
            if isinstance(sign, PanelSign):
                told = sign.text
            elif isinstance(sign, KeypadSign) and sign.address == fitted.unit:
                told = sign.ticket
        is_offline = ("panel_offline", counter.id) in faults or ("bus_offline", fitted.bus) in faults
        return PanelLook(
            bus=fitted.bus,
            unit=fitted.unit,
            digits=fitted.digits,
            text=told.ljust(fitted.digits) if emulator is None else emulator.text(),
            is_online=not is_offline,
            is_seen=emulator is not None,
        )

    def _keypad(self, counter: Counter, devices: Devices, faults: Faults) -> KeypadLook | None:
        fitted = counter.keypad
        if fitted is None:
            return None
        emulator = self._far.keypads.get(counter.id)
        sign = next(
            (
                sign
                for sign in devices.signs.get(counter.id, ())
                if isinstance(sign, KeypadSign) and sign.address == fitted.address
            ),
            None,
        )
        told = ("", "") if sign is None else (sign.waiting, sign.ticket)
        waiting, ticket = told if emulator is None else (emulator.waiting, emulator.ticket)
        last = self._heard.last_of(f"keypad:{counter.id}:") or ("", None)
        return KeypadLook(
            bus=fitted.bus,
            address=fitted.address,
            waiting=waiting.rjust(3),
            ticket=ticket.rjust(3),
            is_online=("bus_offline", fitted.bus) not in faults,
            is_seen=emulator is not None,
            levels=LEVELS[self._settings().ratings.levels],
            is_inviting=None if emulator is None else emulator.is_rating_open,
            acks=None if emulator is None else len(emulator.acks),
            last_key=last[0].rpartition(":")[2],
        )

    # --- hands

    def press(self, device: str, held_ms: int) -> None:
        """See the port."""
        kind, _, rest = device.partition(":")
        counter, _, key = rest.partition(":")
        match kind:
            case "button":
                self._push(device, rest, held_ms)
            case "keypad" if key in KEYS:
                code, digit = KEYS[key]
                self._emulator(device, counter).press_key(code, digit=digit)
            case "evaluator" if key in EVALUATOR:
                self._emulator(device, counter).rate(EVALUATOR[key])
            case _:
                raise UnknownDeviceError(device=device[:60])

    def _push(self, device: str, name: str, held_ms: int) -> None:
        devices = self._devices()
        if devices.board is None or devices.timers is None or name not in devices.meanings:
            raise UnknownDeviceError(device=device[:60])
        pins, pin = devices.pins, devices.board.buttons[name].pin
        if pins is None:
            raise ByHandError(device=name)
        try:
            pins.press(pin)
        except HardwareError as error:  # it was closed a moment ago
            raise UnknownDeviceError(device=name) from error
        devices.timers.after(held_ms, lambda: pins.release(pin))

    def _emulator(self, device: str, counter: str) -> Ff68KeypadEmulator:
        known = {one.id for one in self._settings().counters if one.keypad is not None}
        if counter not in known:
            raise UnknownDeviceError(device=device[:60])
        emulator = self._far.keypads.get(counter)
        if emulator is None:
            raise ByHandError(device=device)
        return emulator

    def test(self, device: str, by: str) -> None:
        """See the port."""
        kind, _, name = device.partition(":")
        if kind == "lamp" and name in self._devices().lamps:
            lamp = self._devices().lamps[name]
            if isinstance(lamp, Buzzer):
                lamp.beep(BEEP_MS)
            else:
                lamp.pulse(TEST_MS)
        elif kind == "keypad":
            self._beep(device, name)
        elif kind == "panel":
            self._light_panel(device, name)
        else:
            raise UnknownDeviceError(device=device[:60])
        self._desk.ask(Record(Draft("hardware.tested", {"subject": device, "result": SENT, "by": by})))

    def _light_panel(self, device: str, counter: str) -> None:
        devices = self._devices()
        sign = next((sign for sign in devices.signs.get(counter, ()) if isinstance(sign, PanelSign)), None)
        if sign is None or devices.timers is None:
            raise UnknownDeviceError(device=device[:60])
        try:
            sign.light_up()
        except HardwareError as error:
            raise NotTestedError(device=device, reason=str(error)) from error

        def go_on() -> None:
            with suppress(HardwareError):  # its line was closed meanwhile
                sign.go_on()
            self._heard.tell()

        devices.timers.after(PANEL_MS, go_on)

    def _beep(self, device: str, counter: str) -> None:
        fitted = next((one.keypad for one in self._settings().counters if one.id == counter), None)
        driver = None if fitted is None else self._devices().keypads.get(fitted.bus)
        if fitted is None or driver is None:
            raise UnknownDeviceError(device=device[:60])
        try:
            driver.beep(fitted.address)
        except HardwareError as error:
            raise NotTestedError(device=device, reason=str(error)) from error


def _buttons_of(counter: Counter, meanings: Mapping[str, Meaning]) -> list[tuple[int, str]]:
    """Return the levels and names of a counter's satisfaction buttons, worst first."""
    found = [
        (meaning.level, name)
        for name, meaning in meanings.items()
        if isinstance(meaning, RatingButton) and meaning.counter == counter.id
    ]
    return sorted(found)
