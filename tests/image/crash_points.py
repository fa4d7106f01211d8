"""What a disk may hold after a power cut, made from a log of its writes.

A disk with a cache keeps two promises and no other: what was complete when a flush was asked for is there
once the flush is complete, and a sector is old or new but never a mixture. So a cut after entry ``at``
leaves

* everything up to the last flush before it (the *boundary*), and every later write that asked not to wait
  (FUA);
* of each later write all, some sectors or nothing, whichever the card felt like, in any order.

**The log's order is the disk's.** ``blklogwrites`` does the write first, then gives it its place in the
log, and only then tells the guest that it is complete: what the guest saw completed before it asked for a
flush stands before that flush. The converse holds when the node below has ``cache.no-flush=on``: the
flush then does not wait for anything, its place in the log is that of the moment it was asked for, and a
write that was still in flight at that moment stands after it, where it is allowed to be lost. Without it
such a write would be counted as durable.

Points are planned from headers alone, then made in one pass over the log on one working copy that always
holds the durable state; each point is that copy, sparse, with the chosen sectors written over it.
"""

import filecmp
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from sparse import copy_sparse, put
from write_log import Entry, WriteLog

SECTOR: Final = 512


class Fate(StrEnum):
    """What the card made of the writes after the boundary."""

    BOUNDARY = "boundary"  # cut right after the flush
    NONE = "none"  # it kept none of them
    ALL = "all"  # it kept them all
    SOME = "some"  # whole ones of them
    SHUFFLED = "shuffled"  # whole ones, and the earlier of two to one place may have been last
    TORN = "torn"  # of each write all, nothing, a beginning or any sectors


EARLY: Final = 12
"""Stretches at the beginning, in which a new card is mounted for the first time and grows."""
_EARLY_SHARE: Final = 10
_AFTER: Final = (Fate.NONE, Fate.TORN, Fate.SOME, Fate.NONE, Fate.TORN, Fate.SHUFFLED, Fate.ALL)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the disk that matters: one partition, or to the end of the disk.

    Args:
        offset: where it begins, bytes.
        length: its size, bytes.
    """

    offset: int
    length: int

    def clip(self, at: int, data: bytes) -> tuple[int, bytes]:
        """Return what of a piece of the disk lies inside, at its place inside."""
        first, last = max(at, self.offset), min(at + len(data), self.offset + self.length)
        return (first - self.offset, data[first - at : last - at]) if first < last else (0, b"")

    def touches(self, entry: Entry) -> bool:
        """Whether an entry changes something inside."""
        inside = entry.offset < self.offset + self.length and self.offset < entry.offset + entry.length
        return entry.is_write and inside


@dataclass(frozen=True, slots=True)
class Plan:
    """One power cut.

    Args:
        number: its place, from 0.
        boundary: index of the last flush before it; -1 for none.
        at: index of the last entry before it.
        fate: what became of the writes between.
        seed: of that fate.
    """

    number: int
    boundary: int
    at: int
    fate: Fate
    seed: str


@dataclass(frozen=True, slots=True)
class Point:
    """A power cut with the disk it left.

    Args:
        plan: which.
        log_bytes: where the log ended at that moment; see :mod:`acknowledged`.
        image: the disk's file; it is the receiver's to change, and gone at the next point.
        pending: how many writes waited for a flush.
    """

    plan: Plan
    log_bytes: int
    image: Path
    pending: int


@dataclass(slots=True)
class Between:
    """What lies between two flushes.

    Args:
        boundary: index of the flush it follows; -1 for the log's beginning.
        last: index of its last entry.
        writes: how many of its entries are writes that matter.
    """

    boundary: int
    last: int
    writes: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """How the medium of a replay behaves.

    Args:
        window: what of the disk is replayed.
        lies: indexes of flushes that it acknowledged without doing them.
    """

    window: Window
    lies: frozenset[int] = frozenset()

    def flushes(self, entry: Entry) -> bool:
        """Whether an entry makes durable what came before it."""
        return entry.is_flush and entry.index not in self.lies


def betweens(log: WriteLog, card: Card) -> list[Between]:
    """Return every stretch between two flushes that the card did."""
    found = [Between(-1, -1)]
    for entry in log.entries():
        found[-1].writes += card.window.touches(entry)
        if card.flushes(entry):
            found.append(Between(entry.index, entry.index))
        else:
            found[-1].last = entry.index
    return found


def plan(log: WriteLog, card: Card, points: int, seed: int) -> list[Plan]:
    """Choose power cuts: flush boundaries first (at most two fifths), the rest in the stretches after them.

    One in ten is in the first few, with writes torn or some of them lost: there the file system grows.
    Every boundary after which the disk differs is taken when they fit; the same seed gives the same cuts.

    Raises:
        ValueError: nothing in the window was written.
    """
    dice = random.Random(f"{seed}/plan")
    stretches = betweens(log, card)
    changed = [
        stretches[number].boundary for number in range(1, len(stretches)) if stretches[number - 1].writes
    ]
    written = [stretch for stretch in stretches if stretch.writes]
    if not written:
        raise ValueError("nothing was written inside the window")
    share = min(len(changed), points * 2 // 5)
    cuts = [(boundary, boundary, Fate.BOUNDARY) for boundary in dice.sample(changed, share)]
    for number in range(points // _EARLY_SHARE):
        stretch = written[number % min(EARLY, len(written))]
        fate = dice.choice((Fate.TORN, Fate.TORN, Fate.SOME))
        cuts.append((stretch.boundary, dice.randint(stretch.boundary + 1, stretch.last), fate))
    while len(cuts) < points:
        for stretch in dice.sample(written, min(len(written), points - len(cuts))):
            fate = _AFTER[len(cuts) % len(_AFTER)]
            at = stretch.last if fate is Fate.NONE else dice.randint(stretch.boundary + 1, stretch.last)
            cuts.append((stretch.boundary, at, fate))
    cuts.sort(key=lambda cut: cut[:2])
    return [Plan(number, *cut, seed=f"{seed}/{number}") for number, cut in enumerate(cuts)]


def replay(log: WriteLog, base: Path, card: Card, plans: Sequence[Plan], folder: Path) -> Iterator[Point]:
    """Yield the disk of each power cut, one after the other, in the order of :func:`plan`.

    Args:
        log: what was written.
        base: what the window held when the log began.
        card: how the medium behaves.
        plans: the cuts, sorted by boundary and entry.
        folder: where the working copy and the point's image are kept; memory is the fastest.
    """
    durable, image = folder / "durable.img", folder / "point.img"
    copy_sparse(base, durable)
    waiting: list[Entry] = []
    left = list(reversed(plans))
    window = card.window
    with closing(log.entries()) as entries, durable.open("r+b") as disk:
        for entry in entries:
            if window.touches(entry):
                waiting.append(entry)
            if card.flushes(entry):
                for write in waiting:
                    _apply(log, write, window, disk.fileno())
                waiting.clear()
            while left and left[-1].at == entry.index:
                chosen = left.pop()
                copy_sparse(durable, image)
                with image.open("r+b") as cut:
                    _leave(log, waiting, window, chosen, cut.fileno())
                yield Point(chosen, entry.end, image, len(waiting))
            if not left:
                break


def last_state(log: WriteLog, base: Path, window: Window, image: Path) -> int:
    """Make the disk with every write applied, as it was when the log ended; return the log's end in bytes."""
    copy_sparse(base, image)
    end = log.sector_bytes
    with image.open("r+b") as disk:
        for entry in log.entries():
            end = entry.end
            if window.touches(entry):
                _apply(log, entry, window, disk.fileno())
    return end


