"""Fingers and eyes for pins that do not exist, over gpiozero's mock factory."""

import logging
from collections.abc import Callable
from threading import Lock
from typing import Any, Self

from hardware.drivers.gpio import Gpio
from hardware.errors import PinUnavailableError

_logger = logging.getLogger(__name__)


class MockPins:
    """The mock pins of one process: press buttons, watch outputs; make one with ``open``.

    Args:
        gpio: hand this to the drivers under test.
        factory: gpiozero's mock factory behind it.
        floating_low: as for ``open``.

    Attributes:
        gpio: what the drivers take their pins from.
    """

    def __init__(self, gpio: Gpio, factory: object, floating_low: frozenset[int]) -> None:
        self.gpio = gpio
        self._factory: Any = factory
        self._floating_low = floating_low
        self._lock = Lock()
        self._watchers: list[Callable[[int, bool], None]] = []

    @classmethod
    def open(cls, *, floating_low: frozenset[int] = frozenset()) -> Self:
        """Make a factory whose outputs are watched.

        Args:
            floating_low: BCM numbers of the buttons with pull ``none`` that read low while held; they idle
                high.
        """
        from gpiozero.pins.mock import MockFactory, MockPin

        class WatchedPin(MockPin):  # type: ignore[misc] # gpiozero is untyped
            """A mock pin that tells ``pins`` when its level changes."""

            def _change_state(self, value: float) -> bool:
                is_changed = bool(super()._change_state(value))
                if is_changed and self._function == "output":
                    pins._changed(_number(self), is_high=bool(value))
                return is_changed

        factory = MockFactory(pin_class=WatchedPin)
        pins = cls(Gpio("mock", factory), factory, floating_low)
        for number in floating_low:
            factory.pin(number).drive_high()
        return pins

    def press(self, pin: int) -> None:
        """Hold the button on ``pin`` (BCM number); its callbacks have run when this returns.

        Raises:
            PinUnavailableError: nobody took that pin as a button.
        """
        self._drive(pin, is_held=True)

    def release(self, pin: int) -> None:
        """Let the button on ``pin`` go.

        Raises:
            PinUnavailableError: nobody took that pin as a button.
        """
        self._drive(pin, is_held=False)

    def state(self, pin: int) -> bool:
        """Return whether ``pin`` is high."""
        return bool(self._factory.pin(pin).state)

    def outputs(self) -> dict[int, bool]:
        """Return the level of every pin that is an output now."""
        with self._lock:
            held = list(self._factory.pins.values())
        return {_number(pin): bool(pin.state) for pin in held if pin.function == "output"}

    def on_change(self, watcher: Callable[[int, bool], None]) -> None:
        """Have ``watcher`` called with (pin, is_high) at each change of an output, on the changing thread."""
        self._watchers.append(watcher)

    def close(self) -> None:
        """Close every pin that is still open."""
        self._watchers.clear()
        self.gpio.close()

    def _drive(self, pin: int, *, is_held: bool) -> None:
        reason = "no button was opened on it"
        known = {_number(each): each for each in list(self._factory.pins.values())}
        mock = known.get(pin)
        if mock is None or mock.function != "input":
            raise PinUnavailableError(name="mock finger", pin=pin, reason=reason)
        reads_low = mock.pull == "up" or (mock.pull == "floating" and pin in self._floating_low)
        if is_held is reads_low:
            mock.drive_low()
        else:
            mock.drive_high()

    def _changed(self, pin: int, *, is_high: bool) -> None:
        for watcher in list(self._watchers):
            try:
                watcher(pin, is_high)
            except Exception:
                _logger.exception("a watcher of pin %d failed", pin)


def _number(pin: Any) -> int:  # noqa: ANN401 - gpiozero is untyped
    """Return the BCM number in gpiozero's pin name, such as 17 of GPIO17."""
    return int(str(pin.info.name).removeprefix("GPIO"))
