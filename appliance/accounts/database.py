"""``accounts.db``: the only place that knows its tables.

WAL with ``synchronous=FULL`` as the journal's (docs/adr/0006-sqlite-on-cards.md), mode 0600, one connection
behind its caller's lock. Everything is read once, at the start; afterwards it is only written.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from appliance.accounts.person import Person, Role
from appliance.accounts.span import Span

log = structlog.get_logger(__name__)

FILE_NAME = "accounts.db"
BUSY_MS = 5_000
MOST_ASIDE = 9

Write = tuple[str, tuple[object, ...]]
"""One statement and its values; made by the functions below."""

migrations = Migrations("motcua.accounts")


@migrations()
def m001_accounts(db: Database) -> None:
    """Make the tables; tokens are there as SHA-256 only."""
    db.execute(
        "CREATE TABLE account (officer TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL,"
        " role TEXT NOT NULL, is_active INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE session (digest TEXT PRIMARY KEY, officer TEXT NOT NULL, span TEXT NOT NULL)"
        " WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE screen (id TEXT PRIMARY KEY, digest TEXT NOT NULL, purpose TEXT NOT NULL,"
        " paired_by TEXT NOT NULL, paired_us INTEGER NOT NULL) WITHOUT ROWID"
    )


@dataclass(frozen=True, slots=True)
class Account:
    """A person and the hash of the password."""

    person: Person
    hash: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session of a person, by the SHA-256 of its token."""

    digest: str
    officer: str
    span: Span


@dataclass(frozen=True, slots=True)
class Screen:
    """A paired screen.

    Args:
        id: names it when it is revoked.
        purpose: ``kiosk``, ``display`` or ``rate:COUNTER``.
        paired_by: the id of who paired it.
        paired_at_us: believed wall time then, microseconds since 1970 UTC.
        digest: SHA-256 of its token, hexadecimal.
    """

    id: str
    purpose: str
    paired_by: str
    paired_at_us: int
    digest: str


def put_account(account: Account) -> Write:
    """Return the write that makes or changes an account."""
    person = account.person
    return "INSERT OR REPLACE INTO account (officer, name, role, is_active, hash) VALUES (?, ?, ?, ?, ?)", (
        person.officer,
        person.name,
        person.role.value,
        int(person.is_active),
        account.hash,
    )


def put_session(session: Opened) -> Write:
    """Return the write that makes or changes a session."""
    values = (session.digest, session.officer, session.span.text())
    return "INSERT OR REPLACE INTO session (digest, officer, span) VALUES (?, ?, ?)", values


def drop_session(digest: str) -> Write:
    """Return the write that ends a session."""
    return "DELETE FROM session WHERE digest = ?", (digest,)


def drop_every_session() -> Write:
    """Return the write that ends all sessions, before those that go on are put."""
    return "DELETE FROM session", ()


def put_screen(screen: Screen) -> Write:
    """Return the write that pairs a screen."""
    return (
        "INSERT OR REPLACE INTO screen (id, digest, purpose, paired_by, paired_us) VALUES (?, ?, ?, ?, ?)",
        (
            screen.id,
            screen.digest,
            screen.purpose,
            screen.paired_by,
            screen.paired_at_us,
        ),
    )


def drop_screen(screen: str) -> Write:
    """Return the write that revokes a screen."""
    return "DELETE FROM screen WHERE id = ?", (screen,)


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
    }
)
_UNREADABLE = frozenset(
    {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS}
)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error is about what is stored, and not about a disk that is full, locked or read-only."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # our own: quick_check
        return True
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        return code in _UNREADABLE
    return code & 0xFF not in _PASSING


class AccountsFile:
    """The open file.

    Args:
        db: a connection that may be used from any thread, one at a time.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open or make the file, for writing.

        Raises:
            sqlite3.Error: it is damaged or cannot be had; :func:`is_damage` tells which.
            OSError: it cannot be made.
        """
        path = folder / FILE_NAME
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)  # SQLite gives its WAL the same
        conn = sqlite3.connect(path, timeout=BUSY_MS / 1000, check_same_thread=False)
        try:
            with closing(conn.execute("PRAGMA journal_mode = WAL")) as cursor:
                cursor.fetchone()
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute("PRAGMA journal_size_limit = 1048576")
            db = _guarded(conn)
            migrations.apply(db)
            return cls(db)
        except BaseException:
            conn.close()
            raise

    @classmethod
    def peek(cls, folder: Path) -> Self:
        """Open the file for reading only, while the office may be writing.

        Raises:
            sqlite3.Error: it is not there, or damaged.
        """
        uri = f"{(folder / FILE_NAME).absolute().as_uri()}?mode=ro"
        conn = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000)
        try:
            return cls(_guarded(conn))
        except BaseException:
            conn.close()
            raise

    def close(self) -> None:
        """Close the connection; the WAL is folded into the file."""
        self._db.close()

    def commit(self, writes: Sequence[Write]) -> None:
        """Write in one durable transaction.

        Raises:
            sqlite3.Error: nothing was written.
        """
        with self._db.atomic():
            for statement, values in writes:
                self._db.execute(statement, values)

    def accounts(self) -> Iterator[Account]:
        """Yield the accounts; a row that is none of ours is left out, with a line in the log."""
        for row in self._db.execute(
            "SELECT officer, name, role, is_active, hash FROM account ORDER BY officer"
        ):
            try:
                yield Account(Person(str(row[0]), str(row[1]), Role(row[2]), bool(row[3])), str(row[4]))
            except ValueError as error:
                log.warning("accounts.row_left_out", table="account", reason=str(error))

    def sessions(self) -> Iterator[Opened]:
        """Yield the sessions; a row that is none of ours is left out, with a line in the log."""
        for row in self._db.execute("SELECT digest, officer, span FROM session"):
            try:
                yield Opened(str(row[0]), str(row[1]), Span.parse(row[2]))
            except (ValueError, KeyError, TypeError, AttributeError):
                log.warning("accounts.row_left_out", table="session")

    def screens(self) -> Iterator[Screen]:
        """Yield the paired screens."""
        for row in self._db.execute(
            "SELECT id, purpose, paired_by, paired_us, digest FROM screen ORDER BY paired_us, id"
        ):
            yield Screen(str(row[0]), str(row[1]), str(row[2]), int(row[3]), str(row[4]))


def _guarded(conn: sqlite3.Connection) -> Database:
    conn.execute("PRAGMA cell_size_check = ON")
    conn.execute("PRAGMA trusted_schema = OFF")
    with closing(conn.execute("PRAGMA quick_check(1)")) as cursor:
        verdict = cursor.fetchone()
    if verdict is None or verdict[0] != "ok":
        raise sqlite3.DatabaseError(str(verdict and verdict[0]))
    return Database(conn, execute_plugins=False)


def set_aside(folder: Path) -> Path:
    """Rename a damaged file, so that a new one can begin; the oldest names are kept.

    Returns:
        its new name.

    Raises:
        OSError: the folder cannot be written to.
    """
    names = [folder / f"accounts.damaged-{number}.db" for number in range(1, MOST_ASIDE + 1)]
    target = next((name for name in names if not name.exists()), names[-1])
    for suffix in ("-wal", "-shm", ""):
        source = folder / (FILE_NAME + suffix)
        if source.exists():
            source.replace(target.with_name(target.name + suffix))
    return target