def is_faithful(log: Path, base: Path, disk: Path, offset: int = 0) -> bool:
    """Whether a log, replayed in full over a base, gives what was really written, byte for byte.

    Args:
        log: the log.
        base: what the window held when it began.
        disk: the disk that was logged.
        offset: where the window begins on it, bytes.
    """
    window = Window(offset, base.stat().st_size)
    with WriteLog.open(log) as opened, tempfile.TemporaryDirectory(dir=in_memory()) as scratch:
        image, cut_out = Path(scratch) / "last.img", Path(scratch) / "disk.img"
        last_state(opened, base, window, image)
        copy_sparse(disk, cut_out, offset, window.length)
        return filecmp.cmp(image, cut_out, shallow=False)


def _apply(log: WriteLog, entry: Entry, window: Window, disk: int) -> None:
    for at, data in log.pieces(entry):
        put(disk, *window.clip(at, data))


def _leave(log: WriteLog, waiting: Sequence[Entry], window: Window, chosen: Plan, disk: int) -> None:
    """Write what the card kept of the writes that waited."""
    dice = random.Random(chosen.seed)
    kept = list(waiting)
    if chosen.fate in {Fate.NONE, Fate.BOUNDARY}:
        kept = [entry for entry in waiting if entry.is_durable]
    elif chosen.fate in {Fate.SOME, Fate.SHUFFLED}:
        share = dice.random()
        kept = [entry for entry in waiting if entry.is_durable or dice.random() < share]
    if chosen.fate is Fate.SHUFFLED:
        dice.shuffle(kept)
    for entry in kept:
        if chosen.fate is Fate.TORN and not entry.is_durable:
            _tear(log, entry, window, dice, disk)
        else:
            _apply(log, entry, window, disk)


def _tear(log: WriteLog, entry: Entry, window: Window, dice: random.Random, disk: int) -> None:
    """Write all of an entry, nothing, a beginning of it, or any of its sectors."""
    how = dice.randrange(4)
    sectors = entry.length // SECTOR
    beginning = dice.randrange(sectors + 1) if how == 2 else sectors
    if how == 0:
        return
    for at, data in log.pieces(entry):
        for sector in range(0, len(data), SECTOR):
            place = (at - entry.offset + sector) // SECTOR
            if place >= beginning or (how == 3 and dice.random() < 0.5):
                continue
            put(disk, *window.clip(at + sector, data[sector : sector + SECTOR]))


def lying(log: WriteLog, window: Window, share: float, seed: int) -> Card:
    """Return a card that acknowledges this share of the flushes without doing them.

    Args:
        log: what was written.
        window: what of the disk is replayed.
        share: from 0 to 1.
        seed: of the choice.
    """
    dice = random.Random(f"{seed}/lies")
    flushes = [entry.index for entry in log.entries() if entry.is_flush]
    return Card(window, frozenset(index for index in flushes if dice.random() < share))


def in_memory() -> Path | None:
    """Return a directory whose files are kept in memory, or None."""
    shm = Path("/dev/shm")  # noqa: S108 - only directories with random names are made in it
    return shm if shm.is_dir() and os.access(shm, os.W_OK) else None
