"""The SQLite file of one epoch: the only place that knows its tables.

WAL with ``synchronous=FULL``: a commit that returned survives a power cut as far as the medium honors a
flush. One connection, in the thread that made it, writes and checkpoints; everybody else opens ``mode=ro``
(SQLite before 3.51.3 corrupts a WAL that two connections reset; docs/adr/0006-sqlite-on-cards.md).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Self
from zlib import crc32

import orjson
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from appliance.errors import MotcuaError
from appliance.journal.errors import JournalDamagedError, JournalRangeError, JournalUnavailableError
from appliance.wire.chain import Genesis
from appliance.wire.event import line_hash

PAGE_BYTES = 1024  # a press is one or two pages: a quarter of the bytes that 4 KiB pages write
BUSY_MS = 5_000
_READ_AT_ONCE = 500
_MALFORMED = "a line is not as it was written (malformed row)"
_MAGIC = b"SQLite format 3\0"
_MOST_BYTES = 64 * 1024**3  # more is no length of ours but a damaged header

migrations = Migrations("motcua.journal")


@migrations()
def m001_events(db: Database) -> None:
    """Make the tables: the epoch's one row, its events, and where each business day opened."""
    db.execute(
        "CREATE TABLE epoch (genesis BLOB NOT NULL, pruned_upto INTEGER NOT NULL, pruned_head TEXT NOT NULL)"
    )
    db.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, crc INTEGER NOT NULL, line BLOB NOT NULL)")
    db.execute("CREATE TABLE day (seq INTEGER PRIMARY KEY)")


_PASSING = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CONSTRAINT,  # what was appended is wrong, not what is stored
    }
)
_UNREADABLE = frozenset(
    {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS}
)


def sqlite_version() -> str:
    """Return the version of the library in use."""
    return sqlite3.sqlite_version


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error is about what is stored, and not about a disk that is full, locked or read-only."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # our own, see _as_written
        return True
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        return code in _UNREADABLE
    return code & 0xFF not in _PASSING


