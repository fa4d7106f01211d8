"""How long this card takes to make something durable, measured as the journal does it.

The verdict's limits. A press gets its lamp after its commit, and what answers within 100 ms feels immediate:
**good** is a p99 of at most 100 ms, with a p50 of at most 20 ms so that the pauses in which a card tidies
itself have room to grow. A second is where people press again, and a commit carries up to 64 commands, so a
slow one holds up everybody: at a p99 above 500 ms, a p50 above 100 ms or a single pause above 2 s the verdict
is **change the card**. In between it is **slow**: every press is kept, some lamps are late.

A bare block that is durable within 20 µs was not flushed to a card: that is memory, or a device that
acknowledges what it has not written. Then there is no verdict on the card.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from appliance.clock import BelievedClock, KernelTime, entropy, monotonic_s
from appliance.doctor.errors import StorageNotMeasuredError
from appliance.errors import MotcuaError
from appliance.journal.journal import Journal, stage
from appliance.wire.chain import Genesis
from appliance.wire.event import Draft, new_epoch

PREFIX = ".motcua-bench-storage-"
MOST_WRITES = 4_000
"""Of each kind, whatever the time: 16 MiB of blocks and about 20 MiB of journal."""
FEW = 20
"""With fewer measurements there is no verdict."""
BLOCK_BYTES = 4096
ROOM_BYTES = 64 << 20
GOOD_P50_MS, GOOD_P99_MS = 20.0, 100.0
BAD_P50_MS, BAD_P99_MS, BAD_PAUSE_MS = 100.0, 500.0, 2_000.0
UNBELIEVABLE_MS = 0.02
_DEVICE = "bench-storage"
_LINE = Draft(
    "rating.given",
    {
        "counter": "quay-1",
        "level": 3,
        "levels": 3,
        "source": "gpio",
        "ticket": "2026-11-23/A/12",
        "officer": "officer-1",
        "flags": [],
        "corrects": None,
    },
)


class Verdict(StrEnum):
    """What to do with the card."""

    GOOD = "good"
    SLOW = "slow"
    CHANGE = "change the card"
    NO_CARD = "no card"
    """Memory, or a device that lies about a flush."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long single writes took, milliseconds.

    Args:
        count: how many there were.
        p50: half of them took at most this.
        p95: 95 %.
        p99: 99 %.
        worst: the longest.
    """

    count: int
    p50: float
    p95: float
    p99: float
    worst: float

    @classmethod
    def of(cls, taken_ms: Sequence[float]) -> "Times":
        """Return the figures of at least one measurement, by nearest rank."""
        ordered = sorted(taken_ms)
        p50, p95, p99 = (ordered[-(-len(ordered) * percent // 100) - 1] for percent in (50, 95, 99))
        return cls(len(ordered), p50, p95, p99, ordered[-1])


@dataclass(frozen=True, slots=True)
class Measured:
    """One card.

    Args:
        journal: commits of one event each: SQLite, WAL, ``synchronous=FULL``, checkpoints among them.
        bare: 4 KiB blocks written in place, each with ``fdatasync``.
        verdict: on the journal's times.
    """

    journal: Times
    bare: Times
    verdict: Verdict


def judge(times: Times, bare: Times) -> Verdict:
    """Return the verdict on the journal's times; the limits are in the module's docstring."""
    if bare.p50 < UNBELIEVABLE_MS:
        return Verdict.NO_CARD
    if times.p50 > BAD_P50_MS or times.p99 > BAD_P99_MS or times.worst > BAD_PAUSE_MS:
        return Verdict.CHANGE
    if times.p50 <= GOOD_P50_MS and times.p99 <= GOOD_P99_MS:
        return Verdict.GOOD
    return Verdict.SLOW


def measure(folder: Path, seconds: float, now_s: Callable[[], float] = monotonic_s) -> Measured:
    """Measure the storage below a directory, in a directory of its own that is removed again.

    Args:
        folder: exists and can be written to.
        seconds: how long; the bytes written are bounded all the same.
        now_s: a clock that never jumps.

    Raises:
        StorageNotMeasuredError: there is no room, it cannot be written, or it was too short.
    """
    try:
        remove_leftovers(folder)
        free = os.statvfs(folder)
        if free.f_bavail * free.f_frsize < ROOM_BYTES:
            raise StorageNotMeasuredError(folder=folder, reason=f"less than {ROOM_BYTES >> 20} MiB are free")
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder) as own:
            journal = _repeat(now_s, seconds / 2, *_commits(Path(own)))
            bare = _repeat(now_s, seconds / 2, *_blocks(Path(own)))
    except OSError as error:
        if isinstance(error, MotcuaError):
            raise StorageNotMeasuredError(folder=folder, reason=str(error)) from error
        raise StorageNotMeasuredError(folder=folder, reason=error.strerror or str(error)) from error
    if min(len(journal), len(bare)) < FEW:
        raise StorageNotMeasuredError(
            folder=folder, reason=f"only {min(len(journal), len(bare))} writes in {seconds:g} s; give it more"
        )
    times, blocks = Times.of(journal), Times.of(bare)
    return Measured(times, blocks, judge(times, blocks))


def remove_leftovers(folder: Path) -> None:
    """Remove what a measurement left that was killed.

    Raises:
        OSError: the directory cannot be read.
    """
    for path in list(folder.iterdir()):
        if path.name.startswith(PREFIX) and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


def _repeat(
    now_s: Callable[[], float], seconds: float, write: Callable[[], None], close: Callable[[], None]
) -> list[float]:
    """Return how long each write took, milliseconds."""
    taken: list[float] = []
    try:
        write()  # the first one makes tables and files
        ends = now_s() + seconds
        before = now_s()
        while before < ends and len(taken) < MOST_WRITES:
            write()
            after = now_s()
            taken.append((after - before) * 1000)
            before = after
    finally:
        close()
    return taken


def _commits(folder: Path) -> tuple[Callable[[], None], Callable[[], None]]:
    clock = BelievedClock(KernelTime(), floor_us=0, has_rtc=False)
    epoch = new_epoch(clock.now().at_us, entropy(10))
    journal = Journal.create(folder, Genesis(_DEVICE, epoch, None))

    def write() -> None:
        _, staged = stage(journal.chain, _LINE, clock.now())
        journal.append([staged])

    return write, journal.close


def _blocks(folder: Path) -> tuple[Callable[[], None], Callable[[], None]]:
    content = entropy(BLOCK_BYTES)
    descriptor = os.open(folder / "block", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)

    def write() -> None:
        os.pwrite(descriptor, content, 0)
        os.fdatasync(descriptor)

    return write, lambda: os.close(descriptor)
