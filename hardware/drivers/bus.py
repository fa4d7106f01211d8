"""What a device driver needs of the line it hangs on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hardware.errors import HardwareError


@dataclass(frozen=True, slots=True)
class Transmission:
    """One frame to send and what to do about its answer.

    Args:
        frame: the bytes on the wire.
        device: the addressee in words, for errors, such as ``panel 1``.
        slot: None for a frame that must go out in order and only makes sense now (an acknowledgement, a
            beep); a name for a display frame: a newer frame of that slot replaces the one that waits, and
            it survives while the bus is offline.
        is_answered: None when no answer is awaited. Else called on the bus thread with every byte received
            since the frame went out; returns True once they hold the answer, and may raise a HardwareError
            when they hold a refusal.
        tries: how often to send before giving up on an answer; None takes the bus's setting.
        on_done: called with None when sent (and answered), else with the error; not called for a display
            frame that a newer one replaced.
    """

    frame: bytes
    device: str
    slot: str | None = None
    is_answered: Callable[[bytes], bool] | None = None
    tries: int | None = None
    on_done: Callable[[HardwareError | None], None] | None = None


@dataclass(frozen=True, slots=True)
class BusState:
    """Whether a port is open and since when; ``error`` is None when it is, and before the first attempt."""

    port: str
    is_online: bool
    error: HardwareError | None
    at_ms: int


class Bus(Protocol):
    """A shared line; calls return at once and callbacks arrive on the line's thread."""

    def watch(self, on_state: Callable[[BusState], None]) -> None:
        """Have ``on_state`` called at each later change of the line's state."""

    def listen(self, on_bytes: Callable[[bytes], None]) -> None:
        """Have ``on_bytes`` called with whatever comes while no answer is awaited."""

    def send(self, transmission: Transmission) -> None:
        """Queue a frame; while the line is down, one without a slot is dropped.

        Raises:
            BusClosedError: the line was closed.
            BusFullError: too many frames are waiting.
        """
