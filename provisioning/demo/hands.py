"""The hands of the people in the hall: buttons, keypad, cables."""

from collections.abc import Callable

from appliance.desk.commands import Command
from appliance.errors import MotcuaError
from hardware.boards.loader import load_board
from hardware.codecs.ff68 import Key, OkDigit, RatingValue
from provisioning.demo.agenda import Agenda
from provisioning.demo.scene import Scene

HELD_S = 0.12
"""A quick finger."""
ANSWER_S = 1.5
"""A keypad that heard nothing by then was refused."""


class Hands:
    """Presses what is really there: mock pins, the keypad at the end of its wire, the cables.

    Args:
        scene: the office.
        agenda: when held buttons are let go; never paused.
        say: tells people what a key did.
    """

    def __init__(self, scene: Scene, agenda: Agenda, say: Callable[[str], None]) -> None:
        self._scene = scene
        self._agenda = agenda
        self._say = say
        self._buttons = load_board(scene.settings.hardware.board).buttons
        self._held: set[int] = set()

    def take_number(self, service: str) -> bool:
        """Press the button of a service; return whether there is one."""
        buttons = self._scene.settings.hardware.issue_buttons
        name = next((name for name, meant in buttons.items() if meant == service), None)
        return name is not None and self.press(name)

    def press(self, button: str, held_s: float = HELD_S) -> bool:
        """Press a button of the board for so long.

        Args:
            button: its name, such as ``rating.1.3``.
            held_s: seconds until it is let go.

        Returns:
            Whether it is there and was not held already.
        """
        known = self._buttons.get(button)
        if known is None or known.pin in self._held:
            return False
        pin = known.pin
        self._held.add(pin)
        self._scene.pins.press(pin)
        self._agenda.after(held_s, lambda: self._release(pin))
        return True

    def key(self, key: Key, what: str = "", digit: OkDigit | None = None) -> None:
        """Press a key of the keypad; when ``what`` is given, tell how the keypad took it."""
        keypad = self._scene.keypad
        acks = len(keypad.acks)
        keypad.press_key(key, digit=digit)
        if what:
            self._agenda.after(ANSWER_S, lambda: self._judge(acks, what))

    def evaluate(self, value: RatingValue) -> None:
        """Press a key of the evaluator."""
        self._scene.keypad.rate(value)

    def toggle_panel(self) -> None:
        """Pull the panel's cable, or plug it in again."""
        line = self._scene.lines[1]
        if line.path.exists():
            line.unplug()
            self._say("Đã rút dây bảng LED · panel unplugged")
        else:
            line.replug()
            self._say("Đã cắm lại dây bảng LED · panel plugged in")

    def ask(self, command: Command) -> None:
        """Give the desk a command, as the officer's screen does; a refusal is the office's own business."""
        try:
            self._scene.office.desk.post(command)
        except MotcuaError as error:
            self._say(error.vi())

    def close(self) -> None:
        """Let everything go."""
        for pin in tuple(self._held):
            self._release(pin)

    def _release(self, pin: int) -> None:
        if pin in self._held:
            self._held.discard(pin)
            self._scene.pins.release(pin)

    def _judge(self, acks: int, what: str) -> None:
        if len(self._scene.keypad.acks) == acks:
            self._say(f"{what}: bàn phím không được xác nhận · refused, nothing to do")
