"""Buttons, lamps and keypads of one office: mock pins, a scripted bus, timers that run when told."""

from collections.abc import Callable

from sim_desk import SimBox

from appliance.desk.commands import Tick
from appliance.feedback.rules import RatingRules
from appliance.office.buttons import ButtonInputs, IssueButton, RatingButton
from appliance.office.thanks import Thanks
from hardware.boards.loader import BoardProfile, load_board
from hardware.clock import ManualClock
from hardware.drivers.bus import BusState, Transmission
from hardware.drivers.buttons import Buttons
from hardware.drivers.lamps import Buzzer, Lamp
from hardware.emulators.pins import MockPins
from hardware.errors import BusFullError


class ScriptedTimers:
    """Actions at a later time of a clock that moves only when told.

    Args:
        clock: moves with them.
    """

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._due: list[tuple[int, Callable[[], None]]] = []

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        self._due.append((self._clock.monotonic_ms() + delay_ms, action))

    def advance(self, ms: int) -> None:
        """Let time pass and do what is due, in order."""
        end_ms = self._clock.monotonic_ms() + ms
        while due := sorted((one for one in self._due if one[0] <= end_ms), key=lambda one: one[0]):
            self._due.remove(due[0])
            self._clock.advance(max(0, due[0][0] - self._clock.monotonic_ms()))
            due[0][1]()
        self._clock.advance(end_ms - self._clock.monotonic_ms())


class SimHall:
    """A box with the buttons, lamps and the buzzer of a Pi 4 board.

    Args:
        box: the box; its desk may run or not.
    """

    def __init__(self, box: SimBox) -> None:
        self.box = box
        self.board: BoardProfile = load_board("pi4")
        self.clock = ManualClock(1_000)
        self.timers = ScriptedTimers(self.clock)
        self.pins = MockPins.open()
        self.changes: list[tuple[int, bool]] = []
        self.inputs: ButtonInputs
        self._buttons: Buttons
        self._is_watching = False

    def open(self, *, held: str | None = None) -> None:
        """Take the pins; ``held`` is a button that is down already."""
        gpio, timers = self.pins.gpio, self.timers
        lamps = {
            counter: Lamp.open(name, self.board.lamps[name], gpio=gpio, timers=timers)  # type: ignore[arg-type]
            for counter, name in (("q1", "thanks.1"), ("q2", "thanks.2"))
        }
        assert self.board.buzzer is not None
        buzzer = Buzzer.open("buzzer", self.board.buzzer, gpio=gpio, timers=timers)  # type: ignore[arg-type]
        meanings = {
            **{f"rating.{at}.{level}": RatingButton(f"q{at}", level) for at in (1, 2) for level in (1, 2, 3)},
            "issue.1": IssueButton("ho-tich"),
        }
        rules: RatingRules = self.box.rules.ratings
        self.inputs = ButtonInputs(self.box.desk, rules, meanings, Thanks(lamps, buzzer), self.clock)
        self._buttons = Buttons.open(self.board.buttons, gpio=gpio, on_change=self._edge, clock=self.clock)
        if held is not None:
            self.press(held)
        self._is_watching = True
        self.inputs.watch(self._buttons.held(), timers)  # type: ignore[arg-type]
        self.pins.on_change(lambda pin, is_high: self.changes.append((pin, is_high)))

    def _edge(self, name: str, is_down: bool, at_ms: int) -> None:
        if self._is_watching:  # what was down before the office started made no edge
            self.inputs.on_edge(name, is_down, at_ms)

    def press(self, button: str) -> None:
        self.pins.press(self.board.buttons[button].pin)

    def release(self, button: str) -> None:
        self.pins.release(self.board.buttons[button].pin)

    def click(self, button: str, ms: int = 120) -> None:
        """Press and release, and let the key rest."""
        self.press(button)
        self.advance(ms)
        self.release(button)
        self.advance(200)

    def advance(self, ms: int) -> None:
        """Let time pass for buttons, lamps and the office."""
        self.box.time.advance(ms)
        self.timers.advance(ms)

    def settle(self) -> None:
        """Wait until the desk has answered everything that was pressed."""
        self.box.ask(Tick())

    def output(self, name: str) -> int:
        """Return the pin of a lamp or of the buzzer."""
        if name == "buzzer":
            assert self.board.buzzer is not None
            return self.board.buzzer.pin
        return self.board.lamps[name].pin

    def close(self) -> None:
        self._buttons.close()
        self.pins.close()


class ScriptedBus:
    """A line that remembers what was sent; ``listener`` is where its bytes go."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_full = False
        self.listener: Callable[[bytes], None]

    def watch(self, on_state: Callable[[BusState], None]) -> None:
        """Stay as it is."""

    def listen(self, on_bytes: Callable[[bytes], None]) -> None:
        self.listener = on_bytes

    def send(self, transmission: Transmission) -> None:
        if self.is_full:
            raise BusFullError(port="memory", limit=0)
        self.sent.append(transmission.frame)
