"""The signs at a counter: a face becomes digits on a panel or on a keypad."""

from appliance.announce.board import Face
from hardware.codecs.ff68 import MAX_NUMBER
from hardware.drivers.keypad import Ff68Keypads
from hardware.drivers.panel import ModbusPanel

DIGITS_WITH_COUNTER = 6


class PanelSign:
    """A Modbus panel: the label, and on six digits the counter's number.

    Args:
        panel: the driver.
        number: the counter's number in the configuration, from 1.
    """

    def __init__(self, panel: ModbusPanel, number: int) -> None:
        self._panel = panel
        self._number = number
        self.text = ""
        """What it was told to show last."""

    def show(self, face: Face) -> None:
        if face.label is None:
            self._panel.show("")
            self.text = ""
        elif self._panel.digits < DIGITS_WITH_COUNTER:
            self._panel.show(face.label[-self._panel.digits :])
            self.text = face.label[-self._panel.digits :]
        else:
            self._panel.show_call(face.label, self._number)
            self.text = f"{face.label:<{self._panel.digits - 2}}{self._number:>2}"

    def light_up(self) -> None:
        """Show every segment of every digit, until :meth:`go_on`."""
        self._panel.show("8" * self._panel.digits)

    def go_on(self) -> None:
        """Show what it was told to show last."""
        self._panel.show(self.text)


class KeypadSign:
    """A keypad's six digits: waiting and ticket.

    Args:
        keypads: the driver of its bus.
        address: its address there.
    """

    def __init__(self, keypads: Ff68Keypads, address: int) -> None:
        self._keypads = keypads
        self.address = address
        self.waiting, self.ticket = "", ""
        """What it was told to show last."""

    def show(self, face: Face) -> None:
        number = None if face.number is None else face.number % 1000
        self._keypads.show(self.address, waiting=face.waiting, ticket=number)
        self.waiting = str(min(face.waiting, MAX_NUMBER))
        self.ticket = "" if number is None else f"{number:03}"
