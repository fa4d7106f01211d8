"""The terminal of the full screen: keys one by one, nothing else written to it, and put back in any case."""

import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, Self

_LFLAG, _CC = 3, 6
_DISABLED = b"\x00"
_STDERR_FD = 2


class Terminal:
    """Takes the keyboard; make it with :meth:`open`.

    Args:
        fd: file descriptor of the keyboard.
        stack: puts everything back, in reverse.
    """

    def __init__(self, fd: int, stack: ExitStack) -> None:
        self.fd = fd
        self._stack = stack

    @classmethod
    def open(cls, fd: int, log: Path) -> "Terminal":
        """Read keys without echo and line by line no more; what is written to standard error goes to ``log``.

        Args:
            fd: file descriptor of the keyboard, a terminal.
            log: file that is appended to.

        Raises:
            OSError: ``log`` cannot be written.
            termios.error: ``fd`` is no terminal.
        """
        stack = ExitStack()
        try:
            before = termios.tcgetattr(fd)
            stack.callback(_restore, fd, before)
            keyed = termios.tcgetattr(fd)
            keyed[_LFLAG] &= ~(termios.ECHO | termios.ICANON)
            keyed[_CC][termios.VMIN], keyed[_CC][termios.VTIME] = 1, 0
            keyed[_CC][termios.VSUSP] = _DISABLED  # a suspended demo would leave its screen behind
            termios.tcsetattr(fd, termios.TCSANOW, keyed)
            _divert_stderr(log, stack)
        except BaseException:
            stack.close()
            raise
        return cls(fd, stack)

    def close(self) -> None:
        """Put the terminal and standard error back; idempotent."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _restore(fd: int, before: list[Any]) -> None:
    # Not TCSADRAIN: a terminal that is gone or stopped must not keep the demo from ending.
    termios.tcflush(fd, termios.TCIFLUSH)
    termios.tcsetattr(fd, termios.TCSANOW, before)


def _divert_stderr(log: Path, stack: ExitStack) -> None:
    sys.stderr.flush()
    kept = os.dup(_STDERR_FD)
    stack.callback(os.close, kept)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    stack.callback(os.close, file)
    os.dup2(file, _STDERR_FD)
    stack.callback(_bring_stderr_back, kept)


def _bring_stderr_back(kept: int) -> None:
    sys.stderr.flush()
    os.dup2(kept, _STDERR_FD)


class Stops:
    """SIGINT, SIGTERM and SIGHUP as a wish to end; the same signal again acts as it did before.

    Args:
        stop: what such a wish does; called in the main thread between two instructions.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.received: int | None = None
        self._stop = stop
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, before)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        signal.signal(number, self._before.pop(number))
        self._stop()
