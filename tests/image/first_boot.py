"""Boots a built image for the first time, presses a real pin of its kernel, and sees the rating recorded.

    python tests/image/first_boot.py --image DIR/motcua-office.img [--keep DIR]

Prints one JSON object. Needs Debian's qemu-system-arm, qemu-utils, device-tree-compiler and mtools.
"""

import argparse
import json
import socket
import ssl
import sys
import tempfile
import urllib.request
from pathlib import Path

from machine import CONSOLES, Machine, file_line, has_tools

from provisioning.image.layout import DATA, MIB

OFFICE = """\
[office]
name = "Xã Mường Tè"
device = "xa-muong-te-1"
site = "muong-te"
[uplink]
center = "https://center.invalid"
center_id = "center"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[counters]]
id = "quay-1"
name = "Quầy 1"
services = ["ho-tich"]
rating_buttons = 1
[hardware]
board = "pi4"
pin_factory = "lgpio"
"""
# The emulated board has eight pins; three of them belong to it or have a fixed pull on a Pi.
PINS = {3: 4, 2: 5, 1: 6}
BOARD = 'name = "pi4"\nmodel = "QEMU virt"\n[buttons]\n' + "".join(
    f'"rating.1.{level}" = {{ pin = {pin}, pull = "none", active = "high" }}\n' for level, pin in PINS.items()
)
INSIDE = "/run/image-test"
BOARDS = "/opt/motcua/lib/python3.13/site-packages/hardware/boards"
WATCH = f"""\
[Unit]
After=motcua-office.service
[Service]
ExecStart=/usr/bin/python3 -u {INSIDE}/watch.py
StandardOutput=tty
StandardError=journal
TTYPath=/dev/hvc0
"""
WATCHER = """\
import os, socket, subprocess
units = ("motcua-office", "motcua-public")
seen = os.statvfs("/data")
print("data", seen.f_blocks * seen.f_frsize, flush=True)
print("root", os.statvfs("/").f_flag & os.ST_RDONLY, flush=True)
for unit in units:
    command = ["systemctl", "show", "--value", "-p", "MemoryCurrent", unit]
    print("memory", unit, subprocess.run(command, capture_output=True, text=True).stdout.strip(), flush=True)
print("failed", *subprocess.run(
    ["systemctl", "list-units", "--failed", "--plain", "--no-legend"], capture_output=True, text=True
).stdout.split(), flush=True)
office = socket.socket(socket.AF_UNIX)
office.connect("/run/motcua/office.sock")
office.sendall(b"GET /v1/events HTTP/1.1\\r\\nHost: office\\r\\n\\r\\n")
while piece := office.recv(65536):
    print(piece.decode(), end="", flush=True)
"""
BOOT_S = 600.0


def credentials() -> dict[str, str]:
    """Return what the guest is handed."""
    files = [
        f"d {INSIDE} 0755 root root -\n",
        file_line(f"{INSIDE}/pi4.toml", BOARD).replace(" 0640 ", " 0644 "),
        file_line(f"{INSIDE}/watch.py", WATCHER),
        file_line("/etc/motcua/office.toml", OFFICE, "motcua"),
    ]
    return {
        "tmpfiles.extra": "".join(files),
        "systemd.extra-unit.image-watch.service": WATCH,
        "systemd.unit-dropin.motcua-office.service~board": (
            f"[Service]\nBindReadOnlyPaths={INSIDE}/pi4.toml:{BOARDS}/pi4.toml\n"
        ),
    }


def play(image: Path, folder: Path) -> dict[str, object]:
    """Boot, press, and return what was seen."""
    port = _free_port()
    guest = Machine.start(
        image, folder, credentials=credentials(), wants=["image-watch.service"], forward=port
    )
    seen: dict[str, object] = {"packed_mib": _packed_mib(image)}
    try:
        guest.wait_for(r"Started .*motcua-office\.service", BOOT_S)
        seen["office_ready_s"] = round(guest.age_s(), 1)
        guest.wait_for(r"Reached target .*multi-user\.target", BOOT_S)
        seen["multi_user_s"] = round(guest.age_s(), 1)
        guest.wait_for(r"^event: snapshot", BOOT_S, CONSOLES[1])
        told = guest.shown(CONSOLES[1])
        seen["inside"] = [
            line
            for line in told.splitlines()
            if line.split(" ", 1)[0] in {"data", "root", "memory", "failed"}
        ]
        seen["staff_app"] = _ask(port)
        delays = []
        for level, pin in PINS.items():
            before, begun = len(guest.shown(CONSOLES[1])), guest.age_s()
            guest.set_pin(pin, 1)
            found = guest.wait_for(r"^event: rating\.given\s[\s\S]*?^data: (.*)$", 60, CONSOLES[1], before)
            delays.append(round(guest.age_s() - begun, 2))
            guest.set_pin(pin, 0)
            rating = json.loads(found[1])["data"]
            assert (rating["source"], rating["level"], rating["counter"]) == ("gpio", level, "quay-1"), rating
        seen["press_to_rating_s"] = delays
        grown = int(guest.wait_for(r"^data (\d+)", 1, CONSOLES[1])[1])
        assert grown > 2 * DATA.size_mib * MIB, grown
    finally:
        guest.pull_the_plug()
    return seen


def _ask(port: int) -> int:
    """Return the status of the staff app's sign-in page, asked from outside."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    url = f"https://127.0.0.1:{port}/sign-in"
    with urllib.request.urlopen(url, context=trusting, timeout=60) as answer:
        return int(answer.status)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _packed_mib(image: Path) -> int | None:
    packed = image.with_suffix(".img.zst")
    return packed.stat().st_size // MIB if packed.exists() else None


def main() -> int:
    """Play it once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="directory for the machine's files, which stay")
    given = parser.parse_args()
    if not has_tools():
        print(
            "sudo apt-get install -y --no-install-recommends "
            "qemu-system-arm qemu-utils device-tree-compiler mtools"
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="motcua-guest-") as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps(play(given.image, folder), ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
