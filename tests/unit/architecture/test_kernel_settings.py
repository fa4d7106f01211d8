"""What the kernel and the slice of the services are told."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[3] / "systemd"
LINES = [
    line.strip()
    for line in (SYSTEMD / "sysctl.d" / "motcua.conf").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
SAID = {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in LINES)}
PROC = Path("/proc/sys")


def test_every_setting_is_said_once() -> None:
    assert len(SAID) == len(LINES)
    assert all(re.fullmatch(r"-?\d+", value) for value in SAID.values()), SAID


@pytest.mark.parametrize("name", sorted(SAID))
def test_the_kernel_knows_every_setting(name: str) -> None:
    assert list(PROC.glob(name.replace(".", "/"))) != []


def test_a_setting_of_all_interfaces_is_said_of_each_too() -> None:
    # Of some the larger counts, of some both must agree, and new interfaces begin with the default.
    of_all = {name for name in SAID if ".conf.all." in name}
    assert of_all
    for name in of_all:
        for scope in ("default", "*"):
            assert SAID[name.replace(".all.", f".{scope}.")] == SAID[name]


def test_the_browser_s_sandbox_is_left_its_user_namespaces() -> None:
    assert not any("userns" in name or name.startswith("user.") for name in SAID)


def test_little_waits_to_be_written_to_a_card() -> None:
    assert 0 < int(SAID["vm.dirty_background_bytes"]) < int(SAID["vm.dirty_bytes"]) <= 64 << 20
    assert 100 < int(SAID["vm.swappiness"]) <= 200


def test_the_slice_promises_what_its_services_are_promised() -> None:
    def promised(path: Path) -> int:
        return sum(
            int(size) for size in re.findall(r"^MemoryLow=(\d+)M$", path.read_text("utf-8"), re.MULTILINE)
        )

    services = sum(promised(path) for path in SYSTEMD.glob("*.service"))
    assert services > 0
    assert promised(SYSTEMD / "system.slice.d" / "motcua.conf") == services


@pytest.mark.skipif(
    any(
        shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin") is None for program in ("nft", "unshare")
    ),
    reason="needs Debian's nftables and util-linux",
)
def test_nft_takes_the_firewall() -> None:
    # In namespaces of its own: nft asks the kernel, which is root's to ask.
    words = ["unshare", "--user", "--map-root-user", "--net", "/usr/sbin/nft", "--check", "--file"]
    done = subprocess.run([*words, SYSTEMD / "nftables.conf"], check=False, capture_output=True, text=True)
    if done.returncode != 0 and "unshare" in done.stderr:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
    assert (done.returncode, done.stderr) == (0, "")
