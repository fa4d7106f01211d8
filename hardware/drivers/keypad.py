"""FF68 call keypads and evaluators on one bus.

The driver never acknowledges by itself: a keypad's light or beep must mean that the press is durable, so the
application calls ``acknowledge`` when it is. A device that hears nothing sends the same frame again, and
that must not become a second call:

* while the acknowledgement is owed, an identical frame is a resend as long as it comes within
  ``pending_window_ms`` of the last one; it is not delivered again;
* after the acknowledgement, an identical frame within ``repeat_window_ms`` means that the acknowledgement
  was lost; it is acknowledged again and not delivered.

Frames carry no sequence number, so a person who presses the same key twice within the second window is
taken for a resend. No counter needs two identical calls in less than a second.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Self

from hardware.clock import Clock, SystemClock
from hardware.codecs import ff68
from hardware.drivers.bus import Bus, BusState, Transmission
from hardware.errors import HardwareError

_logger = logging.getLogger(__name__)

OnKey = Callable[[ff68.KeyPressed, int], None]
OnRating = Callable[[ff68.Rated, int], None]


@dataclass(slots=True)
class _Seen:
    """When a frame last came or was last acknowledged, and whether it was."""

    at_ms: int
    is_acknowledged: bool


class Ff68Keypads:
    """Every keypad and evaluator of one bus, told apart by address; make one with ``open``.

    Args:
        bus: the line they hang on, 9600 baud 8N1 unless their switches say otherwise.
        clock: monotonic milliseconds, for the stamps handed to the callbacks.
        on_key: called on the bus thread with the key and the time it was heard, in milliseconds of ``clock``.
        on_rating: the same for an evaluator's key.
        pending_window_ms: how long after its last copy an unacknowledged frame is still the same press.
        repeat_window_ms: how long after its acknowledgement an identical frame is a resend.

    Attributes:
        resends: how many frames were recognized as resends.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        *,
        on_key: OnKey,
        on_rating: OnRating,
        pending_window_ms: int = 5_000,
        repeat_window_ms: int = 800,
    ) -> None:
        self.resends = 0
        self._bus = bus
        self._clock = clock
        self._on_key = on_key
        self._on_rating = on_rating
        self._pending_window_ms = pending_window_ms
        self._repeat_window_ms = repeat_window_ms
        self._decoder = ff68.Decoder(ff68.Sender.DEVICE)
        self._lock = Lock()
        self._seen: dict[ff68.FromDevice, _Seen] = {}
        self._shown: dict[int, ff68.ShowNumber] = {}
        self._is_closed = False

    @classmethod
    def open(
        cls,
        bus: Bus,
        *,
        on_key: OnKey,
        on_rating: OnRating,
        clock: Clock | None = None,
        pending_window_ms: int = 5_000,
        repeat_window_ms: int = 800,
    ) -> Self:
        """Begin to listen on ``bus``."""
        keypads = cls(
            bus,
            clock or SystemClock(),
            on_key=on_key,
            on_rating=on_rating,
            pending_window_ms=pending_window_ms,
            repeat_window_ms=repeat_window_ms,
        )
        bus.watch(keypads._line_changed)
        bus.listen(keypads.receive)
        return keypads

    @property
    def damage(self) -> dict[str, int]:
        """How often each kind of line damage was met, by ``ff68.DecodeError`` value."""
        return {kind.value: count for kind, count in self._decoder.errors.items()}

    def receive(self, data: bytes) -> None:
        """Take bytes from the line; called by the bus."""
        for frame in self._decoder.feed(data):
            if not self._is_closed and isinstance(frame, ff68.KeyPressed | ff68.Rated):
                self._frame_came(frame)

    def acknowledge(self, frame: ff68.FromDevice) -> None:
        """Tell the device that its press is durable; from any thread, never raises.

        An acknowledgement that meets a full or dead line is lost, as on a noisy wire: the device asks again.
        """
        with self._lock:
            self._seen[frame] = _Seen(self._clock.monotonic_ms(), is_acknowledged=True)
        self._send_ack(frame)

    def refuse(self, frame: ff68.FromDevice) -> None:
        """Learn that a press has no effect and gets no acknowledgement: the same key again is a new press."""
        with self._lock:
            self._seen.pop(frame, None)

    def show(self, addr: int, *, waiting: int | None, ticket: int | None) -> None:
        """Put the number of waiting people and a ticket number on a keypad; None blanks the three digits.

        More than 999 waiting are shown as 999. Shown again by itself after the line was interrupted.

        Raises:
            OutOfRangeError: ``addr`` is not 0 to 255 or ``ticket`` not 0 to 999.
            BusClosedError: the bus was closed.
            BusFullError: too many displays are waiting.
        """
        capped = None if waiting is None else min(waiting, ff68.MAX_NUMBER)
        frame = ff68.ShowNumber(addr, capped, ticket)
        with self._lock:
            self._shown[addr] = frame
        self._send_shown(frame)

    def beep(self, addr: int) -> None:
        """Beep once, now; forgotten while the line is down.

        Raises:
            OutOfRangeError: ``addr`` is not 0 to 255.
            BusClosedError: the bus was closed.
            BusFullError: too many frames are waiting.
        """
        self._bus.send(Transmission(ff68.Beep(addr).to_bytes(), f"keypad {addr}"))

    def start_rating(self, addr: int) -> None:
        """Ask an evaluator to light up, now; forgotten while the line is down.

        Raises:
            OutOfRangeError: ``addr`` is not 0 to 255.
            BusClosedError: the bus was closed.
            BusFullError: too many frames are waiting.
        """
        self._bus.send(Transmission(ff68.StartRating(addr).to_bytes(), f"evaluator {addr}"))

    def close(self) -> None:
        """Deliver nothing more; the bus stays open."""
        self._is_closed = True

    def _frame_came(self, frame: ff68.FromDevice) -> None:
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            self._forget_old(now_ms)
            seen = self._seen.get(frame)
            if seen is None:
                self._seen[frame] = _Seen(now_ms, is_acknowledged=False)
            else:
                self.resends += 1
                seen.at_ms = now_ms
        if seen is None:
            self._deliver(frame, now_ms)
        elif seen.is_acknowledged:
            self._send_ack(frame)

    def _forget_old(self, now_ms: int) -> None:
        for frame, seen in list(self._seen.items()):
            window_ms = self._repeat_window_ms if seen.is_acknowledged else self._pending_window_ms
            if now_ms - seen.at_ms > window_ms:
                del self._seen[frame]

    def _deliver(self, frame: ff68.FromDevice, at_ms: int) -> None:
        match frame:
            case ff68.KeyPressed():
                self._on_key(frame, at_ms)
            case ff68.Rated():
                self._on_rating(frame, at_ms)

    def _send_ack(self, frame: ff68.FromDevice) -> None:
        ack = ff68.RatingAck.of(frame) if isinstance(frame, ff68.Rated) else ff68.KeyAck(frame)
        try:
            self._bus.send(Transmission(ack.to_bytes(), f"keypad {frame.addr}"))
        except HardwareError as error:
            _logger.warning("an acknowledgement to keypad %d was not sent: %s", frame.addr, error)

    def _send_shown(self, frame: ff68.ShowNumber) -> None:
        name = f"keypad {frame.addr}"
        self._bus.send(Transmission(frame.to_bytes(), name, slot=name))

    def _line_changed(self, state: BusState) -> None:
        """Repaint after an interruption: the keypads may have lost their power, and half a frame is none."""
        if self._is_closed:
            return
        if not state.is_online:
            self._decoder.reset()
            return
        with self._lock:
            shown = list(self._shown.values())
        for frame in shown:
            self._send_shown(frame)
