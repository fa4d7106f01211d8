"""What this box itself holds of one epoch, read while the desk goes on writing."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from appliance.journal.database import EpochFile
from appliance.journal.errors import JournalDamagedError, JournalRangeError
from appliance.journal.source import Source
from appliance.uplink.errors import NotHeldError, SourceMovedError
from appliance.wire.chain import Genesis

T = TypeVar("T")


class History:
    """One epoch's lines and hashes.

    The desk may set the file aside between two looks and begin another epoch under the same name. Files never
    come back, so a look was good when the right epoch is still there after it.

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
        try:
            last = self._source.last()
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        return self._read(lambda _file: last)

    def first(self) -> int:
        """Return the first event that retention left, also when it is not written yet.

        Raises:
            SourceMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._read(lambda file: file.pruned_upto + 1)

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an event (0: the genesis), or None when it is not held.

        Raises:
            SourceMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        if seq == 0:
            return self.genesis.hash()
        return self._read(lambda file: file.hash_at(seq))

    def lines(self, first: int, last: int) -> list[bytes]:
        """Return exactly these lines.

        Raises:
            SourceMovedError: look again.
            NotHeldError: they are not all held.
            JournalDamagedError: the file cannot be read.
        """
        try:
            return self._read(lambda file: file.lines(first, last))
        except JournalRangeError as error:
            raise NotHeldError(epoch=self.epoch, seq=first) from error

    def _read(self, look: Callable[[EpochFile], T]) -> T:
        # An open file stays the one it was, also when it is moved under the reader.
        with EpochFile.open(self._source.path, write=False) as file:
            if file.genesis.epoch != self.epoch:
                raise SourceMovedError(epoch=self.epoch)
            try:
                return look(file)
            except sqlite3.Error as error:
                raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> JournalDamagedError:
        return JournalDamagedError(path=self._source.path, upto=0, reason=str(error))
