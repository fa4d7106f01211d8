"""Mock pins pressed from another process, one line of text for each thing, over a Unix socket.

On connecting, the server sends ``out <pin> <0|1>`` for every output and then ``ready``; later an ``out``
line for each change. The client sends ``press <pin>`` or ``release <pin>`` and gets ``ok press <pin>`` once
the callbacks of the button have run, or ``error <sentence>``. Levels are levels of the pin: 1 is high.
"""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Event, Lock, Thread, current_thread
from types import TracebackType
from typing import Self

from hardware.clock import Clock, SystemClock
from hardware.emulators.pins import MockPins
from hardware.errors import HardwareError, PinsConnectionError

_READ_SIZE = 4096
_MAX_LINE = 256  # bytes of an unfinished line, after which a client is sent away
_MAX_WAITING = 65_536  # bytes a client may leave unread before it is sent away
_JOIN_TIMEOUT_S = 5.0
_CONNECT_PAUSE_S = 0.02


@dataclass(slots=True, eq=False)
class _Visitor:
    """One connected client: what it said so far and what it has not read yet."""

    peer: socket.socket
    heard: bytes = b""
    unsent: bytearray = field(default_factory=bytearray)


class PinsServer:
    """Lets other processes of this user press the mock pins of this one; make one with ``open``.

    Args:
        pins: the pins to press and watch.
        path: where the socket is; only this user may connect.
        listener: the socket bound there.
        news: a connected pair that wakes the server's thread.
    """

    def __init__(
        self, pins: MockPins, path: Path, listener: socket.socket, news: tuple[socket.socket, socket.socket]
    ) -> None:
        self.path = path
        self._pins = pins
        self._listener = listener
        self._news, self._bell = news
        self._selector = selectors.PollSelector()
        self._lock = Lock()
        self._visitors: list[_Visitor] = []
        self._closing = Event()
        self._thread = Thread(target=self._run, name="mock pins", daemon=True)

    @classmethod
    def open(cls, pins: MockPins, path: Path) -> Self:
        """Listen at ``path``; a socket left there by a killed process is replaced.

        Raises:
            OSError: the socket cannot be made.
        """
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen()
        except OSError:
            listener.close()
            raise
        news, bell = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        server = cls(pins, path, listener, (news, bell))
        server._selector.register(server._listener, selectors.EVENT_READ)
        server._selector.register(server._news, selectors.EVENT_READ)
        pins.on_change(server._output_changed)
        server._thread.start()
        return server

    def close(self) -> None:
        """Send everyone away and remove the socket; closing again does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._ring()
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join(_JOIN_TIMEOUT_S)
        with self._lock:
            for peer in (
                *(visitor.peer for visitor in self._visitors),
                self._listener,
                self._news,
                self._bell,
            ):
                peer.close()
            self._visitors.clear()
        self._selector.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ring(self) -> None:
        with suppress(OSError):  # full: a ring is already on its way; closed: nobody is there to hear
            self._bell.send(b".")

    def _output_changed(self, pin: int, is_high: bool) -> None:
        with self._lock:
            for visitor in self._visitors:
                visitor.unsent += f"out {pin} {int(is_high)}\n".encode()
        self._ring()

    def _run(self) -> None:
        while not self._closing.is_set():
            for key, ready in self._selector.select():
                if key.fileobj is self._listener:
                    self._welcome()
                elif key.fileobj is self._news:
                    with suppress(BlockingIOError):
                        self._news.recv(_READ_SIZE)
                elif ready & selectors.EVENT_READ:
                    self._hear(key.data)
            self._speak()

    def _welcome(self) -> None:
        try:
            peer, _ = self._listener.accept()
        except OSError:
            return
        peer.setblocking(False)  # noqa: FBT003 - the only way that socket takes it
        visitor = _Visitor(peer)
        with self._lock:  # joined first, so that no change falls between the snapshot and the news
            self._visitors.append(visitor)
            for pin, is_high in sorted(self._pins.outputs().items()):
                visitor.unsent += f"out {pin} {int(is_high)}\n".encode()
            visitor.unsent += b"ready\n"
        self._selector.register(peer, selectors.EVENT_READ, visitor)

    def _hear(self, visitor: _Visitor) -> None:
        try:
            data = visitor.peer.recv(_READ_SIZE)
        except OSError:
            data = b""
        *lines, visitor.heard = (visitor.heard + data).split(b"\n")
        for line in lines:
            answer = self._obey(line.decode("utf-8", "replace").strip())
            with self._lock:
                visitor.unsent += f"{answer}\n".encode()
        if not data or len(visitor.heard) > _MAX_LINE:
            self._send_away(visitor)

    def _obey(self, line: str) -> str:
        verb, _, number = line.partition(" ")
        if verb not in ("press", "release") or not number.isdecimal():
            return f"error {line[:40]!r} is not understood; send 'press <pin>' or 'release <pin>'"
        try:
            (self._pins.press if verb == "press" else self._pins.release)(int(number))
        except HardwareError as error:
            return f"error {error}"
        return f"ok {verb} {int(number)}"

    def _speak(self) -> None:
        with self._lock:
            visitors = list(self._visitors)
        for visitor in visitors:
            with self._lock:
                unsent = bytes(visitor.unsent)
            if not unsent:
                continue
            try:
                sent = visitor.peer.send(unsent)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._send_away(visitor)
                continue
            with self._lock:
                del visitor.unsent[:sent]
                left = len(visitor.unsent)
            if left > _MAX_WAITING:
                self._send_away(visitor)
            else:
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if left else 0)
                self._selector.modify(visitor.peer, wanted, visitor)

    def _send_away(self, visitor: _Visitor) -> None:
        with self._lock:
            if visitor not in self._visitors:
                return
            self._visitors.remove(visitor)
        self._selector.unregister(visitor.peer)
        visitor.peer.close()


class PinsClient:
    """The other end: a finger and an eye in another process; make one with ``open``.

    Args:
        path: where the server's socket is.
        peer: the connected socket.
    """

    def __init__(self, path: Path, peer: socket.socket) -> None:
        self.path = path
        self._peer = peer
        self._changed = Condition()
        self._asking = Lock()
        self._is_ready = False
        self._is_gone = False
        self._levels: dict[int, bool] = {}
        self._changes: list[tuple[int, bool]] = []
        self._answers: list[str] = []
        self._thread = Thread(target=self._read, name="mock pins client", daemon=True)

    @classmethod
    def open(cls, path: Path, *, timeout_s: float = 10.0, clock: Clock | None = None) -> Self:
        """Wait up to ``timeout_s`` seconds for the other process to listen, connect, take the snapshot.

        Raises:
            PinsConnectionError: nobody listened or answered in that time.
        """
        clock = clock or SystemClock()
        deadline_ms = clock.monotonic_ms() + round(timeout_s * 1000)
        pause = Event()
        while True:
            peer = socket.socket(socket.AF_UNIX)
            try:
                peer.connect(str(path))
                break
            except OSError as error:
                peer.close()
                if clock.monotonic_ms() >= deadline_ms:
                    raise PinsConnectionError(path=path, reason=str(error)) from error
                pause.wait(_CONNECT_PAUSE_S)
        client = cls(path, peer)
        client._thread.start()
        try:
            client._await_news(lambda: client._is_ready, timeout_s)
        except BaseException:
            client.close()
            raise
        return client

    def press(self, pin: int, *, timeout_s: float = 10.0) -> None:
        """Hold a button; its callbacks have run when this returns.

        Raises:
            PinsConnectionError: the other process is gone, did not answer, or has no such button.
        """
        self._ask(f"press {pin}", timeout_s)

    def release(self, pin: int, *, timeout_s: float = 10.0) -> None:
        """Let a button go.

        Raises:
            PinsConnectionError: as for ``press``.
        """
        self._ask(f"release {pin}", timeout_s)

    def state(self, pin: int) -> bool:
        """Return whether output ``pin`` was high when last heard of; an unknown one is low."""
        with self._changed:
            return self._levels.get(pin, False)

    def mark(self) -> int:
        """Return a place in the list of changes, for ``wait_for_output``."""
        with self._changed:
            return len(self._changes)

    def wait_for_output(self, pin: int, *, is_high: bool, timeout_s: float, since: int | None = None) -> bool:
        """Wait until output ``pin`` has that level; with ``since``, until it changed to it after that mark.

        With a mark a pulse is seen however short it was. Returns whether it came within ``timeout_s``
        seconds.
        """

        def came() -> bool:
            if since is None:
                return self._levels.get(pin, False) is is_high
            return (pin, is_high) in self._changes[since:]

        with self._changed:
            self._changed.wait_for(lambda: self._is_gone or came(), timeout_s)
            return came()

    def close(self) -> None:
        """Disconnect; closing again does nothing."""
        with suppress(OSError):
            self._peer.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive() and self._thread is not current_thread():
            self._thread.join(_JOIN_TIMEOUT_S)
        self._peer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, line: str, timeout_s: float) -> None:
        with self._asking:
            with self._changed:
                self._answers.clear()
            try:
                self._peer.sendall(f"{line}\n".encode())
            except OSError as error:
                raise PinsConnectionError(path=self.path, reason=str(error)) from error
            self._await_news(lambda: bool(self._answers), timeout_s)
            answer = self._answers[0]
        if not answer.startswith("ok "):
            raise PinsConnectionError(path=self.path, reason=answer.removeprefix("error "))

    def _await_news(self, came: Callable[[], bool], timeout_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_gone or came(), timeout_s)
            if not came():
                reason = "it went away" if self._is_gone else f"nothing within {timeout_s} s"
                raise PinsConnectionError(path=self.path, reason=reason)

    def _read(self) -> None:
        held = b""
        while True:
            try:
                data = self._peer.recv(_READ_SIZE)
            except OSError:
                data = b""
            *lines, held = (held + data).split(b"\n")
            with self._changed:
                for line in lines:
                    self._heed(line.decode("utf-8", "replace"))
                self._is_gone = not data
                self._changed.notify_all()
            if not data:
                return

    def _heed(self, line: str) -> None:
        match line.split():
            case ["out", pin, level]:
                self._levels[int(pin)] = level == "1"
                self._changes.append((int(pin), level == "1"))
            case ["ready"]:
                self._is_ready = True
            case _:
                self._answers.append(line)
