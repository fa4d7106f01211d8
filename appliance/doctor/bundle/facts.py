"""The pieces of a bundle that are read from the kernel, the data directory and the settings."""

import os
import platform
import re
import sys
from collections import Counter
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import tomlkit

from appliance import __built__, __version__
from appliance.config import Settings
from appliance.doctor.box import Box
from appliance.doctor.checks.units import UNITS
from appliance.errors import MotcuaError
from appliance.journal.database import sqlite_version
from appliance.journal.source import sources
from appliance.wire.event import check_line

SECRET = re.compile(r"secret|password|passphrase|claim|token|private", re.IGNORECASE)
OWN_FILE = re.compile(
    r"(office|accounts|receipts|device|center|claim|setup-code|forms|tickets|web|applied|stopped)"
    r"[a-z0-9.-]{0,40}"
)
"""Names of our own files. Others are counted only: a name can tell of a person."""
LIBRARIES = ("fastapi", "uvicorn", "pydantic", "sqlite-utils", "gpiozero", "lgpio", "pyserial", "httpx2")
TAIL_EVENTS = 5_000
_UNIT_PROPERTIES = (
    "LoadState,ActiveState,SubState,Result,NRestarts,ExecMainStatus,ActiveEnterTimestamp,MemoryCurrent,"
    "MemoryPeak,TasksCurrent,CPUUsageNSec"
)
_COUNTERS = ("rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped")


def versions(box: Box) -> dict[str, Any]:
    """Return what runs here."""
    machine = box.machine
    return {
        "motcua": __version__,
        "built": __built__,
        "python": sys.version.split()[0],
        "sqlite": sqlite_version(),
        "machine": platform.machine(),
        "kernel": machine.text("/proc/version"),
        "system": (machine.text("/etc/os-release") or "").splitlines()[:1],
        "model": machine.text("/proc/device-tree/model"),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def health(box: Box) -> dict[str, Any] | None:
    """Return what the running office says, without its addresses."""
    office = box.office
    if office is None:
        return None
    kept = ("software", "recording_stopped", "journal", "uplink", "issues", "faults")
    return {name: office.get(name) for name in kept} | {"addresses": len(office.get("addresses", ()))}


def settings_text(box: Box) -> str:
    """Return office.toml as it was understood, without comments; of one with problems their places only."""
    if box.settings is None:
        problems = () if box.config_error is None else box.config_error.problems
        return "".join(f"# {each.rule}: {each.key}\n" for each in problems) or "# cannot be read\n"
    return tomlkit.dumps(_shown(box.settings))


def unit_states(box: Box) -> dict[str, dict[str, str]]:
    """Return what systemd says of every unit of ours."""
    found = {}
    for unit in UNITS:
        told = box.machine.programs.run(
            "systemctl", "show", unit, f"--property={_UNIT_PROPERTIES}", "--no-pager"
        )
        found[unit] = dict(line.split("=", 1) for line in (told or "").splitlines() if "=" in line)
    return found


def disks(box: Box) -> dict[str, Any]:
    """Return how the data directory is mounted, and every block device, without serial numbers."""
    machine, mount, room = box.machine, box.mount, None
    if box.folder.is_dir():
        found = os.statvfs(box.folder)
        room = {
            "bytes": found.f_blocks * found.f_frsize,
            "free_bytes": found.f_bavail * found.f_frsize,
            "free_files": found.f_favail,
        }
    names = (
        "size",
        "stat",
        "device/name",
        "device/date",
        "device/type",
        "device/life_time",
        "device/pre_eol_info",
    )
    return {
        "data": None if mount is None else {"kind": mount.kind, "options": sorted(mount.options)},
        "room": room,
        "disks": {
            Path(path).name: {name: machine.text(f"{path}/{name}") for name in names}
            for path in machine.found("/sys/block/*")
        },
        "ext4_errors": {
            Path(path).parent.name: machine.number(path)
            for path in machine.found("/sys/fs/ext4/*/errors_count")
        },
        "memory": (machine.text("/proc/meminfo") or "").splitlines()[:5],
        "pressure": machine.text("/proc/pressure/io"),
    }


def links(box: Box) -> dict[str, Any]:
    """Return the state of every link, without any address."""
    machine = box.machine
    found = box.around.addresses()
    return {
        "addresses": {
            "ipv4": sum(":" not in each for each in found),
            "ipv6": sum(":" in each for each in found),
        },
        "links": {
            Path(path).name: {
                name: machine.text(f"{path}/{name}") for name in ("operstate", "carrier", "speed", "mtu")
            }
            | {name: machine.number(f"{path}/statistics/{name}") for name in _COUNTERS}
            for path in machine.found("/sys/class/net/*")
        },
    }


def journal(box: Box) -> dict[str, Any]:
    """Return epochs, heads, marks and counts; no event's data."""
    holdings = box.holdings
    return {
        "epochs": [
            {
                "epoch": held.epoch,
                "is_current": held.is_current,
                "first": held.first,
                "last": held.last,
                "head": held.head,
                "is_damaged": held.damage is not None,
            }
            for held in holdings.epochs
        ],
        "marks": [{"epoch": mark.epoch, "upto": mark.upto} for mark in holdings.marks],
        "receipted_at": holdings.receipted_at,
        "unreceipted": holdings.unreceipted,
        "enrolled": None if holdings.record is None else {"kid": holdings.record.kid},
        "last_kinds": _kinds(box.folder),
    }


def sizes(box: Box) -> dict[str, Any]:
    """Return the bytes of our files in the data directory, and of what is not ours as a sum."""
    own, foreign = {}, [0, 0]
    for path in sorted(box.folder.iterdir()) if box.folder.is_dir() else ():
        size, count = _size(path)
        if OWN_FILE.fullmatch(path.name) or path.name in {"aside", "config"}:
            own[path.name] = {"bytes": size, "files": count, "mode": f"{path.lstat().st_mode & 0o777:o}"}
        else:
            foreign = [foreign[0] + size, foreign[1] + count]
    return {"files": own, "foreign": {"bytes": foreign[0], "files": foreign[1]}}


def _shown(settings: Settings) -> dict[str, Any]:
    value: dict[str, Any] = _without(settings.model_dump(mode="json", exclude_defaults=True))
    return value


def _without(value: Any) -> Any:  # noqa: ANN401 - any value of TOML
    """Return a value without what looks like a secret by its name, and without what TOML cannot write."""
    if isinstance(value, dict):
        return {
            key: "<masked>" if SECRET.search(key) else _without(inner)
            for key, inner in value.items()
            if inner is not None
        }
    return [_without(inner) for inner in value] if isinstance(value, list | tuple) else value


def _kinds(folder: Path) -> dict[str, int]:
    """Return how many of the last events of the current epoch are of which kind."""
    current = [source for source in sources(folder) if source.path.parent == folder]
    if not current:
        return {}
    try:
        last = current[-1].last()
        first = max(current[-1].start()[0] + 1, last - TAIL_EVENTS + 1)
        lines = islice(current[-1].lines_until_damage(first, last), TAIL_EVENTS)
        return dict(Counter(check_line(line).kind for line in lines))
    except MotcuaError:
        return {}


def _size(path: Path) -> tuple[int, int]:
    """Return the bytes and the number of files of a path."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size, 1
    inner = [each.lstat().st_size for each in path.rglob("*") if each.is_file()]
    return sum(inner), len(inner)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
