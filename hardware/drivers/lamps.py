"""Lamps and the buzzer: on, off, and a pulse that nobody waits for."""

from threading import Lock
from types import TracebackType
from typing import Self

from hardware.boards.loader import OutputPin
from hardware.drivers.gpio import Gpio, SwitchedPin
from hardware.drivers.timers import Timers


class _PulsedOutput:
    """An output that can be pulsed; make one with ``open``.

    Args:
        name: as in the board profile, such as ``thanks.1`` or ``buzzer``.
        pin: its pin.
        timers: the shared timer thread, for pulses.
    """

    def __init__(self, name: str, pin: SwitchedPin, timers: Timers) -> None:
        self.name = name
        self._pin = pin
        self._timers = timers
        self._lock = Lock()
        self._is_steady = False
        self._pulses = 0

    @classmethod
    def open(cls, name: str, pin: OutputPin, *, gpio: Gpio, timers: Timers) -> Self:
        """Take the pin and switch it off.

        Raises:
            PinUnavailableError: the pin is held by something else.
        """
        return cls(name, gpio.output(name, pin), timers)

    def _pulse(self, ms: int) -> None:
        with self._lock:
            self._pulses += 1
            this_pulse = self._pulses
            self._pin.switch(on=True)
        self._timers.after(ms, lambda: self._end_pulse(this_pulse))

    def close(self) -> None:
        """Switch off and free the pin; closing again does nothing."""
        with self._lock:
            self._pulses += 1
            self._pin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _set(self, *, is_steady: bool) -> None:
        with self._lock:
            self._pulses += 1
            self._is_steady = is_steady
            self._pin.switch(on=is_steady)

    def _end_pulse(self, pulse: int) -> None:
        with self._lock:
            if pulse == self._pulses:
                self._pin.switch(on=self._is_steady)


class Lamp(_PulsedOutput):
    """One lamp; make one with ``open``."""

    def on(self) -> None:
        self._set(is_steady=True)

    def off(self) -> None:
        self._set(is_steady=False)

    def pulse(self, ms: int) -> None:
        """Light for ``ms`` milliseconds, then return to on or off; the latest pulse decides when."""
        self._pulse(ms)


class Buzzer(_PulsedOutput):
    """An active buzzer, one that sounds while its pin is on; make one with ``open``."""

    def beep(self, ms: int) -> None:
        """Sound for ``ms`` milliseconds; returns at once."""
        self._pulse(ms)
