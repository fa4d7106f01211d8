"""The journal of the running box: a verified chain, durable appends, retention."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import orjson
import structlog

from appliance.journal.database import EpochFile, is_damage
from appliance.journal.errors import JournalDamagedError, JournalInUseError, JournalUnavailableError
from appliance.wire.canonical import canonical
from appliance.wire.chain import Chain, Genesis
from appliance.wire.errors import BadEventError
from appliance.wire.event import Draft, Event, event_of, line_hash
from appliance.wire.moment import Moment, wire_time

log = structlog.get_logger(__name__)

FILE_NAME = "office.db"
GENESIS_NAME = "office.genesis"


@dataclass(frozen=True, slots=True)
class Mark:
    """The last receipted event of an epoch; ``upto`` 0 means nothing is receipted."""

    epoch: str
    upto: int
    head: str


@dataclass(frozen=True, slots=True)
class Staged:
    """One event ready to be appended."""

    event: Event
    line: bytes


class Lock:
    """An exclusive hold on a data directory, released by closing or by the kernel.

    Args:
        file: the open lock file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    @classmethod
    def take(cls, folder: Path) -> Self:
        """Take it.

        Raises:
            JournalInUseError: another process has it.
        """
        file = (folder / "office.lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise JournalInUseError(path=folder) from error
        return cls(file)

    def close(self) -> None:
        self._file.close()


class Journal:
    """The current epoch; belongs to the thread that opened it.

    Args:
        file: the epoch's open file.
        chain: its verified end.
        day_seq: where the last ``day.opened`` stands, or None.
    """

    def __init__(self, file: EpochFile, chain: Chain, day_seq: int | None) -> None:
        self._file = file
        self.chain = chain
        self.day_seq = day_seq

    @classmethod
    def create(cls, folder: Path, genesis: Genesis) -> Self:
        """Begin an epoch in ``folder``.

        Raises:
            JournalUnavailableError: it cannot be written.
        """
        path = folder / FILE_NAME
        try:
            file = EpochFile.create(path, genesis)
            try:
                # The sidecar last: once it names this epoch the file is complete, and not before.
                write_durably(folder / GENESIS_NAME, genesis.line() + b"\n")
            except OSError:
                file.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise JournalUnavailableError(reason=str(error)) from error
        return cls(file, Chain.start(genesis), None)

    @classmethod
    def open(cls, folder: Path, *, verify_from: int | None = None) -> Self:
        """Open the current epoch and verify its chain from the last ``day.opened`` (or earlier) to the end.

        Args:
            folder: the data directory.
            verify_from: an earlier ``seq`` from which on nothing is receipted yet.

        Raises:
            JournalDamagedError: what is stored is not what was written.
            JournalUnavailableError: it cannot be opened now: the disk is full, the file locked.
        """
        file = EpochFile.open(folder / FILE_NAME, write=True)
        try:
            day_seq = file.day_seq()
            start = min(day_seq or 1, verify_from or file.last() + 1)
            chain = verify(file, max(start, file.pruned_upto + 1))
            _name_epoch(folder, file.genesis)
        except sqlite3.Error as error:
            file.close()
            if not is_damage(error):
                raise JournalUnavailableError(reason=str(error)) from error
            raise JournalDamagedError(path=file.path, upto=0, reason=str(error)) from error
        except BaseException:
            file.close()
            raise
        return cls(file, chain, day_seq)

    @property
    def genesis(self) -> Genesis:
        """The genesis of the current epoch."""
        return self._file.genesis

    @property
    def pruned_upto(self) -> int:
        """The last event that retention removed, or 0."""
        return self._file.pruned_upto

    @property
    def path(self) -> Path:
        """The current epoch's file."""
        return self._file.path

    def append(self, staged: Sequence[Staged]) -> None:
        """Make staged events durable in one transaction; they continue :attr:`chain`.

        Raises:
            JournalUnavailableError: nothing was recorded; the same may succeed later.
            JournalDamagedError: the file is damaged: set it aside.
        """
        if not staged:
            return
        days = [item.event.seq for item in staged if item.event.kind == "day.opened"]
        try:
            self._file.append(staged[0].event.seq, [item.line for item in staged], days)
        except sqlite3.Error as error:
            if is_damage(error):
                raise JournalDamagedError(path=self.path, upto=self.chain.seq, reason=str(error)) from error
            raise JournalUnavailableError(reason=str(error)) from error
        last = staged[-1]
        self.chain = Chain(last.event.epoch, last.event.seq, line_hash(last.line), last.event.at)
        self.day_seq = days[-1] if days else self.day_seq

    def events_since_day(self) -> Iterator[Event]:
        """Yield the events from the last ``day.opened`` on: what state is the fold of."""
        first = self.day_seq or self._file.pruned_upto + 1
        for _, line in self._file.rows(first, self.chain.seq):
            # Opening has verified these lines, or we wrote them; rows() compares their bits again.
            yield event_of(orjson.loads(line))

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an event, or None when it is not held."""
        return self.chain.head if seq == self.chain.seq else self._file.hash_at(seq)

    def prune(self, mark: Mark, before: str) -> int:
        """Remove what is receipted and older than a wire time, never past the last ``day.opened``.

        Returns:
            the last ``seq`` removed, or 0 when there was nothing to remove.

        Raises:
            JournalUnavailableError: nothing was removed.
            JournalDamagedError: nothing was removed, and the file must be set aside.
        """
        try:
            old = self._file.first_at_or_after(before) - 1
            upto = min(mark.upto if mark.epoch == self.chain.epoch else 0, old, (self.day_seq or 1) - 1)
            if upto <= self._file.pruned_upto:
                return 0
            self._file.prune(upto)
        except sqlite3.Error as error:
            if is_damage(error):
                raise JournalDamagedError(path=self.path, upto=self.chain.seq, reason=str(error)) from error
            raise JournalUnavailableError(reason=str(error)) from error
        return upto

    def size_bytes(self) -> int:
        """Return the bytes in use.

        Raises:
            JournalUnavailableError: it cannot be told.
        """
        try:
            return self._file.size_bytes()
        except (sqlite3.Error, OSError) as error:
            raise JournalUnavailableError(reason=str(error)) from error

    def close(self) -> None:
        self._file.close()


def _name_epoch(folder: Path, genesis: Genesis) -> None:
    """Write the sidecar if it does not name this epoch: a power cut came before it was written."""
    path = folder / GENESIS_NAME
    line = genesis.line() + b"\n"
    try:
        if path.exists() and path.read_bytes() == line:
            return
        write_durably(path, line)
    except OSError as error:
        # A read-only disk: the journal still can be read, and appends will say so plainly.
        log.warning("journal.sidecar", reason=str(error))


def stage(chain: Chain, draft: Draft, moment: Moment) -> tuple[Chain, Staged]:
    """Give a draft its place: stamp it, and check the line as the center will.

    A wall time before the chain's is lifted to it, unless the draft is a step that may go back.

    Raises:
        BadEventError: the draft could never be delivered; nothing is changed.
    """
    at = moment.wire_at
    if at < chain.at and draft.kind != "clock.stepped":
        at = chain.at
    line = canonical(
        {
            "at": at,
            "boot": moment.boot,
            "clock": moment.quality.value,
            "data": draft.data,
            "epoch": chain.epoch,
            "kind": draft.kind,
            "prev": chain.head,
            "seq": chain.seq + 1,
            "up_ms": moment.up_ms,
        }
    )
    # The event as any reader will parse it: what is folded now is what a restart will fold.
    longer, event = chain.extend(line)
    return longer, Staged(event, line)


def verify(file: EpochFile, first: int = 0) -> Chain:
    """Verify the lines from ``first`` (0: all that is held) to the end and return the chain there.

    Raises:
        JournalDamagedError: names the last good ``seq``.
        sqlite3.Error: a page cannot be read.
    """
    first = max(first, file.pruned_upto + 1)
    head = file.hash_at(first - 1)
    if head is None:
        raise JournalDamagedError(path=file.path, upto=0, reason=f"event {first - 1} is missing")
    chain = Chain(file.genesis.epoch, first - 1, head)
    for seq, line in file.rows(first, file.last()):
        try:
            chain, _ = chain.extend(line)
        except BadEventError as error:
            raise JournalDamagedError(
                path=file.path, upto=chain.seq, reason=f"event {seq}: {error}"
            ) from error
    return chain


def write_durably(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace a small file atomically: after return, the old or the new content survives a power cut.

    Raises:
        OSError: the old content is still there.
    """
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        draft.replace(path)
        # FAT keeps a file's size and place beside its name; the new name has neither until it is flushed
        # again. Elsewhere this flushes the name, and nothing is left to do for the folder.
        os.fsync(file.fileno())
    sync_folder(path.parent)


def rename_durably(path: Path, target: Path) -> None:
    """Give a file another name, over whatever has that name; after return it has it, whole, also on FAT.

    Raises:
        OSError: it has the old one.
    """
    with path.open("rb") as file:
        path.replace(target)
        os.fsync(file.fileno())
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def retention_limit(moment: Moment, days: int) -> str:
    """Return the wire time before which events may be pruned."""
    from datetime import timedelta

    return wire_time(moment.at - timedelta(days=days))
