"""One SQLite connection whose transactions and checkpoints never meet those of another process."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database

from center.errors import StoreDamagedError, StoreMissingError, StoreUnavailableError
from center.store.schema import migrations

_BUSY_S = 10.0
_RETRY_S = 0.01
_PRIMARY_CODE = 0xFF  # an extended result code carries its primary one in the low byte
_TRANSIENT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

Value = str | bytes | int | None


class Connection:
    """One connection, used by one thread at a time: WAL, every commit flushed to the medium.

    A lock file beside the database makes the transactions and checkpoints of all processes (the server, an
    operator's command) follow one another: SQLite before 3.51.3 can corrupt a WAL that two connections
    write or checkpoint at the same instant.

    Args:
        path: the database file.
        db: its open connection.
        turn: descriptor of the open lock file, or None for a reader.
        busy_s: seconds to wait for one's turn.
    """

    def __init__(self, path: Path, db: Database, turn: int | None, busy_s: float) -> None:
        self._path = path
        self._db = db
        self._turn = turn
        self._busy_s = busy_s
        self._thread = threading.RLock()
        self._pause = threading.Event()
        self._closed = False

    @classmethod
    def open(cls, path: Path, busy_s: float = _BUSY_S) -> "Connection":
        """Open for writing, making or migrating the tables.

        Raises:
            StoreUnavailableError: the folder cannot be written, or another process does not let go.
            StoreDamagedError: the file is no database.
        """
        lock = path.with_name(f"{path.name}.lock")
        try:
            turn = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailableError(reason=f"{lock}: {error.strerror}") from error
        try:
            with _translated(path):
                raw = sqlite3.connect(path, timeout=busy_s, check_same_thread=False)
        except StoreUnavailableError:
            os.close(turn)
            raise
        connection = cls(path, Database(raw, execute_plugins=False), turn, busy_s)
        try:
            with connection._my_turn(), _translated(path):
                for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                    raw.execute(f"PRAGMA {pragma}")
                migrations.apply(connection._db)
        except BaseException:
            connection.close()
            raise
        return connection

    @classmethod
    def open_reader(cls, path: Path, busy_s: float = _BUSY_S) -> "Connection":
        """Open for reading only, also while the server runs.

        Raises:
            StoreMissingError: there is none.
            StoreUnavailableError, StoreDamagedError: it cannot be read.
        """
        if not path.is_file():
            raise StoreMissingError(path=path)
        with _translated(path):
            uri = f"file:{quote(str(path.absolute()))}?mode=ro"
            raw = sqlite3.connect(uri, uri=True, timeout=busy_s, check_same_thread=False)
        connection = cls(path, Database(raw, execute_plugins=False), None, busy_s)
        try:
            with _translated(path):
                pending = migrations.pending(connection._db)
        except BaseException:
            connection.close()
            raise
        if pending:
            connection.close()
            raise StoreUnavailableError(reason=f"{path} is of an older version; start the center once")
        return connection

    def close(self) -> None:
        """Close; the last connection of all processes folds the WAL into the file. Safe to call twice."""
        with self._thread:
            if self._closed:
                return
            self._closed = True
            try:
                with self._my_turn():
                    self._db.conn.close()
            except StoreUnavailableError:
                self._db.conn.close()  # another process is writing, so this is not the last one
            if self._turn is not None:
                os.close(self._turn)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside durable together, or nothing of it.

        Raises:
            StoreUnavailableError, StoreDamagedError: nothing was stored.
        """
        with self._alone(), self._my_turn(), _translated(self._path), self._db.atomic():
            yield

    def rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._alone(), _translated(self._path):
            return self._db.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Value) -> int:
        """Run one statement inside a transaction and return how many rows it touched."""
        return self._db.execute(sql, values).rowcount

    def write_many(self, sql: str, values: Iterable[Sequence[Value]]) -> None:
        """Run one statement for many rows inside a transaction."""
        self._db.conn.executemany(sql, values)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._thread.acquire(timeout=self._busy_s):
            raise StoreUnavailableError(reason="other requests are being written")
        try:
            yield
        finally:
            self._thread.release()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        for _ in range(max(1, int(self._busy_s / _RETRY_S))):
            try:
                fcntl.flock(self._turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                self._pause.wait(_RETRY_S)
        else:
            raise StoreUnavailableError(reason="another process is writing")
        try:
            yield
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if code in _TRANSIENT:
            raise StoreUnavailableError(reason=str(error)) from error
        if code in _DAMAGED:
            raise StoreDamagedError(path=path, reason=str(error)) from error
        raise
