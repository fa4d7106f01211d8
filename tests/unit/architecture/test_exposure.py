"""How much a unit that was taken over could do, as systemd rates it: 0 is nothing, 10 everything."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[3] / "systemd"
# What runs for a moment as root, or drives a radio, as little as it can.
LIMITS = {
    "motcua-office": 1.5,
    "motcua-public": 1.5,
    "motcua-firstboot": 1.2,
    "motcua-grow": 1.2,
    "motcua-synced": 1.2,
    "motcua-wifi": 2.1,
    "motcua-display": 2.2,  # Chromium's own sandbox is made of user, pid and network namespaces and of chroot
    "motcua-hotspot": 2.1,
    "motcua-records": 0.8,
    "motcua-gate-test": 2.6,  # root for a minute, when asked: a namespace, a link, packets
}


def test_every_unit_has_a_limit() -> None:
    assert {path.stem for path in UNITS.glob("*.service")} == set(LIMITS)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs Debian's systemd")
@pytest.mark.parametrize("unit", LIMITS)
def test_a_unit_is_exposed_no_more_than_it_must(unit: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / f"{unit}.service"]
    said = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d)", said)
    assert found is not None, said
    assert float(found[1]) <= LIMITS[unit], said
