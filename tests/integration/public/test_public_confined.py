"""The strangers' app as its unit runs it: no rights, no /proc but processes, directories it may only pass."""

import os
import subprocess
import sys
from pathlib import Path

import house
import httpx2
import pytest

UNIT = Path("systemd/motcua-public.service")
NOBODY = 65534
# Python itself may be in somebody's home, which root reads as its owner and without any right.
SCRIPT = """
set -e
mount -t tmpfs none /run
install -d -m 2750 -o "$(id -u)" /run/motcua-link
install -d -m 0711 -o {nobody} -g {nobody} /run/motcua-hotspot
install -d -m 2750 -o {nobody} -g {nobody} /run/motcua-gate
mount -t proc -o subset=pid proc /proc
exec setpriv --no-new-privs \\
  --bounding-set=-all --inh-caps=-all --ambient-caps=-all {python} -m appliance {words}
"""

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace needs root; run: sudo make test"),
]


def command(root: Path) -> str:
    """What the unit starts, with a port of the test's."""
    (line,) = [
        each for each in (root / UNIT).read_text("utf-8").splitlines() if each.startswith("ExecStart=")
    ]
    return line.partition("bin/motcua ")[2]


def test_it_answers_in_its_confinement(root: Path, environment: dict[str, str]) -> None:
    assert "ProcSubset=pid" in (root / UNIT).read_text("utf-8")
    port = house.free_port()
    script = SCRIPT.format(nobody=NOBODY, python=sys.executable, words=f"{command(root)} --port {port}")
    with subprocess.Popen(
        ["unshare", "--mount", "bash", "-c", script],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said = []
            for line in process.stdout or ():
                said.append(line)
                if str(port) in line:
                    break
            assert any(str(port) in line for line in said), "".join(said)
            # Its office is away, and it says so.
            assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 200
        finally:
            process.terminate()
            process.communicate()
