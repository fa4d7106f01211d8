"""Where the lines of an epoch can be read from by anyone but the desk: uplink, export, audit."""

import sqlite3
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import structlog

from appliance.journal.aside import FOLDER, asides, genesis_line
from appliance.journal.database import EpochFile
from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.journal.journal import FILE_NAME
from appliance.wire.chain import Genesis

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Source:
    """Where the lines of one epoch can be read from, current or set aside; for any thread but the desk's.

    The desk may set the file aside between two looks and begin another epoch under the same name; then the
    look fails, and the reader asks :func:`sources` again.

    Args:
        path: the epoch's file.
        genesis: its genesis.
        upto: how far it is good; None reads the current end each time.
    """

    def __init__(self, path: Path, genesis: Genesis, upto: int | None) -> None:
        self.path = path
        self.genesis = genesis
        self._upto = upto

    @property
    def epoch(self) -> str:
        """The epoch's id."""
        return self.genesis.epoch

    def last(self) -> int:
        """Return the last event that may be delivered.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._read(lambda file: file.last() if self._upto is None else self._upto)

    def start(self) -> tuple[int, str]:
        """Return the ``seq`` and hash before the first event that is held.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._read(lambda file: (file.pruned_upto, file.pruned_head))

    def lines(self, first: int, last: int) -> list[bytes]:
        """Return exactly these lines.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError, JournalRangeError: they cannot be read, or are not held.
        """
        return self._read(lambda file: file.lines(first, last))

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an event (0: the genesis), or None when it is not held.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        if seq == 0:
            return self.genesis.hash()
        return self._read(lambda file: file.hash_at(seq))

    def all_lines(self) -> Iterator[bytes]:
        """Yield every line held, in order.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        yield from self.lines_until_damage(self.start()[0] + 1, self.last())

    def lines_until_damage(self, first: int, last: int) -> Generator[bytes, None, None]:
        """Yield the lines held of a range, in order, one after the other.

        The file is open until the last one, or until it is closed: by whoever may stop before.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read from here on; what was yielded is good.
        """
        with self._open() as file:
            try:
                for _, line in file.rows(first, last):
                    yield line
            except sqlite3.Error as error:
                raise self._damaged(error) from error

    def opened_days(self, upto: int) -> list[tuple[int, bytes]]:
        """Return the (seq, line) of every ``day.opened`` held up to a ``seq``, in order.

        Raises:
            JournalMovedError: look again.
            JournalDamagedError: the file cannot be read.
        """
        return self._read(lambda file: file.opened_days(upto))

    def _read(self, look: Callable[[EpochFile], T]) -> T:
        with self._open() as file:
            try:
                return look(file)
            except sqlite3.Error as error:
                raise self._damaged(error) from error

    def _open(self) -> EpochFile:
        """Open the file; once open it stays the one it was, also when it is moved under the reader."""
        file = EpochFile.open(self.path, write=False, genesis=self.genesis)
        if file.genesis.epoch != self.epoch:
            file.close()
            raise JournalMovedError(epoch=self.epoch)
        return file

    def _damaged(self, error: sqlite3.Error) -> JournalDamagedError:
        return JournalDamagedError(path=self.path, upto=0, reason=str(error))


def sources(folder: Path) -> list[Source]:
    """Return every epoch that can still be read, oldest first, the current one last."""
    found = []
    for aside in asides(folder):
        try:
            found.append(Source(folder / FOLDER / aside.moved, Genesis.from_line(aside.genesis), aside.upto))
        except ValueError as error:
            log.exception("journal.aside_unreadable", epoch=aside.epoch, reason=str(error))
    line = genesis_line(folder)
    if line and (folder / FILE_NAME).exists():
        found.append(Source(folder / FILE_NAME, Genesis.from_line(line), None))
    return found
