"""The only file that talks to gpiozero: an explicit pin factory, typed pins, our own errors.

gpiozero falls back silently from one factory to another and keeps one in a global; neither is used here. Its
``bounce_time`` drops edges and is ignored by its mock, so edges come unfiltered (debouncing belongs to the
application). ``DigitalInputDevice`` stands in for its subclass ``Button``, which adds only a thread per
button for long presses that wakes ten times a second.
"""

import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from hardware.boards.loader import ButtonPin, OutputPin
from hardware.errors import PinFactoryUnavailableError, PinFactoryUnknownError, PinUnavailableError

_logger = logging.getLogger(__name__)
FACTORIES = ("lgpio", "mock")


class InputPin(Protocol):
    """A pin that reports its edges until it is closed."""

    def is_active(self) -> bool:
        """Tell whether the button is held now."""

    def close(self) -> None:
        """Report nothing more and free the pin; closing again does nothing."""


class SwitchedPin(Protocol):
    """A pin that is switched on and off."""

    def switch(self, *, on: bool) -> None:
        """Drive the pin to its active level or away from it; ignored once closed."""

    def close(self) -> None:
        """Switch off and free the pin; closing again does nothing."""


class Gpio:
    """The pins of this machine through one named factory; make one with ``open``.

    Args:
        factory: ``lgpio`` (the real pins) or ``mock``.
        native: gpiozero's factory object.
    """

    def __init__(self, factory: str, native: object) -> None:
        self.factory = factory
        self._native: Any = native
        self._taken_pins: list[InputPin | SwitchedPin] = []  # gpiozero closes a device that nobody refers to
        self._is_closed = False

    @classmethod
    def open(cls, factory: str, *, work_dir: Path | None = None) -> Self:
        """Make the factory named in the configuration; there is no fallback.

        Args:
            factory: ``lgpio`` or ``mock``.
            work_dir: writable directory for lgpio's notification pipe, which it otherwise puts into the
                working directory; None takes $RUNTIME_DIRECTORY or the directory for temporary files.

        Raises:
            PinFactoryUnknownError: no such factory.
            PinFactoryUnavailableError: it cannot run on this machine.
        """
        match factory:
            case "mock":
                from gpiozero.pins.mock import MockFactory

                return cls(factory, MockFactory())
            case "lgpio":
                return cls(factory, _lgpio_factory(work_dir))
            case _:
                raise PinFactoryUnknownError(value=factory, known=", ".join(FACTORIES))

    def input(self, name: str, pin: ButtonPin, on_edge: Callable[[bool], None]) -> InputPin:
        """Take a button's pin; ``on_edge`` gets True when it becomes active, on gpiozero's thread.

        Raises:
            PinUnavailableError: the pin is held by something else, or cannot do what the profile asks.
        """
        from gpiozero import DigitalInputDevice

        pull_up = {"up": True, "down": False, "none": None}[pin.pull]
        device = self._taken(
            name,
            pin.pin,
            lambda: DigitalInputDevice(
                pin.pin,
                pull_up=pull_up,
                active_state=(pin.active == "high") if pull_up is None else None,
                bounce_time=None,
                pin_factory=self._native,
            ),
        )
        taken = _GpiozeroInput(name, device, on_edge)
        self._taken_pins.append(taken)
        return taken

    def output(self, name: str, pin: OutputPin) -> SwitchedPin:
        """Take a lamp's or a buzzer's pin and switch it off.

        Raises:
            PinUnavailableError: the pin is held by something else, or cannot do what the profile asks.
        """
        from gpiozero import DigitalOutputDevice

        device = self._taken(
            name,
            pin.pin,
            lambda: DigitalOutputDevice(
                pin.pin, active_high=pin.active == "high", initial_value=False, pin_factory=self._native
            ),
        )
        taken = _GpiozeroOutput(device)
        self._taken_pins.append(taken)
        return taken

    def close(self) -> None:
        """Close every pin that is still open, last taken first, and the factory."""
        if self._is_closed:
            return
        self._is_closed = True
        for pin in reversed(self._taken_pins):
            try:
                pin.close()
            except Exception:
                _logger.exception("a pin could not be closed")
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _taken(self, name: str, pin: int, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - gpiozero is untyped
        from gpiozero.exc import GPIOZeroError

        try:
            return make()
        except (GPIOZeroError, OSError) as error:
            raise PinUnavailableError(name=name, pin=pin, reason=str(error)) from error
        except Exception as error:
            if type(error).__module__ == "lgpio":  # lgpio.error derives from Exception only
                raise PinUnavailableError(name=name, pin=pin, reason=str(error)) from error
            raise


def _lgpio_factory(work_dir: Path | None) -> object:
    """Import lgpio with a writable working directory and open the first GPIO chip.

    Raises:
        PinFactoryUnavailableError: lgpio is not installed, or this is no Pi, or the chip may not be opened.
    """
    os.environ["LG_WD"] = str(
        work_dir or os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0] or tempfile.gettempdir()
    )
    try:
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory()
    except Exception as error:  # lgpio.error and gpiozero's own errors share no root
        raise PinFactoryUnavailableError(value="lgpio", reason=str(error) or repr(error)) from error


class _GpiozeroInput:
    def __init__(self, name: str, device: Any, on_edge: Callable[[bool], None]) -> None:  # noqa: ANN401 - untyped
        self._name = name
        self._device = device
        self._on_edge = on_edge
        self._is_closed = False
        device.when_activated = lambda: self._edge(is_active=True)
        device.when_deactivated = lambda: self._edge(is_active=False)

    def is_active(self) -> bool:
        return not self._is_closed and bool(self._device.is_active)

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True  # before anything else: closing itself may move the pin
        self._device.when_activated = None
        self._device.when_deactivated = None
        self._device.close()

    def _edge(self, *, is_active: bool) -> None:
        if self._is_closed:
            return
        try:
            self._on_edge(is_active)
        except Exception:  # an escaping error would end gpiozero's only edge thread
            _logger.exception("the callback of %s failed", self._name)


class _GpiozeroOutput:
    def __init__(self, device: Any) -> None:  # noqa: ANN401 - gpiozero is untyped
        self._device = device
        self._is_closed = False

    def switch(self, *, on: bool) -> None:
        if not self._is_closed:
            self._device.value = on

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._device.off()
            self._device.close()
