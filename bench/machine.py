"""What the figures were measured on."""

import os
import platform
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def facts(folder: Path) -> dict[str, Any]:
    """Return the machine, the versions and the commit.

    Args:
        folder: where the benches write.
    """
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000,
        "load": [round(value, 2) for value in os.getloadavg()],
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "file_system": file_system(folder),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "commit": _commit(),
    }


def file_system(folder: Path) -> str:
    """Return the type of the file system that holds a folder, or ``unknown``."""
    resolved = folder.resolve()
    best, kind = -1, "unknown"
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, mounted, name, *_ = line.split(" ")
        if resolved.is_relative_to(mounted) and len(mounted) >= best:
            best, kind = len(mounted), name
    return kind


def _cpu() -> str:
    try:
        return Path("/proc/device-tree/model").read_text(encoding="ascii").strip("\0\n ")
    except OSError:
        pass
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _commit() -> str:
    """Return the commit, marked when the tree differs from it; ``unknown`` outside of a repository."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}{' with changes' if changed else ''}"


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.strip()
