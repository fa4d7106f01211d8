"""The peer: what SQLite alone takes to make one line durable, with nothing of ours around it."""

import sqlite3
from pathlib import Path


class BareTable:
    """One table as anybody would make it: WAL, ``synchronous=FULL``, SQLite's own page size.

    Args:
        connection: in autocommit mode, so that an insert is a transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> "BareTable":
        """Make the file."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE line (seq INTEGER PRIMARY KEY, line BLOB NOT NULL)")
        return cls(connection)

    @classmethod
    def reopen(cls, path: Path) -> "BareTable":
        """Open the file again."""
        return cls(sqlite3.connect(path, isolation_level=None))

    def insert(self, line: bytes) -> None:
        """Make one line durable."""
        self._connection.execute("INSERT INTO line (line) VALUES (?)", (line,))

    def insert_all(self, lines: list[bytes]) -> None:
        """Make many lines durable in one transaction."""
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO line (line) VALUES (?)", [(line,) for line in lines])
        self._connection.execute("COMMIT")

    def lines(self) -> list[bytes]:
        """Return every line in order."""
        return [row[0] for row in self._connection.execute("SELECT line FROM line ORDER BY seq")]

    def close(self) -> None:
        self._connection.close()
