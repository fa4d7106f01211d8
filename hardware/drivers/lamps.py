"""Lamps and the buzzer: on, off, and a pulse that nobody waits for."""

import logging
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Self

from hardware.boards.loader import OutputPin
from hardware.drivers.gpio import Gpio, SwitchedPin
from hardware.drivers.timers import Timers

_logger = logging.getLogger(__name__)


class _PulsedOutput:
    """An output that can be pulsed; make one with ``open``.

    Args:
        name: as in the board profile, such as ``thanks.1`` or ``buzzer``.
        pin: its pin.
        timers: the shared timer thread, for pulses.
        on_change: called when it was switched on or off, on the switching thread; must return at once.
    """

    def __init__(
        self, name: str, pin: SwitchedPin, timers: Timers, on_change: Callable[[bool], None] | None = None
    ) -> None:
        self.name = name
        self._pin = pin
        self._timers = timers
        self._on_change = on_change
        self._lock = Lock()
        self._is_lit = False
        self._is_steady = False
        self._pulses = 0

    @classmethod
    def open(
        cls,
        name: str,
        pin: OutputPin,
        *,
        gpio: Gpio,
        timers: Timers,
        on_change: Callable[[bool], None] | None = None,
    ) -> Self:
        """Take the pin and switch it off.

        Raises:
            PinUnavailableError: the pin is held by something else.
        """
        return cls(name, gpio.output(name, pin), timers, on_change)

    @property
    def is_lit(self) -> bool:
        """Whether it is switched on now."""
        return self._is_lit

    def _pulse(self, ms: int) -> None:
        with self._lock:
            self._pulses += 1
            this_pulse = self._pulses
            self._switch(on=True)
        self._timers.after(ms, lambda: self._end_pulse(this_pulse))

    def close(self) -> None:
        """Switch off and free the pin; closing again does nothing."""
        with self._lock:
            self._pulses += 1
            self._is_lit = False
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
            self._switch(on=is_steady)

    def _end_pulse(self, pulse: int) -> None:
        with self._lock:
            if pulse == self._pulses:
                self._switch(on=self._is_steady)

    def _switch(self, *, on: bool) -> None:
        self._pin.switch(on=on)
        self._is_lit = on
        if self._on_change is not None:
            try:
                self._on_change(on)
            except Exception:
                _logger.exception("whoever watches %s failed", self.name)


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
