"""What this box itself holds of one epoch, read while the desk goes on writing."""

from appliance.journal.errors import JournalRangeError
from appliance.journal.source import Source
from appliance.uplink.errors import NotHeldError
from appliance.wire.chain import Genesis


class History:
    """One epoch's lines and hashes.

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
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._source.last()

    def first(self) -> int:
        """Return the first event that retention left, also when it is not written yet.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._source.start()[0] + 1

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an event (0: the genesis), or None when it is not held.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._source.hash_at(seq)

    def lines(self, first: int, last: int) -> list[bytes]:
        """Return exactly these lines.

        Raises:
            JournalMovedError: look again.
            NotHeldError: they are not all held.
            JournalDamagedError: the file cannot be read.
        """
        try:
            return self._source.lines(first, last)
        except JournalRangeError as error:
            raise NotHeldError(epoch=self.epoch, seq=first) from error
