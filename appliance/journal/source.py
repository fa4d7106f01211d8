"""Where the lines of an epoch can be read from by anyone but the desk: uplink, export, audit."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson
import structlog

from appliance.journal.aside import FOLDER, asides, genesis_line
from appliance.journal.database import EpochFile
from appliance.journal.errors import JournalDamagedError
from appliance.journal.journal import FILE_NAME
from appliance.wire.chain import After, Genesis

log = structlog.get_logger(__name__)


class Source:
    """Where the lines of one epoch can be read from, current or set aside; for any thread but the desk's.

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
            JournalDamagedError: the file cannot be read.
        """
        if self._upto is not None:
            return self._upto
        with self._reading() as file:
            return file.last()

    def start(self) -> tuple[int, str]:
        """Return the ``seq`` and hash before the first event that is held.

        Raises:
            JournalDamagedError: the file cannot be read.
        """
        with self._reading() as file:
            return file.pruned_upto, file.pruned_head

    def lines(self, first: int, last: int) -> list[bytes]:
        """Return exactly these lines.

        Raises:
            JournalDamagedError, JournalRangeError: they cannot be read, or are not held.
        """
        with self._reading() as file:
            try:
                return file.lines(first, last)
            except sqlite3.Error as error:
                raise JournalDamagedError(path=self.path, upto=0, reason=str(error)) from error

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an event (0: the genesis), or None when it is not held.

        Raises:
            JournalDamagedError: the file cannot be read.
        """
        if seq == 0:
            return self.genesis.hash()
        with self._reading() as file:
            try:
                return file.hash_at(seq)
            except sqlite3.Error as error:
                raise JournalDamagedError(path=self.path, upto=0, reason=str(error)) from error

    def all_lines(self) -> Iterator[bytes]:
        """Yield every line held, in order.

        Raises:
            JournalDamagedError: the file cannot be read.
        """
        with self._reading() as file:
            try:
                for _, line in file.rows(
                    file.pruned_upto + 1, file.last() if self._upto is None else self._upto
                ):
                    yield line
            except sqlite3.Error as error:
                raise JournalDamagedError(path=self.path, upto=0, reason=str(error)) from error

    def _reading(self) -> EpochFile:
        return EpochFile.open(self.path, write=False)


def sources(folder: Path) -> list[Source]:
    """Return every epoch that can still be read, oldest first, the current one last."""
    found = []
    for aside in asides(folder):
        try:
            found.append(Source(folder / FOLDER / aside.moved, genesis_of(aside.genesis), aside.upto))
        except ValueError as error:
            log.exception("journal.aside_unreadable", epoch=aside.epoch, reason=str(error))
    line = genesis_line(folder)
    if line and (folder / FILE_NAME).exists():
        found.append(Source(folder / FILE_NAME, genesis_of(line), None))
    return found


def genesis_of(line: str) -> Genesis:
    """Return the genesis of its line.

    Raises:
        ValueError: the line is damaged.
    """
    try:
        value = orjson.loads(line)
        after = After.from_json(value["after"]) if "after" in value else None
        return Genesis(value["device"], value["epoch"], after)
    except (KeyError, TypeError) as error:
        msg = f"not a genesis line: {line!r:.80}"
        raise ValueError(msg) from error
