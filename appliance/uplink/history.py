"""What this box itself holds of one epoch, read while the desk goes on writing."""

from collections.abc import Callable
from typing import TypeVar

from appliance.journal.database import EpochFile
from appliance.journal.source import Source
from appliance.journal.errors import JournalRangeError
from appliance.uplink.errors import NotHeldError, SourceMovedError
from appliance.wire.chain import Genesis

T = TypeVar("T")


class History:
    """One epoch's lines and hashes.

    The desk may set the file aside between two looks and begin another epoch under the same name. Files never
    come back, so a look is good when the right epoch is still there after it.

    Args:
        source: the epoch's file.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def epoch(self) -> str:
        """The epoch's id."""
        return self._source.epoch

    @property
    def genesis(self) -> Genesis:
        """The epoch's genesis."""
        return self._source.genesis

    def last(self) -> int:
        """Return the last event that may be delivered.

        Raises:
            SourceMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._still(self._source.last)

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an event (0: the genesis), or None when it is not held.

        Raises:
            SourceMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._still(lambda: self._source.hash_at(seq))

    def first(self) -> int:
        """Return the first event that retention left, also when it is not written yet.

        Raises:
            SourceMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        with EpochFile.open(self._source.path, write=False) as file:
            self._check(file)
            return file.pruned_upto + 1

    def lines(self, first: int, last: int) -> list[bytes]:
        """Return exactly these lines.

        Raises:
            SourceMovedError: look again.
            NotHeldError: they are not all held.
            JournalDamagedError: the file cannot be read.
        """
        try:
            return self._still(lambda: self._source.lines(first, last))
        except JournalRangeError as error:
            self._still(lambda: None)
            raise NotHeldError(epoch=self.epoch, seq=first) from error

    def _still(self, read: Callable[[], T]) -> T:
        value = read()
        with EpochFile.open(self._source.path, write=False) as file:
            self._check(file)
        return value

    def _check(self, file: EpochFile) -> None:
        if file.genesis.epoch != self.epoch:
            raise SourceMovedError(epoch=self.epoch)