class EpochFile:
    """One epoch's events in one SQLite file.

    Args:
        path: the file.
        db: an open connection to it.
        genesis: what to go by when the file's own genesis cannot be read.
    """

    def __init__(self, path: Path, db: Database, genesis: Genesis | None = None) -> None:
        self.path = path
        self._db = db
        try:
            row = self._epoch_row()
        except (JournalDamagedError, sqlite3.Error):
            if genesis is None:
                raise
            row = (genesis, *self._start_after(genesis))
        self.genesis, self.pruned_upto, self.pruned_head = row

    @classmethod
    def create(cls, path: Path, genesis: Genesis, before: tuple[int, str] | None = None) -> Self:
        """Make a new file holding no event.

        Args:
            path: the file; does not exist.
            genesis: of the epoch.
            before: ``seq`` and hash before the first event it will hold; None for a whole epoch.

        Raises:
            sqlite3.Error: the directory is full or not writable.
        """
        db = _connect(path, write=True)
        with db.atomic():
            migrations.apply(db)
            row = (genesis.line(), *(before or (0, genesis.hash())))
            db.execute("INSERT INTO epoch (genesis, pruned_upto, pruned_head) VALUES (?, ?, ?)", row)
        return cls(path, db)

    @classmethod
    def open(cls, path: Path, *, write: bool, genesis: Genesis | None = None) -> Self:
        """Open an existing file.

        Args:
            path: the file.
            write: for the one writer; readers cannot checkpoint.
            genesis: of the epoch, for a reader that wants what is left of a file without its own.

        Raises:
            JournalDamagedError: it is no journal or cannot be read.
            JournalUnavailableError: the writer may be luckier later: the disk is full, the file locked.
        """
        try:
            if not path.is_file() or path.stat().st_size == 0:
                raise JournalDamagedError(path=path, upto=0, reason="the file is missing or empty")
            db = _connect(path, write=write)
        except sqlite3.Error as error:
            raise _not_opened(path, error, write=write) from error
        try:
            if write:
                migrations.apply(db)
            return cls(path, db, genesis)
        except sqlite3.Error as error:
            db.close()
            raise _not_opened(path, error, write=write) from error
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        """Close the connection; a writer's last close folds the WAL into the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _epoch_row(self) -> tuple[Genesis, int, str]:
        row = self._db.execute("SELECT genesis, pruned_upto, pruned_head FROM epoch").fetchone()
        if row is None:
            raise JournalDamagedError(path=self.path, upto=0, reason="the epoch's row is missing")
        try:
            genesis = Genesis.from_line(bytes(row[0]))
        except (ValueError, TypeError) as error:
            raise JournalDamagedError(path=self.path, upto=0, reason="the genesis line is damaged") from error
        return genesis, int(row[1]), str(row[2])

    def _start_after(self, genesis: Genesis) -> tuple[int, str]:
        """Return where the events begin, from the first one itself."""
        row = self._db.execute("SELECT seq, crc, line FROM event ORDER BY seq LIMIT 1").fetchone()
        if row is None or int(row[0]) == 1:
            return 0, genesis.hash()
        return int(row[0]) - 1, str(orjson.loads(_as_written(row[2], row[1]))["prev"])

    def append(self, first: int, lines: Sequence[bytes], days: Sequence[int]) -> None:
        """Write lines in one durable transaction.

        Args:
            first: ``seq`` of the first line.
            lines: canonical lines in order.
            days: which of their ``seq`` are ``day.opened``.

        Raises:
            sqlite3.Error: nothing was written.
        """
        with self._db.atomic():
            rows = [(seq, crc32(line), line) for seq, line in enumerate(lines, first)]
            self._db.conn.executemany("INSERT INTO event (seq, crc, line) VALUES (?, ?, ?)", rows)
            if days:
                self._db.conn.executemany("INSERT INTO day (seq) VALUES (?)", [(seq,) for seq in days])

    def last(self) -> int:
        """Return the ``seq`` of the last event held, or of the last pruned one."""
        row = self._db.execute("SELECT max(seq) FROM event").fetchone()
        return self.pruned_upto if row[0] is None else int(row[0])

    def day_seq(self) -> int | None:
        """Return the ``seq`` of the last ``day.opened``, or None."""
        row = self._db.execute("SELECT max(seq) FROM day").fetchone()
        return None if row[0] is None else int(row[0])

    def rows(self, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """Yield (seq, line) in order; no transaction stays open between chunks, so that the WAL can shrink.

        Raises:
            sqlite3.Error: the file is damaged here.
        """
        while first <= last:
            chunk, damage = self._chunk(first, last)
            for seq, crc, line in chunk:
                if seq < first:  # a half-written page repeats or forgets keys
                    raise sqlite3.DatabaseError(_MALFORMED)
                yield seq, _as_written(line, crc)
                if seq == last:
                    return
                first = seq + 1
            if damage is not None:
                raise damage
            if not chunk:
                return

    def _chunk(
        self, first: int, last: int
    ) -> tuple[list[tuple[int, int, object]], sqlite3.DatabaseError | None]:
        """Return the next rows, and what is wrong after them: rows before a damaged page are good."""
        rows: list[tuple[int, int, object]] = []
        try:
            rows.extend(
                self._db.execute(
                    "SELECT seq, crc, line FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
                    (first, last, _READ_AT_ONCE),
                )
            )
        except sqlite3.DatabaseError as error:
            return rows, error
        return rows, None

    def lines(self, first: int, last: int) -> list[bytes]:
        """Return exactly these lines.

        Raises:
            JournalRangeError: some of them are not here.
            sqlite3.Error: the file is damaged here.
        """
        found = [line for _, line in self.rows(first, last)]
        if len(found) != last - first + 1:
            raise JournalRangeError(
                first=first,
                last=last,
                path=self.path.name,
                held_first=self.pruned_upto + 1,
                held_last=self.last(),
            )
        return found

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an event (of the genesis for 0), or None when it is not held."""
        if seq == self.pruned_upto:
            return self.pruned_head
        row = self._db.execute("SELECT line, crc FROM event WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else line_hash(_as_written(*row))

    def first_at_or_after(self, at: str) -> int:
        """Return the first held ``seq`` whose day was opened at or after a wire time."""
        for seq, line in self.opened_days(self.last()):
            if str(orjson.loads(line)["at"]) >= at:
                return seq
        return self.last() + 1

    def opened_days(self, upto: int) -> list[tuple[int, bytes]]:
        """Return the (seq, line) of every ``day.opened`` held up to a ``seq``, in order.

        Raises:
            sqlite3.Error: the file is damaged.
        """
        rows = self._db.execute(
            "SELECT day.seq, event.crc, event.line FROM day JOIN event USING (seq)"
            " WHERE day.seq <= ? ORDER BY day.seq",
            (upto,),
        ).fetchall()
        return [(int(seq), _as_written(line, crc)) for seq, crc, line in rows]

    def prune(self, upto: int) -> None:
        """Forget events up to ``upto``; the chain then starts at its hash.

        Raises:
            sqlite3.Error: nothing was removed.
        """
        head = self.hash_at(upto)
        if head is None or upto <= self.pruned_upto:
            return
        with self._db.atomic():
            self._db.execute("DELETE FROM event WHERE seq <= ?", (upto,))
            self._db.execute("DELETE FROM day WHERE seq <= ?", (upto,))
            self._db.execute("UPDATE epoch SET pruned_upto = ?, pruned_head = ?", (upto, head))
        self.pruned_upto, self.pruned_head = upto, head

    def rows_at_most(self) -> int:
        """Return more events than the file can ever have held: no line is shorter than a third of a page."""
        return 3 * int(self._db.execute("PRAGMA page_count").fetchone()[0])

    def size_bytes(self) -> int:
        """Return the bytes in use by the file: pages that hold something, and the WAL."""
        pages, free = (
            int(self._db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count")
        )
        wal = self.path.with_name(self.path.name + "-wal")
        return (pages - free) * PAGE_BYTES + (wal.stat().st_size if wal.exists() else 0)


def _not_opened(path: Path, error: sqlite3.Error, *, write: bool) -> MotcuaError:
    if write and not is_damage(error):
        return JournalUnavailableError(reason=str(error))
    return JournalDamagedError(path=path, upto=0, reason=str(error))


def stretch(path: Path) -> bool:
    """Give a file that was cut short its old length back, with zeros, so that SQLite reads what is left.

    SQLite refuses a whole file that is shorter than its header says, although every page before the cut is
    good.

    Returns:
        whether the file was too short and now is long enough.
    """
    try:
        with path.open("r+b") as file:
            header = file.read(100)
            size = file.seek(0, 2)
            page_bytes, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
            if not header.startswith(_MAGIC) or not 0 < size < page_bytes * pages <= _MOST_BYTES:
                return False
            file.truncate(page_bytes * pages)
    except OSError:
        return False
    return True


def _as_written(line: object, crc: object) -> bytes:
    """Return a line whose bits are those that were written; the chain alone cannot tell of the last one.

    Raises:
        sqlite3.DatabaseError: they are not. A flipped bit can change even the type that SQLite finds.
    """
    if not isinstance(line, bytes) or crc32(line) != crc:
        raise sqlite3.DatabaseError(_MALFORMED)
    return line


def _connect(path: Path, *, write: bool) -> Database:
    if write:
        conn = sqlite3.connect(path, timeout=BUSY_MS / 1000)
    else:
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_MS / 1000)
    try:
        if write:
            conn.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            with closing(conn.execute("PRAGMA journal_mode = WAL")) as cursor:
                cursor.fetchone()
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute("PRAGMA cache_size = -512")  # appends need the last pages only
            conn.execute("PRAGMA journal_size_limit = 4194304")
        conn.execute("PRAGMA cell_size_check = ON")
        conn.execute("PRAGMA trusted_schema = OFF")
        return Database(conn, execute_plugins=False)
    except BaseException:
        conn.close()
        raise
