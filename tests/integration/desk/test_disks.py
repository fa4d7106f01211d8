"""Full, read-only and damaged disks: real file systems, mounted in a name space of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIO = Path(__file__).with_name("disk_scenario.py")
TIMEOUT_S = 110
pytestmark = pytest.mark.integration


def run(scenario: str, folder: Path) -> dict[str, object]:
    """Run one scenario; whoever is not root becomes it in a user name space."""
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", "--mount", *as_root, sys.executable, str(SCENARIO), scenario, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(verdict, dict)
    return verdict


@pytest.mark.parametrize(
    ("scenario", "checks"),
    [
        ("full_in_use", 17),
        ("full_at_start", 70),
        ("full_at_first_start", 70),
        ("read_only_at_start", 7),
        ("damaged_and_full", 80),
        ("left_and_full", 20),
        ("steps_while_full", 14),
    ],
)
def test_desk_survives_its_disk(tmp_path: Path, scenario: str, checks: int) -> None:
    assert run(scenario, tmp_path) == {"problems": [], "checks": checks}


@pytest.mark.skipif(os.geteuid() != 0, reason="a loop device needs root")
def test_desk_survives_a_file_system_that_turns_read_only(tmp_path: Path) -> None:
    assert run("read_only_in_use", tmp_path) == {"problems": [], "checks": 7}
