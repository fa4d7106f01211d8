"""local.db: the catalog as a whole, or as it was."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.procedures import store
from appliance.procedures.errors import CatalogUnavailableError
from appliance.sockets.procedures import Procedure

ONE = Procedure(code="1.001193", name="Khai sinh", documents=("Tờ khai", "Giấy | chứng"), link="https://a.vn")
TWO = Procedure(code="A", name="Một", fee="Không", time="1 ngày", where="Quầy 2")


def test_a_catalog_is_read_as_it_was_written_and_opened_twice(tmp_path: Path) -> None:
    assert store.procedures(tmp_path) == ()
    assert store.stamp(tmp_path) is None
    store.replace(tmp_path, [TWO, ONE])
    assert store.procedures(tmp_path) == (TWO, ONE)
    assert (tmp_path / store.FILE_NAME).stat().st_mode & 0o777 == 0o600
    before = store.stamp(tmp_path)
    store.replace(tmp_path, [ONE])
    assert store.procedures(tmp_path) == (ONE,)
    assert store.stamp(tmp_path) != before
    assert [each.name for each in tmp_path.iterdir()] == [store.FILE_NAME]


def test_a_write_that_fails_leaves_the_catalog_as_it_was(tmp_path: Path) -> None:
    store.replace(tmp_path, [ONE])
    with pytest.raises(CatalogUnavailableError):
        store.replace(tmp_path, [TWO, TWO])
    assert store.procedures(tmp_path) == (ONE,)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / store.FILE_NAME).write_bytes(b"nothing of SQLite" * 100)
    with pytest.raises(CatalogUnavailableError):
        store.procedures(tmp_path)
    with pytest.raises(CatalogUnavailableError):
        store.replace(tmp_path, [ONE])


def test_what_nobody_could_have_imported_is_not_shown(tmp_path: Path) -> None:
    store.replace(tmp_path, [ONE])
    with closing(sqlite3.connect(tmp_path / store.FILE_NAME)) as conn, conn:
        conn.execute("UPDATE procedure SET link = 'javascript:alert(1)'")
    with pytest.raises(CatalogUnavailableError):
        store.procedures(tmp_path)
