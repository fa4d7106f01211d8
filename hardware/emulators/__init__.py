"""Emulators replace the device at the other end of the wire, so that the real drivers are exercised.

They share no code with our codecs: a wrong opcode must not pass on both sides. Used by tests, the demo and
the technician's bench.
"""

from hardware.emulators.keypad import Ff68KeypadEmulator
from hardware.emulators.line import Faults, PtyLine
from hardware.emulators.panel import ModbusPanelEmulator
from hardware.emulators.pins import MockPins
from hardware.emulators.pins_socket import PinsClient, PinsServer

__all__ = [
    "Faults",
    "Ff68KeypadEmulator",
    "MockPins",
    "ModbusPanelEmulator",
    "PinsClient",
    "PinsServer",
    "PtyLine",
]
