import os
import sqlite3

import pytest
from sim_accounts import MINUTE_MS, PASSWORD, PC
from typer.testing import CliRunner

from appliance.accounts import errors
from appliance.accounts.database import MOST_ASIDE, AccountsFile
from appliance.cli import build

DAMAGE = {
    "no database": lambda _: b"not a database at all" * 500,
    "zeros": lambda data: bytes(len(data)),
    "cut short": lambda data: data[: len(data) // 2],
    "a page overwritten": lambda data: data[:4096] + os.urandom(4096) + data[8192:],
    "another's tables": None,
}


def spoil(path, how):
    if how == "another's tables":
        path.unlink()
        conn = sqlite3.connect(path)
        conn.execute("CREATE TABLE account (x)")
        conn.commit()
        conn.close()
    else:
        path.write_bytes(DAMAGE[how](path.read_bytes()))


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_set_aside_and_the_setup_code_makes_a_first_account_again(staff, how, logs):
    code = staff.accounts.set_setup_code()
    token = staff.sign_in()
    staff.close()
    spoil(staff.folder / "accounts.db", how)
    accounts = staff.open()
    assert (staff.folder / "accounts.damaged-1.db").exists()
    assert "accounts.damaged" in [line["event"] for line in logs]
    assert accounts.needs_first
    assert accounts.session(token) is None
    accounts.create_first(code, PC, "kt", "Kỹ", PASSWORD)
    assert staff.reopen().people()[0].officer == "kt"


def test_an_empty_file_is_a_new_one(staff):
    staff.close()
    (staff.folder / "accounts.db").write_bytes(b"")
    assert staff.open().needs_first


def test_damaged_files_do_not_fill_the_card(staff):
    for _ in range(MOST_ASIDE + 3):
        staff.close()
        spoil(staff.folder / "accounts.db", "no database")
        staff.open()
    assert len(list(staff.folder.glob("accounts.damaged-*.db"))) == MOST_ASIDE


def test_damage_while_it_runs_is_mended_from_memory(staff, logs):
    token, screen = staff.sign_in(), staff.accounts.pair_screen(staff.tech, "kiosk")
    staff.accounts._store._file._db.conn.execute("DROP TABLE account")
    staff.accounts.rename(staff.tech, "lan", "Lan Mới")
    assert "accounts.damaged" in [line["event"] for line in logs]
    accounts = staff.reopen()
    assert accounts.session(token).person.name == "Lan Mới"
    assert accounts.session(screen).purpose == "kiosk"
    assert len(accounts.people()) == 3


def test_a_row_that_is_none_of_ours_costs_nobody_else_the_account(staff, logs):
    staff.sign_in()
    conn = staff.accounts._store._file._db.conn
    conn.execute("UPDATE account SET role = 'mayor' WHERE officer = 'phutrach'")
    conn.execute("UPDATE session SET span = x'00ff'")
    conn.commit()
    assert [person.officer for person in staff.open().people()] == ["kt", "lan"]
    assert [line["table"] for line in logs if line["event"] == "accounts.row_left_out"] == [
        "account",
        "session",
    ]


@pytest.fixture
def full(staff):
    """A disk on which not one page more can be written."""
    db = staff.accounts._store._file._db
    db.execute("PRAGMA query_only = ON")
    yield staff
    db.execute("PRAGMA query_only = OFF")


def test_a_full_disk_signs_nobody_out_and_keeps_nobody_out(full, logs):
    token = full.sign_in()
    full.time.advance(6 * MINUTE_MS)
    assert full.accounts.session(token) is not None
    assert "accounts.session_not_written" in [line["event"] for line in logs]


def test_on_a_full_disk_no_account_changes(full):
    with pytest.raises(errors.AccountsUnavailableError):
        full.accounts.rename(full.tech, "lan", "Tên khác")
    with pytest.raises(errors.AccountsUnavailableError):
        full.accounts.pair_screen(full.tech, "kiosk")
    assert full.accounts.person("lan") == full.lan
    assert full.accounts.screens() == ()


def test_a_sign_out_that_was_not_written_is_with_the_next_sweep(staff):
    token = staff.sign_in()
    db = staff.accounts._store._file._db
    db.execute("PRAGMA query_only = ON")
    staff.accounts.sign_out(token)
    db.execute("PRAGMA query_only = OFF")
    assert staff.accounts.session(token) is None
    assert staff.reopen().session(token) is None


def test_a_folder_that_cannot_be_written_to_is_no_damage(tmp_path, staff):
    staff.close()
    staff.folder = tmp_path / "absent"
    with pytest.raises(errors.AccountsUnavailableError):
        staff.open()


def test_after_closing_nothing_changes_any_more(staff):
    staff.close()
    staff.close()
    with pytest.raises(errors.AccountsUnavailableError):
        staff.accounts.rename(staff.tech, "lan", "Tên khác")


def test_the_tables_are_made_once(staff):
    staff.close()
    AccountsFile.open(staff.folder).close()
    AccountsFile.open(staff.folder).close()
    assert len(staff.open().people()) == 3


def run(*words):
    return CliRunner().invoke(build(lean=True), ["accounts", *map(str, words)])


def test_the_command_line_makes_a_code_that_the_running_office_takes(staff):
    done = run("setup-code", "--data", staff.folder)
    assert done.exit_code == 0
    staff.accounts.check_setup_code(done.stdout.strip(), PC)
    path = staff.folder / "setup-code"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_uid == staff.folder.stat().st_uid


def test_the_command_line_lists_while_the_office_runs(staff):
    staff.accounts.deactivate(staff.tech, "lan")
    done = run("list", "--data", staff.folder)
    assert done.exit_code == 0
    rows = [line.split(maxsplit=3) for line in done.stdout.splitlines()]
    assert rows == [
        ["kt", "technician", "active", "Lê Văn Kỹ"],
        ["lan", "officer", "left", "Nguyễn Thị Lan"],
        ["phutrach", "supervisor", "active", "Trần Thị Phụ"],
    ]


def test_the_command_line_says_when_there_is_nothing_or_only_damage(tmp_path):
    assert isinstance(run("list", "--data", tmp_path).exception, errors.AccountsUnreadableError)
    (tmp_path / "accounts.db").write_bytes(b"no database" * 100)
    assert isinstance(run("list", "--data", tmp_path).exception, errors.AccountsUnreadableError)
    assert not list(tmp_path.glob("*damaged*"))
