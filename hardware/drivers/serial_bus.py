"""One serial line, one thread: sends from a bounded queue, listens always, comes back after an unplug.

One bus speaks one protocol: either devices that talk when they like (keypads: ``listen``) or devices that
only answer (Modbus: ``Transmission.is_answered``). Callers never wait; results and bytes arrive on the bus
thread, whose callbacks must return soon.
"""

import logging
import os
import select
import termios
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Event, Lock, Thread, current_thread
from types import TracebackType
from typing import Literal, Self, TypeVar

import serial

from hardware.clock import Clock, SystemClock
from hardware.drivers.bus import BusState, Transmission
from hardware.drivers.transmit_queue import TransmitQueue
from hardware.errors import (
    BusClosedError,
    FrameDroppedError,
    HardwareError,
    NoAnswerError,
    OutOfRangeError,
    PortUnavailableError,
)

_logger = logging.getLogger(__name__)
_T = TypeVar("_T")
_MAX_ANSWER = 512  # bytes kept while an answer is awaited; the longest Modbus frame has 256
_READ_SIZE = 4096
_WRITE_TIMEOUT_S = 0.5  # a line that takes no bytes for so long is dead; it also bounds close()
_JOIN_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class BusSettings:
    """How to talk on one serial line (8 data bits, 1 stop bit).

    Args:
        port: device path; prefer a stable one such as /dev/serial/by-path/..., which survives replugging.
        baud: bits per second, 1200 to 921600.
        parity: ``N``, ``E`` or ``O``.
        gap_ms: silence kept between frames, in milliseconds; for Modbus see ``modbus_rtu.frame_gap_ms``.
        answer_timeout_ms: how long to wait for an answer after the last bit went out.
        tries: how often a frame is sent before its answer is given up.
        queue_limit: the most frames that may wait, for each sort.
        reconnect_min_ms: first pause after the port failed; it doubles up to ``reconnect_max_ms``.
        reconnect_max_ms: longest pause between attempts to open the port.

    Raises:
        OutOfRangeError: a field is out of its range.
    """

    port: str
    baud: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    gap_ms: int = 5
    answer_timeout_ms: int = 300
    tries: int = 3
    queue_limit: int = 64
    reconnect_min_ms: int = 250
    reconnect_max_ms: int = 5_000

    def __post_init__(self) -> None:
        for name, low, high in (
            ("baud", 1200, 921_600),
            ("gap_ms", 0, 10_000),
            ("answer_timeout_ms", 1, 60_000),
            ("tries", 1, 100),
            ("queue_limit", 1, 10_000),
            ("reconnect_min_ms", 1, 600_000),
            ("reconnect_max_ms", self.reconnect_min_ms, 600_000),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise OutOfRangeError(
                    what="bus settings", field=name, value=value, remedy=f"use {low} to {high}"
                )

    def wire_ms(self, size: int) -> int:
        """Return how long ``size`` bytes take on the wire, in milliseconds rounded up."""
        bits = 10 if self.parity == "N" else 11
        return ceil(size * bits * 1000 / self.baud)


@dataclass(slots=True)
class _Exchange:
    """A transmission on its way; ``deadline_ms`` is None until it went out."""

    transmission: Transmission
    tries_left: int
    deadline_ms: int | None = None
    received: bytearray = field(default_factory=bytearray)


class SerialBus:
    """A serial line with its thread; make one with ``open``.

    Args:
        settings: how to talk.
        clock: monotonic milliseconds for gaps, time-outs and stamps.
        on_state: called on the bus thread at each change of ``state``.
    """

    def __init__(
        self, settings: BusSettings, clock: Clock, on_state: Callable[[BusState], None] | None = None
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._queue = TransmitQueue(settings.port, settings.queue_limit)
        self._state = BusState(settings.port, is_online=False, error=None, at_ms=clock.monotonic_ms())
        self._state_watchers: list[Callable[[BusState], None]] = [on_state] if on_state else []
        self._listeners: list[Callable[[bytes], None]] = []
        self._exchange: _Exchange | None = None
        self._quiet_until_ms = 0
        self._closing = Event()
        self._wake_lock = Lock()
        self._wake_fd: int | None = None
        self._thread = Thread(target=self._run, name=f"bus {settings.port}", daemon=True)

    @classmethod
    def open(
        cls,
        settings: BusSettings,
        *,
        clock: Clock | None = None,
        on_state: Callable[[BusState], None] | None = None,
    ) -> Self:
        """Start the thread; the port may be absent, it is opened when it appears."""
        bus = cls(settings, clock or SystemClock(), on_state)
        bus._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        bus._thread.start()
        return bus

    @property
    def state(self) -> BusState:
        return self._state

    def watch(self, on_state: Callable[[BusState], None]) -> None:
        """Have ``on_state`` called on the bus thread at each later change of ``state``."""
        self._state_watchers.append(on_state)

    def listen(self, on_bytes: Callable[[bytes], None]) -> None:
        """Have ``on_bytes`` called on the bus thread with whatever comes while no answer is awaited."""
        self._listeners.append(on_bytes)

    def send(self, transmission: Transmission) -> None:
        """Queue a frame and return at once.

        While the bus is offline a frame without a slot is dropped (its ``on_done`` gets FrameDroppedError, on
        the caller's thread); one with a slot waits for the line.

        Raises:
            BusClosedError: the bus was closed.
            BusFullError: too many frames are waiting.
        """
        if self._closing.is_set():
            raise BusClosedError(port=self.settings.port)
        if transmission.slot is None and not self._state.is_online:
            self._report(transmission, FrameDroppedError(port=self.settings.port))
            return
        self._queue.put(transmission)
        self._wake()

    def close(self) -> None:
        """Stop the thread and free the port; frames still waiting are forgotten."""
        self._closing.set()
        self._wake()
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join(_JOIN_TIMEOUT_S)
        with self._wake_lock:
            if self._wake_fd is not None and not self._thread.is_alive():
                os.close(self._wake_fd)
                self._wake_fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wake(self) -> None:
        with self._wake_lock:
            if self._wake_fd is not None:
                os.eventfd_write(self._wake_fd, 1)

    # --- the bus thread -----------------------------------------------------------------------------------

    def _run(self) -> None:
        pause_ms = self.settings.reconnect_min_ms
        while not self._closing.is_set():
            try:
                with self._opened_port() as port:
                    pause_ms = self.settings.reconnect_min_ms
                    self._set_state(is_online=True, error=None)
                    self._serve(port)
            except (OSError, termios.error) as error:  # serial.SerialException is an OSError
                self._go_offline(PortUnavailableError(port=self.settings.port, reason=str(error)))
            if self._closing.wait(pause_ms / 1000):
                break
            pause_ms = min(2 * pause_ms, self.settings.reconnect_max_ms)

    def _opened_port(self) -> serial.Serial:
        return serial.Serial(
            self.settings.port,
            self.settings.baud,
            parity=self.settings.parity,
            timeout=0,
            write_timeout=_WRITE_TIMEOUT_S,
            exclusive=True,
        )

    def _serve(self, port: serial.Serial) -> None:
        poller = select.poll()
        poller.register(port.fileno(), select.POLLIN)
        wake_fd = self._wake_fd
        if wake_fd is None:
            return
        poller.register(wake_fd, select.POLLIN)
        while not self._closing.is_set():
            for ready, _ in poller.poll(self._advance(port)):
                if ready == wake_fd:
                    os.eventfd_read(wake_fd)
                else:
                    self._receive(port.read(_READ_SIZE))

    def _advance(self, port: serial.Serial) -> int | None:
        """Send what may be sent; return the milliseconds until there is more to do, None for no time-out."""
        while True:
            now_ms = self._clock.monotonic_ms()
            if self._exchange is None or self._exchange.deadline_ms is None:
                if self._exchange is None and not len(self._queue):
                    return None
                if now_ms < self._quiet_until_ms:
                    return self._quiet_until_ms - now_ms
                self._transmit(port, now_ms)
            elif now_ms >= self._exchange.deadline_ms:
                self._retry_or_give_up(self._exchange)
            else:
                return self._exchange.deadline_ms - now_ms

    def _transmit(self, port: serial.Serial, now_ms: int) -> None:
        exchange = self._exchange
        if exchange is None:
            transmission = self._queue.take()
            if transmission is None:
                return
            exchange = self._exchange = _Exchange(transmission, transmission.tries or self.settings.tries)
        frame = exchange.transmission.frame
        port.write(frame)
        sent_ms = now_ms + self.settings.wire_ms(len(frame))
        self._quiet_until_ms = sent_ms + self.settings.gap_ms
        if exchange.transmission.is_answered is None:
            self._finish(exchange, None)
        else:
            exchange.deadline_ms = sent_ms + self.settings.answer_timeout_ms

    def _retry_or_give_up(self, exchange: _Exchange) -> None:
        exchange.tries_left -= 1
        if exchange.tries_left:
            exchange.deadline_ms = None
            exchange.received.clear()
            return
        error = NoAnswerError(
            port=self.settings.port,
            device=exchange.transmission.device,
            timeout_ms=self.settings.answer_timeout_ms,
            tries=exchange.transmission.tries or self.settings.tries,
        )
        self._finish(exchange, error)

    def _receive(self, data: bytes) -> None:
        self._quiet_until_ms = max(self._quiet_until_ms, self._clock.monotonic_ms() + self.settings.gap_ms)
        exchange = self._exchange
        if exchange is None or exchange.deadline_ms is None or exchange.transmission.is_answered is None:
            for listener in self._listeners:
                self._guarded(listener, data)
            return
        exchange.received += data
        del exchange.received[:-_MAX_ANSWER]
        try:
            if exchange.transmission.is_answered(bytes(exchange.received)):
                self._finish(exchange, None)
        except HardwareError as error:
            self._finish(exchange, error)

    def _finish(self, exchange: _Exchange, error: HardwareError | None) -> None:
        self._exchange = None
        self._report(exchange.transmission, error)

    def _go_offline(self, error: PortUnavailableError) -> None:
        interrupted, self._exchange = self._exchange, None
        self._set_state(is_online=False, error=error)
        dropped = self._queue.drop_in_order()
        if interrupted is not None:
            if interrupted.transmission.slot is None:
                dropped.append(interrupted.transmission)
            else:
                self._queue.give_back(interrupted.transmission)
        for transmission in dropped:
            self._report(transmission, FrameDroppedError(port=self.settings.port))

    def _set_state(self, *, is_online: bool, error: HardwareError | None) -> None:
        before = self._state
        if (before.is_online, str(before.error)) == (is_online, str(error)):
            return
        self._state = BusState(self.settings.port, is_online, error, self._clock.monotonic_ms())
        _logger.info("%s is %s", self.settings.port, "online" if is_online else f"offline: {error}")
        for watcher in self._state_watchers:
            self._guarded(watcher, self._state)

    def _report(self, transmission: Transmission, error: HardwareError | None) -> None:
        if transmission.on_done is not None:
            self._guarded(transmission.on_done, error)

    def _guarded(self, callback: Callable[[_T], None], value: _T) -> None:
        """Call back; a fault in the callback is logged and does not stop the line."""
        try:
            callback(value)
        except Exception:
            _logger.exception("a callback of the bus on %s failed", self.settings.port)
