"""A disk of this machine's kernel whose every write and flush is logged: no emulation, no kernel module.

``qemu-storage-daemon`` shows an image through its log of writes as one file (FUSE); a loop device over
that file is the disk. Writes reach the log in the order and with the flushes that the kernel's ext4 asked
for.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sparse import copy_sparse
from verify import OPTIONS
from write_log import logging_options

_DAEMON: Final = "qemu-storage-daemon"
_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_UP_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class LoggedDisk:
    """One disk with a file system, mounted.

    Args:
        base: what it held before the first write.
        disk: what it holds now.
        log: the log of writes.
        root: where it is mounted.
    """

    base: Path
    disk: Path
    log: Path
    root: Path


@contextmanager
def logged_disk(folder: Path, size_mib: int = 128) -> Iterator[LoggedDisk]:
    """Make a new file system on a logged disk and mount it, as root; at the end everything is taken down.

    Args:
        folder: an empty directory for its files.
        size_mib: its size in MiB.
    """
    base, disk, log = folder / "base.img", folder / "disk.img", folder / "log"
    shown, root = folder / "shown", folder / "root"
    with base.open("wb") as file:
        file.truncate(size_mib << 20)
    _run("mkfs.ext4", "-q", "-F", "-L", "motcua-data", base)
    copy_sparse(base, disk)
    log.touch()
    shown.touch()
    root.mkdir()
    command = [_DAEMON, "--blockdev", "node-name=disk," + logging_options(disk, log)]
    command += ["--export", f"type=fuse,id=shown,node-name=disk,mountpoint={shown},writable=on"]
    with (folder / "daemon.log").open("wb") as said:
        daemon = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        _wait_for_size(shown, size_mib << 20, daemon)
        _no_readahead(shown)
        device = _run("losetup", "--find", "--show", shown).strip()
        try:
            _run("mount", "-t", "ext4", "-o", OPTIONS, device, root)
            try:
                yield LoggedDisk(base, disk, log, root)
            finally:
                _run("umount", root)
        finally:
            _run("losetup", "--detach", device)
    finally:
        daemon.terminate()
        daemon.wait(_UP_S)


def _wait_for_size(shown: Path, size: int, daemon: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _UP_S
    while shown.stat().st_size != size:
        if daemon.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{_DAEMON}: {(shown.parent / 'daemon.log').read_text()}")
        time.sleep(0.01)


def _no_readahead(shown: Path) -> None:
    """Let the daemon have one request at a time: it has one buffer, and a second request takes it over.

    The loop device's worker does one thing after the other; what is read ahead would come in between.
    """
    number = shown.stat().st_dev
    bdi = Path(f"/sys/class/bdi/{os.major(number)}:{os.minor(number)}/read_ahead_kb")
    bdi.write_text("0")


def _run(*command: str | Path) -> str:
    environment = {**os.environ, "PATH": _PATH}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def missing() -> str:
    """Return what this machine lacks for a logged disk, or nothing."""
    if os.geteuid() != 0:
        return "a loop device needs root"
    if not Path("/dev/fuse").exists():
        return "the kernel has no FUSE"
    tools = (_DAEMON, "losetup", "mkfs.ext4", "mount")
    lacking = [tool for tool in tools if shutil.which(tool, path=_PATH) is None]
    return f"missing programs: {', '.join(lacking)}" if lacking else ""
