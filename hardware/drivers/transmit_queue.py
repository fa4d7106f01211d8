"""What waits to be sent on one bus: acknowledgements in order, and the latest frame for each display."""

from collections import deque
from threading import Lock

from hardware.drivers.bus import Transmission
from hardware.errors import BusFullError


class TransmitQueue:
    """A bounded queue that any thread may fill and the bus thread empties; nothing blocks.

    Args:
        port: whose queue this is, for errors.
        limit: the most frames of either sort that may wait.
    """

    def __init__(self, port: str, limit: int) -> None:
        self._port = port
        self._limit = limit
        self._lock = Lock()
        self._in_order: deque[Transmission] = deque()
        self._latest: dict[str, Transmission] = {}

    def put(self, transmission: Transmission) -> None:
        """Add a frame; one with a slot takes the place of the slot's waiting frame.

        Raises:
            BusFullError: ``limit`` frames of its sort are already waiting.
        """
        with self._lock:
            slot = transmission.slot
            if slot is None:
                self._check_room(len(self._in_order))
                self._in_order.append(transmission)
                return
            if slot not in self._latest:
                self._check_room(len(self._latest))
            self._latest[slot] = transmission

    def take(self) -> Transmission | None:
        """Remove and return the next frame: those in order first, then displays by age of their slot."""
        with self._lock:
            if self._in_order:
                return self._in_order.popleft()
            if self._latest:
                return self._latest.pop(next(iter(self._latest)))
            return None

    def give_back(self, transmission: Transmission) -> None:
        """Return a display frame that could not be delivered, unless a newer one of its slot waits."""
        if transmission.slot is not None:
            with self._lock:
                self._latest.setdefault(transmission.slot, transmission)

    def drop_in_order(self) -> list[Transmission]:
        """Remove and return the frames that only make sense now."""
        with self._lock:
            dropped = list(self._in_order)
            self._in_order.clear()
            return dropped

    def __len__(self) -> int:
        with self._lock:
            return len(self._in_order) + len(self._latest)

    def _check_room(self, waiting: int) -> None:
        if waiting >= self._limit:
            raise BusFullError(port=self._port, limit=self._limit)
