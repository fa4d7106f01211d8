"""A serial cable made of a pseudo-terminal: it can be noisy, slow, lossy, and pulled out.

The host opens a stable path (a symbolic link), as it would a USB adapter under /dev/serial/by-path;
``unplug`` takes path and terminal away, ``replug`` brings a new terminal under the same path. Several
emulators may hang on one line, as on RS-485: each hears every byte of the host.
"""

import logging
import os
import select
import tty
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread, current_thread
from types import TracebackType
from typing import Protocol, Self

_logger = logging.getLogger(__name__)
_READ_SIZE = 4096
_BYTE_PAUSE_S = 0.001  # about one character at 9600 baud, so that the host reads them one by one
_MAX_NOISE = 6
_JOIN_TIMEOUT_S = 5.0


class Dice(Protocol):
    """Where chance comes from; ``random.Random(seed)`` fits."""

    def random(self) -> float:
        """Return a number of [0, 1)."""

    def randrange(self, stop: int, /) -> int:
        """Return a whole number of [0, stop)."""

    def randbytes(self, n: int, /) -> bytes:
        """Return ``n`` bytes."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What a bad line does, in both directions alike; the shares are probabilities for each burst of bytes.

    Args:
        noise: share of bursts that come with 1 to 6 random bytes in front.
        corrupt: share of bursts in which one bit is wrong.
        drop: share of bursts that vanish.
        delay_s: seconds that every burst to the host is late.
        one_byte_at_a_time: deliver to the host byte by byte with pauses of a millisecond.
    """

    noise: float = 0.0
    corrupt: float = 0.0
    drop: float = 0.0
    delay_s: float = 0.0
    one_byte_at_a_time: bool = False


class PtyLine:
    """A line between a host and emulators; make one with ``open``.

    Args:
        path: where the host finds the port.
        dice: chance for the faults; None for a line without noise, corruption or loss.
        faults: what is wrong with the line; assign anew to change it.
    """

    def __init__(self, path: Path, dice: Dice | None, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self._dice = dice
        self._devices: list[Callable[[bytes], None]] = []
        self._lock = Lock()
        self._to_host: deque[bytes] = deque()
        self._fds: tuple[int, int] | None = None  # the emulators' end, the host's end
        self._wake_fd: int | None = None
        self._closing = Event()
        self._thread: Thread | None = None

    @classmethod
    def open(cls, path: Path, *, dice: Dice | None = None, faults: Faults | None = None) -> Self:
        """Lay the line and plug it in.

        Raises:
            OSError: no pseudo-terminal is to be had, or ``path`` cannot be made.
        """
        line = cls(path, dice, faults or Faults())
        line.replug()
        return line

    def attach(self, on_bytes: Callable[[bytes], None]) -> None:
        """Let a device hear the host: ``on_bytes`` is called on the line's thread."""
        self._devices.append(on_bytes)

    def send(self, data: bytes) -> None:
        """Send a device's burst to the host and return at once; lost while unplugged."""
        with self._lock:
            if self._wake_fd is not None:
                self._to_host.append(data)
                os.eventfd_write(self._wake_fd, 1)

    def unplug(self) -> None:
        """Take the port away: the host's reads fail and the path is gone. Unplugging again does nothing."""
        self._closing.set()
        with self._lock:
            thread, self._thread = self._thread, None
            if self._wake_fd is not None:
                os.eventfd_write(self._wake_fd, 1)
        if thread is not None and thread is not current_thread():
            thread.join(_JOIN_TIMEOUT_S)
        with self._lock:
            self.path.unlink(missing_ok=True)
            for fd in (*(self._fds or ()), *(() if self._wake_fd is None else (self._wake_fd,))):
                os.close(fd)
            self._fds = self._wake_fd = None
            self._to_host.clear()

    def replug(self) -> None:
        """Bring a new terminal under the same path.

        Raises:
            OSError: as for ``open``.
        """
        self.unplug()
        self._closing = Event()
        near, far = os.openpty()
        os.set_blocking(near, False)
        tty.setraw(far)  # before the host opens it, a terminal would echo what the devices say
        with self._lock:
            self._fds = near, far
            self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            beside = self.path.with_name(f".{self.path.name}.new")
            beside.unlink(missing_ok=True)
            beside.symlink_to(os.ttyname(far))
            beside.replace(self.path)
            self._thread = Thread(
                target=self._run,
                args=(near, self._wake_fd, self._closing),
                name=f"line {self.path}",
                daemon=True,
            )
            self._thread.start()

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, near: int, wake_fd: int, closing: Event) -> None:
        poller = select.poll()
        poller.register(near, select.POLLIN)
        poller.register(wake_fd, select.POLLIN)
        while not closing.is_set():
            for ready, _ in poller.poll():
                if ready == wake_fd:
                    os.eventfd_read(wake_fd)
                    self._deliver(near, closing)
                else:
                    self._hear(os.read(near, _READ_SIZE))

    def _hear(self, data: bytes) -> None:
        data = self._through_the_line(data)
        for device in self._devices:
            try:
                device(data)
            except Exception:
                _logger.exception("an emulator on %s failed", self.path)

    def _deliver(self, near: int, closing: Event) -> None:
        while True:
            with self._lock:
                if not self._to_host:
                    return
                burst = self._to_host.popleft()
            closing.wait(self.faults.delay_s)
            burst = self._through_the_line(burst)
            portions = [bytes((byte,)) for byte in burst] if self.faults.one_byte_at_a_time else [burst]
            for portion in portions:
                if closing.is_set():
                    return
                with suppress(BlockingIOError):  # a host that does not read loses bytes, as on a real line
                    os.write(near, portion)
                if len(portions) > 1:
                    closing.wait(_BYTE_PAUSE_S)

    def _through_the_line(self, burst: bytes) -> bytes:
        dice, faults = self._dice, self.faults
        if dice is None:
            return burst
        if dice.random() < faults.drop:
            return b""
        if burst and dice.random() < faults.corrupt:
            damaged = bytearray(burst)
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
            burst = bytes(damaged)
        if dice.random() < faults.noise:
            burst = dice.randbytes(1 + dice.randrange(_MAX_NOISE)) + burst
        return burst
