"""The main job end to end, as ``make demo`` plays it, checked by a script that shares no code with it."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def day(tmp_path_factory, request):
    """One headless day: its folder and the line it printed."""
    folder = tmp_path_factory.mktemp("day") / "out"
    command = [sys.executable, "-m", "appliance", "demo", "--headless", "--citizens", "40", "--seed", "7"]
    done = subprocess.run(
        [*command, "--out", str(folder)], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout.splitlines()[-1])


def run(*command):
    return subprocess.run([sys.executable, *map(str, command)], capture_output=True, timeout=120, check=False)


def test_everything_that_happened_is_receipted(day):
    _, summary = day
    assert summary["events"] == summary["receipted"] > 0
    assert summary["issued"] == 40
    assert summary["served"] + summary["no_shows"] > 0
    assert summary["ratings"]["total"] > 0


def test_the_folder_holds_what_an_auditor_needs(day):
    folder, _ = day
    names = {path.name for path in folder.iterdir()}
    assert {"office.db", "center.db", "device.jwk.json"} <= names
    assert set(json.loads((folder / "device.jwk.json").read_text())) == {"crv", "kty", "x"}
    assert list(folder.glob("*.ndjson.gz"))


def test_a_script_from_the_document_alone_recomputes_every_hash_and_signature(day, root):
    folder, summary = day
    key, batches = folder / "device.jwk.json", sorted(folder.glob("*.ndjson.gz"))
    done = run(root / "tests/audit/recompute.py", "--jwk", key, *batches)
    assert done.returncode == 0, done.stderr.decode()
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(epoch["events"] for epoch in found) == summary["events"]


def test_the_centers_export_is_byte_identical_to_the_offices_lines(day):
    folder, _ = day
    ours = run("-m", "appliance", "journal", "export", "--data", folder)
    theirs = run(
        "-m", "appliance", "center", "export", "--db", folder / "center.db", "--device", "demo-office"
    )
    assert ours.returncode == theirs.returncode == 0
    assert ours.stdout == theirs.stdout
    assert ours.stdout.count(b"\n") == day[1]["events"]


def test_journal_and_center_both_say_complete_with_the_same_head(day):
    folder, _ = day
    ours = run("-m", "appliance", "journal", "verify", "--data", folder)
    theirs = run("-m", "appliance", "center", "audit", "--db", folder / "center.db")
    assert ours.returncode == theirs.returncode == 0
    assert ours.stdout.split()[-1] == theirs.stdout.split()[-1]
    assert b"complete, head" in theirs.stdout


def test_a_directory_in_use_is_refused(day):
    folder, _ = day
    done = run("-m", "appliance", "demo", "--headless", "--out", folder)
    assert done.returncode == 1
    assert b"is not empty" in done.stderr
