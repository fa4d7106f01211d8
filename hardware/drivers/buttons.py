"""Push buttons: every edge with its name and time, unfiltered."""

import logging
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from hardware.boards.loader import ButtonPin
from hardware.clock import Clock, SystemClock
from hardware.drivers.gpio import Gpio, InputPin

_logger = logging.getLogger(__name__)

OnChange = Callable[[str, bool, int], None]


class Buttons:
    """A set of named buttons; make one with ``open``.

    Args:
        clock: monotonic milliseconds, for the stamps.
        on_change: called with (name, pressed, at_ms) on gpiozero's thread for every edge, bounces included.
    """

    def __init__(self, clock: Clock, on_change: OnChange) -> None:
        self._clock = clock
        self._on_change = on_change
        self._pins: dict[str, InputPin] = {}

    @classmethod
    def open(
        cls,
        buttons: Mapping[str, ButtonPin],
        *,
        gpio: Gpio,
        on_change: OnChange,
        clock: Clock | None = None,
    ) -> Self:
        """Take the pins of ``buttons`` (as in ``BoardProfile.buttons``); all of them or none.

        Raises:
            PinUnavailableError: a pin is held by something else; the pins taken so far are freed.
        """
        opened = cls(clock or SystemClock(), on_change)
        try:
            for name, pin in buttons.items():
                opened._pins[name] = gpio.input(name, pin, opened._reporter(name))
        except BaseException:
            opened.close()
            raise
        return opened

    def held(self) -> frozenset[str]:
        """Return the names of the buttons that are down now, such as one that was stuck before we started."""
        return frozenset(name for name, pin in self._pins.items() if pin.is_active())

    def close(self) -> None:
        """Free the pins, last taken first; a closed button fires nothing."""
        while self._pins:
            name, pin = self._pins.popitem()
            try:
                pin.close()
            except Exception:
                _logger.exception("button %s could not be closed", name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reporter(self, name: str) -> Callable[[bool], None]:
        def report(is_pressed: bool) -> None:
            self._on_change(name, is_pressed, self._clock.monotonic_ms())

        return report
