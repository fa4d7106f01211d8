"""A wish to end, made by a signal and waited for by the main thread."""

import signal
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Set once, for good; waited for by one thread.

    Not a ``threading.Event``: its ``set`` takes the lock that its ``wait`` holds for a moment, and a signal's
    handler runs in the very thread that waits. A signal in that moment left a process that never ended.
    ``SimpleQueue.put`` is made for handlers (queue, "SimpleQueue Objects": it is reentrant).
    """

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """End the waiting, also the next one; from any thread and any handler."""
        self._told.put(None)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Be the handler of a signal."""
        self.set()

    def wait(self, most_s: float | None = None) -> bool:
        """Wait until it is set.

        Args:
            most_s: seconds to wait at most; None waits for good.

        Returns:
            Whether it is set.
        """
        try:
            self._told.get(timeout=most_s)
        except Empty:
            return False
        self.set()  # it stays so
        return True


def stopped() -> Stop:
    """Return what is set by SIGTERM or SIGINT from now on."""
    stop = Stop()
    for number in SIGNALS:
        signal.signal(number, stop.on_signal)
    return stop
