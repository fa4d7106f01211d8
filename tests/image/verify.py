"""What must be true of a disk after a power cut: it mounts, the chain is whole, nothing is missing.

First e2fsck, as at each start of the box: it replays the file system's journal and looks at everything. The
kernel alone would not do: what it has read of a superblock stays what it was when it then replays a journal
with the growth of the file system in it. As root the kernel mounts it, with the card's own options, else
``debugfs`` takes the files out; and after each the file system must be without a fault.

Then the office's own code looks: the audit recomputes every hash from the genesis on, and the journal is
opened for writing as at the office's start, which must find the same events and set nothing aside.
"""

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acknowledged import Ack

from appliance.errors import MotcuaError
from appliance.journal.audit import audit
from appliance.journal.epochs import open_journal
from appliance.journal.journal import FILE_NAME, Lock
from appliance.journal.source import sources

# As in the image's fstab.
OPTIONS: Final = "noatime,nodev,nosuid,noexec,errors=remount-ro"
BEFORE: Final = ("-f -y", "-f -y")
"""What e2fsck is told before systemd lets it look, whatever it says (``systemd/systemd-fsck@.service.d``)."""
E2FSCK_GOOD: Final = frozenset({0, 1})  # nothing to do; journal replayed or errors corrected
_TOOL_S: Final = 120
_ENV: Final = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C"}

Key = tuple[str, int]


class NotMountedError(Exception):
    """Error raised when the disk of a point does not mount or has faults that stay."""


@dataclass(slots=True)
class Verdict:
    """What was found on one disk.

    Args:
        lines: the journal's lines by epoch and number.
        required: how many acknowledged events had to be there.
        problems: what is wrong; empty when the disk kept its promises.
    """

    lines: dict[Key, bytes] = field(default_factory=dict)
    required: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Verifier:
    """Verifies one point's image after the other.

    Args:
        folder: for the mount point.
        inside: the office's data directory on the partition.
        acks: everything that was acknowledged.
        truth: the journal as it was when the log ended; None while that is looked for.
    """

    folder: Path
    inside: str
    acks: Sequence[Ack]
    truth: dict[Key, bytes] | None = None

    def verify(self, image: Path, log_bytes: int) -> Verdict:
        """Return what is found on a disk that was cut off when its log had a size; changes the image.

        Args:
            image: the partition's image.
            log_bytes: end of the last entry before the cut.
        """
        verdict = Verdict()
        opened: Callable[..., object] = mounted if os.geteuid() == 0 else taken_out
        try:
            repair(image)
            with opened(image, self.folder / "mnt") as root:
                self._look(root / self.inside, log_bytes, verdict)
            check(image)
        except NotMountedError as error:
            verdict.problems.append(str(error))
        return verdict

    def _look(self, folder: Path, log_bytes: int, verdict: Verdict) -> None:
        required = [ack for ack in self.acks if ack.log_bytes <= log_bytes]
        verdict.required = len(required)
        reports = audit(folder) if (folder / FILE_NAME).exists() else []
        for report in reports:
            if report.damage is not None or report.first != 1:
                verdict.problems.append(str(report))
        try:
            for source in sources(folder) if reports else ():
                for line in source.all_lines():
                    event = json.loads(line)
                    verdict.lines[event["epoch"], event["seq"]] = line
        except MotcuaError as error:
            verdict.problems.append(str(error))
        verdict.problems += _missing(required, verdict.lines)
        if self.truth is not None:
            verdict.problems += [
                f"event {seq} of {epoch} is not the one that was recorded"
                for (epoch, seq), line in verdict.lines.items()
                if self.truth.get((epoch, seq)) != line
            ]
        if not verdict.problems:
            verdict.problems += _start(folder, verdict.lines)


def _missing(required: Sequence[Ack], lines: dict[Key, bytes]) -> list[str]:
    missing = []
    for ack in required:
        line = lines.get((ack.epoch, ack.seq))
        if line is None or not ack.is_in(json.loads(line)):
            missing.append(f"acknowledged event {ack.seq} ({ack.told.get('kind')}) is missing")
    return missing


def _start(folder: Path, lines: dict[Key, bytes]) -> list[str]:
    """Open the journal as the office does when it starts, and return what it did not find again."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = Lock.take(folder)
    try:
        opened = open_journal(folder, "crashed", (), lambda: str(_uuid7()))
        chain = opened.journal.chain
        opened.journal.close()
    except MotcuaError as error:
        return [f"the office does not start: {error}"]
    finally:
        lock.close()
    last = max(lines, default=None, key=lambda key: key[1])
    if last is not None and ((chain.epoch, chain.seq) != last or opened.lost or opened.story):
        return [f"the office starts at {chain.epoch}:{chain.seq} instead of {last}"]
    return []


def _uuid7() -> uuid.UUID:
    return uuid.UUID(bytes=bytes(6) + b"\x70\x00\x80" + os.urandom(7))


def repair(image: Path) -> None:
    """Replay the file system's journal and repair it, as the box does at its start.

    Raises:
        NotMountedError: it cannot be repaired.
    """
    for words in BEFORE:
        _run("e2fsck", *words.split(), image)
    done = _run("e2fsck", "-y", image)
    if done.returncode not in E2FSCK_GOOD:
        raise NotMountedError(f"e2fsck ended with {done.returncode}: {done.stdout[-600:]}")


def check(image: Path) -> None:
    """Look for faults in an unmounted file system.

    Raises:
        NotMountedError: there are some.
    """
    done = _run("e2fsck", "-fn", image)
    if done.returncode != 0:
        raise NotMountedError(f"the file system has faults ({done.returncode}): {done.stdout[-600:]}")


@contextmanager
def mounted(image: Path, where: Path) -> Iterator[Path]:
    """Mount an image through the kernel, as root; the kernel replays its journal.

    Raises:
        NotMountedError: the kernel refuses it.
    """
    where.mkdir(exist_ok=True)
    done = _run("mount", "-t", "ext4", "-o", f"loop,{OPTIONS}", image, where)
    if done.returncode != 0:
        raise NotMountedError(f"it does not mount: {done.stderr.strip()}")
    try:
        yield where
    finally:
        done = _run("umount", where)
    if done.returncode != 0:
        raise NotMountedError(f"it does not unmount: {done.stderr.strip()}")


@contextmanager
def taken_out(image: Path, where: Path) -> Iterator[Path]:
    """Copy a repaired file system's files out, without root.

    Raises:
        NotMountedError: they cannot be read.
    """
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir()
    done = _run("debugfs", "-R", f"rdump / {where}", image)
    if done.returncode != 0:
        raise NotMountedError(f"it cannot be read: {done.stderr.strip()}")
    try:
        yield where
    finally:
        shutil.rmtree(where, ignore_errors=True)


def _run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TOOL_S, env=_ENV)


def has_tools() -> bool:
    """Whether this machine can verify a point."""
    tools = ("e2fsck", "mount", "umount") if os.geteuid() == 0 else ("e2fsck", "debugfs")
    return all(shutil.which(tool, path=_ENV["PATH"]) for tool in tools)
