"""A wish to end, made by a signal and waited for by the main thread."""

import os
import select
import signal
from contextlib import ExitStack, suppress
from types import FrameType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_MANY: Final = 4_096


class Stop:
    """Set once, for good, and waited for by one thread; close it. As a context SIGTERM and SIGINT set it.

    Not a ``threading.Event``, with which one start in some hundreds that was stopped at once never ended: its
    ``set`` takes a lock that ``wait`` of the same thread may hold. And whatever sleeps on a lock: a signal
    that comes between the last instruction and the sleep interrupts nothing, so its handler is not run
    (signal, "Execution of Python signal handlers"). The interpreter itself writes to a descriptor, whenever a
    signal comes and in whichever thread (``signal.set_wakeup_fd``); that is what is waited for here.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._undo = ExitStack()
        self._read_fd, self._write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for each in (self._read_fd, self._write_fd):
            self._undo.callback(os.close, each)

    def __enter__(self) -> Self:
        before = signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)
        self._undo.callback(signal.set_wakeup_fd, before)
        for number in _SIGNALS:
            self._undo.callback(signal.signal, number, signal.signal(number, self._on_signal))
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def set(self) -> None:
        """End the waiting, also the next one; from any thread."""
        self._is_set = True
        with suppress(BlockingIOError):  # so much is written already that nobody sleeps
            os.write(self._write_fd, b"\0")

    def wait(self, most_s: float | None = None) -> bool:
        """Wait until it is set.

        Args:
            most_s: seconds to wait at most; None waits for good.

        Returns:
            Whether it is set.
        """
        while not self._is_set:
            if not select.select([self._read_fd], [], [], most_s)[0]:
                return False
            os.read(self._read_fd, _MANY)  # of any signal; ours has set it by now, or writes once more
        return True

    def close(self) -> None:
        """Let signals do what they did before; nobody may set it any more. Idempotent."""
        self._undo.close()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.set()
