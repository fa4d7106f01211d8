"""Power cuts replayed from the log of a real ext4 under a real office; whoever lies is found."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "image"))
from acknowledged import load, save
from logged_disk import missing
from write_log import WriteLog

SCRIPT = Path(__file__).parents[2] / "image" / "crash_points_run.py"
POINTS = 100
pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(missing()), reason=missing() or "none")]


def run(*options: str | Path, environment: dict[str, str]) -> dict[str, object]:
    """Run the script in a name space of its own, so that no mount outlives it."""
    command = ["unshare", "--mount", sys.executable, SCRIPT, "--points", str(POINTS), *options]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=110, check=False, env={**os.environ, **environment}
    )
    assert done.returncode in {0, 1}, done.stderr
    report = json.loads(done.stdout)
    assert done.returncode == bool(report["problems"])
    return report


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    folder = tmp_path_factory.mktemp("recorded")
    environment = {"PYTHONPATH": str(SCRIPT.parents[2])}
    return folder, run("--presses", "120", "--keep", folder, environment=environment)


def replayed(folder: Path, acks: str, environment: dict[str, str], *options: str) -> dict[str, object]:
    named = ("--log", folder / "log", "--base", folder / "base.img", "--acks", folder / acks)
    return run(*named, *options, environment=environment)


def test_no_cut_loses_anything(recorded: tuple[Path, dict[str, object]]):
    _, report = recorded
    assert report["problems"] == []
    assert report["points"] == POINTS
    assert set(report["by_fate"]) == {"boundary", "none", "all", "some", "shuffled", "torn"}
    assert report["acknowledged"] >= 120
    assert report["events"] >= report["acknowledged"]
    assert report["required"] > POINTS * 30
    assert report["before_first"] < POINTS / 2


def test_a_card_that_lies_about_flushes_is_found(
    recorded: tuple[Path, dict[str, object]], environment: dict[str, str]
):
    folder, _ = recorded
    report = replayed(folder, "acks.ndjson", environment, "--lies", "0.5")
    assert report["bad_points"] >= 5
    assert any("is missing" in problem for problem in report["problems"])


def test_an_office_that_thanks_before_it_commits_is_found(
    recorded: tuple[Path, dict[str, object]], environment: dict[str, str]
):
    folder, _ = recorded
    with WriteLog.open(folder / "log") as log:
        entries = list(log.entries())
    flushes = [entry.end for entry in entries if entry.is_flush]
    early = []
    for ack in load(folder / "acks.ndjson"):
        # The last flush before an acknowledgement made it durable: one earlier is before the commit.
        before = [end for end in flushes if end < ack.log_bytes]
        early.append(replace(ack, log_bytes=before[-2]))
    save(early, folder / "early.ndjson")
    report = replayed(folder, "early.ndjson", environment)
    assert report["bad_points"] > POINTS / 5


def test_an_acknowledged_event_that_was_never_recorded_is_found(
    recorded: tuple[Path, dict[str, object]], environment: dict[str, str]
):
    folder, _ = recorded
    acks = load(folder / "acks.ndjson")
    last = acks[-1]
    save([*acks, replace(last, seq=last.seq + 1000)], folder / "more.ndjson")
    report = replayed(folder, "more.ndjson", environment)
    assert any("at the end: acknowledged event" in problem for problem in report["problems"])
