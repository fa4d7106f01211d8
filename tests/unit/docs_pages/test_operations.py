"""docs/operations.md names every fault, every file of the data directory and every unit that the code has."""

import ast
import re
from pathlib import Path

import pytest

from appliance import setup_notice
from appliance.health.facts import Facts, WifiFacts
from appliance.health.rounds import CHECKS, RECORDED
from appliance.journal import aside, epochs, journal
from appliance.office import buttons, enrolment, handover, restoring, starting
from appliance.setup_notice import Mistake
from appliance.uplink import identity, port, receipts
from appliance.uplink.errors import CaFileError
from appliance.wire.moment import Quality

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
TELLING = {"ReportFault", "ClearFault", "Issue", "_tell"}
"""Whatever is called like this has the key of a fault among its arguments."""
KEY = re.compile(r"[a-z]+(_[a-z]+)+")
BAD_DAY = Facts(
    free_bytes=0,
    journal_bytes=10,
    max_journal_bytes=10,
    warn_free_bytes=1,
    clock=Quality.UNSYNCED,
    unreceipted=1,
    silent_ms=10**9,
    interval_ms=1,
    recording_stopped="the disk is full",
    addresses=(),
    unserved=("port 8443",),
    backup_trouble="full",
    backup_silent_s=90.0,
    mistakes=(Mistake("motcua.toml", "is missing", "bị thiếu"),),
    ca_error=CaFileError(path="/etc/motcua/center-ca.pem", reason="gone", reason_vi="mất"),
    wifi=WifiFacts(
        silent_s=99.0,
        failed=("hostapd",),
        fault="no rules",
        fault_vi="thiếu",
        conflicts=1,
        is_record_faulty=True,
    ),
)


def keys_in_calls():
    """Every literal key of a fault in the code of the box."""
    found = set()
    for path in (ROOT / "appliance").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in TELLING:
                literals = {each.value for each in node.args if isinstance(each, ast.Constant)}
                found |= {each for each in literals if isinstance(each, str) and KEY.fullmatch(each)}
    return found - {"no_address"}


def keys():
    return (
        keys_in_calls()
        | {issue.key for check in CHECKS if (issue := check(BAD_DAY)) is not None}
        | {issue.value for issue in port.Issue}
        | set(epochs._ISSUE.values())
        | {buttons.STUCK}
    )


def rows():
    """The table of what is wrong: cells by key."""
    table = PAGE.partition("\n### What is wrong\n")[2].partition("\n### ")[0]
    cells = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in cells}


def test_every_check_finds_the_bad_day():
    assert all(check(BAD_DAY) is not None for check in CHECKS)


def test_the_search_finds_keys_of_every_origin():
    assert {"bus_offline", "panel_offline", "recording_stopped", "disk_space"} <= keys_in_calls()


@pytest.mark.parametrize("key", sorted(keys()))
def test_every_fault_has_a_whole_row(key):
    assert len(rows()[key]) == 4
    assert all(rows()[key])


def test_no_row_is_about_a_fault_that_does_not_exist():
    assert set(rows()) == keys()


def test_what_is_recorded_is_what_the_checks_say():
    issues = [issue for check in CHECKS if (issue := check(BAD_DAY)) is not None]
    assert {issue.key for issue in issues if issue.recorded} == RECORDED


@pytest.mark.parametrize(
    "name",
    [
        journal.FILE_NAME,
        journal.GENESIS_NAME,
        "office.lock",
        f"{aside.FOLDER}/",
        receipts.FILE_NAME,
        identity.KEY_NAME,
        identity.NEXT_KEY_NAME,
        identity.PUBLIC_NAME,
        identity.CENTER_NAME,
        enrolment.CLAIM,
        starting.APPLIED,
        starting.STOPPED,
        restoring.RESTORING,
        handover.FILE_NAME,
        setup_notice.FILE_NAME,
    ],
)
def test_every_file_of_the_data_directory_is_listed(name):
    table = PAGE.partition("\n### The data directory\n")[2].partition("\n### ")[0]
    assert f"`{name}`" in table


@pytest.mark.parametrize(
    "unit",
    sorted(path.name for kind in ("service", "mount") for path in (ROOT / "systemd").glob(f"*.{kind}")),
)
def test_every_unit_is_named(unit):
    assert f"`{unit}`" in PAGE


def test_what_is_not_protected_is_said_in_the_words_that_are_true():
    words = "events between the last receipt and a theft of the card"
    assert words in PAGE
    assert words in (ROOT / "README.md").read_text("utf-8")
