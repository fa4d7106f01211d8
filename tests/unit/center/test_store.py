import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sim_center import Center
from sim_center_device import SimDevice

from center.errors import StoreDamagedError, StoreMissingError, StoreUnavailableError
from center.store.records import Device
from center.store.sqlite import SqliteStore

SITE = Device("BOX-1", "site-1", "office")


def test_a_store_can_be_opened_twice_and_keeps_what_it_had(tmp_path: Path) -> None:
    for _ in range(3):
        store = SqliteStore.open(tmp_path / "c.db")
        with store.transaction():
            store.put_device(SITE)
        store.close()
        store.close()
    store = SqliteStore.open(tmp_path / "c.db")
    assert store.devices() == [SITE]
    store.close()


def test_every_commit_reaches_the_medium_and_references_hold(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "c.db")
    pragmas = {
        name: store._db.rows(f"PRAGMA {name}")[0][0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    store.close()


def test_nothing_of_a_transaction_that_fails_stays(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "c.db")

    def fail() -> None:
        with store.transaction():
            store.put_device(SITE)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert store.devices() == []
    with store.transaction():
        store.put_device(SITE)
    assert store.devices() == [SITE]
    store.close()


def test_a_reader_sees_what_is_committed_while_the_writer_runs(center: Center, box: SimDevice) -> None:
    reader = SqliteStore.open_reader(center.db)
    epoch = box.epoch(events=3)
    assert reader.epochs("BOX-1") == []
    center.send(epoch, 1, 3)
    assert [line.line for line in reader.lines("BOX-1", epoch.epoch)] == epoch.lines
    with pytest.raises(StoreUnavailableError), reader.transaction():
        reader.put_device(SITE)
    reader.close()


def test_a_store_that_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with pytest.raises(StoreMissingError, match=r"c\.db"):
        SqliteStore.open_reader(path)
    path.write_bytes(b"this is no database, but it is long enough to be looked at" * 99)
    for open_store in (SqliteStore.open, SqliteStore.open_reader):
        with pytest.raises(StoreDamagedError, match="backup"):
            open_store(path)


def test_a_store_nobody_finished_making_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    sqlite3.connect(path).close()
    with pytest.raises(StoreUnavailableError, match="older version"):
        SqliteStore.open_reader(path)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="No such file"):
        SqliteStore.open(tmp_path / "nowhere" / "c.db")


def test_another_error_of_sqlite_is_not_hidden(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "c.db")
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        store._db.rows("SELECT FROM WHERE")
    store.close()


def test_two_threads_wait_for_each_other_and_one_gives_up_in_time(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "c.db", busy_s=0.05)
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.transaction():
            inside.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(30)
    with pytest.raises(StoreUnavailableError, match="other requests"), store.transaction():
        pass
    done.set()
    thread.join()
    with store.transaction():
        store.put_device(SITE)
    store.close()


def test_another_process_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    store = SqliteStore.open(path, busy_s=0.05)
    script = (
        "import sys; from pathlib import Path; from center.store.sqlite import SqliteStore\n"
        "store = SqliteStore.open(Path(sys.argv[1]))\n"
        "with store.transaction():\n    print('inside', flush=True); sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "inside\n"
    with pytest.raises(StoreUnavailableError, match="another process"), store.transaction():
        pass
    other.communicate("")
    assert other.returncode == 0
    with store.transaction():
        store.put_device(SITE)
    store.close()
