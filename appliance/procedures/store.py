"""``local.db``: the catalog of procedures. No happening, never uploaded, in no backup: its list is elsewhere.

Written once in a month, read at the start and after each change; so there is no WAL beside it, and whether
the file is another one says whether the catalog is.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from appliance.procedures.errors import CatalogUnavailableError
from appliance.sockets.procedures import Procedure

FILE_NAME: Final = "local.db"
BUSY_S: Final = 5.0

migrations = Migrations("motcua.local")


@migrations()
def m001_procedures(db: Database) -> None:
    """Make the table; ``place`` is the order of the list."""
    db.execute(
        "CREATE TABLE procedure (code TEXT PRIMARY KEY COLLATE NOCASE, place INTEGER NOT NULL,"
        " name TEXT NOT NULL, documents TEXT NOT NULL, fee TEXT NOT NULL, time TEXT NOT NULL,"
        " place_of TEXT NOT NULL, link TEXT) WITHOUT ROWID"
    )


def replace(folder: Path, procedures: Sequence[Procedure]) -> None:
    """Let the catalog be these, in one transaction.

    Args:
        folder: the data directory.
        procedures: in order.

    Raises:
        CatalogUnavailableError: it could not be written; the catalog is as it was.
    """
    try:
        with _opened(folder) as db, db.atomic():
            db.execute("DELETE FROM procedure")
            for place, each in enumerate(procedures):
                db.execute(
                    "INSERT INTO procedure VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        each.code,
                        place,
                        each.name,
                        json.dumps(each.documents, ensure_ascii=False),
                        each.fee,
                        each.time,
                        each.where,
                        each.link,
                    ),
                )
    except (sqlite3.Error, OSError) as error:
        raise CatalogUnavailableError(reason=str(error)) from None


def procedures(folder: Path) -> tuple[Procedure, ...]:
    """Return the catalog; nothing where none was ever taken over.

    Raises:
        CatalogUnavailableError: it cannot be read.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as conn:
            rows = conn.execute(
                "SELECT code, name, documents, fee, time, place_of, link FROM procedure ORDER BY place"
            ).fetchall()
        return tuple(_procedure(row) for row in rows)
    except (sqlite3.Error, OSError, ValueError, ValidationError) as error:
        raise CatalogUnavailableError(reason=str(error).splitlines()[0]) from None


def stamp(folder: Path) -> tuple[int, int, int] | None:
    """Return what changes with the catalog; None where there is none."""
    try:
        found = (folder / FILE_NAME).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def _opened(folder: Path) -> Iterator[Database]:
    path = folder / FILE_NAME
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(path, timeout=BUSY_S)) as conn:
        conn.execute("PRAGMA synchronous = FULL")
        db = Database(conn)
        migrations.apply(db)
        yield db


def _procedure(row: tuple[str, str, str, str, str, str, str | None]) -> Procedure:
    code, name, documents, fee, time, where, link = row
    needed = tuple(json.loads(documents))
    return Procedure(code=code, name=name, documents=needed, fee=fee, time=time, where=where, link=link)
