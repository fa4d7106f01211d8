"""The rules of taking a batch that verified by itself: overlap, order, forks, clones (``docs/wire.md``).

Pure: ``judge`` asks a ledger and returns a verdict; ``record`` writes the verdict that stores.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.wire.batch import Batch
from appliance.wire.chain import After, may_follow
from appliance.wire.errors import BadEventError, BadLineError
from center.store.port import Store
from center.store.records import Epoch, LedgerEntry, StoredLine


class Ledger(Protocol):
    """What the rules ask; every :class:`center.store.port.Store` answers it."""

    def epoch(self, device: str, epoch: str) -> Epoch | None: ...
    def successors(self, device: str, epoch: str) -> list[Epoch]: ...
    def hash_at(self, device: str, epoch: str, seq: int) -> str | None:
        """Return the hash of a stored event, or None when it is not (or no longer) kept."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """What a receipt will say of an epoch; ``upto`` 0 and ``head`` ``""`` when nothing is stored."""

    epoch: str
    upto: int
    head: str

    @classmethod
    def of(cls, stored: Epoch) -> "Mark":
        """Return the mark of a stored epoch."""
        return cls(stored.epoch, stored.upto, stored.head)


@dataclass(frozen=True, slots=True)
class Taken:
    """Events after ``before`` are new and follow what is stored.

    Args:
        before: how many events of the epoch were stored.
        mark: what holds once they are stored.
        held_before: for a new epoch: how much of the epoch it follows is stored.
    """

    before: int
    mark: Mark
    held_before: int


@dataclass(frozen=True, slots=True)
class Known:
    """Nothing new; the receipt is repeated."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Gap:
    """Earlier events of this epoch are missing."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Fork:
    """Another history claims the same ``seq``; ``mark`` is that of the stored branch."""

    mark: Mark
    reason: str


@dataclass(frozen=True, slots=True)
class Clone:
    """Two boxes hold one key."""

    reason: str


Verdict = Taken | Known | Gap | Fork | Clone


def judge(batch: Batch, kid: str, ledger: Ledger) -> Verdict:
    """Return what to do with a batch.

    Args:
        batch: verified by itself.
        kid: the key that signed it; it belongs to the batch's device and is usable.
        ledger: what is stored.

    Raises:
        BadLineError: the first new event is earlier than the last stored one (``line`` 2).
    """
    header = batch.header
    stored = ledger.epoch(header.device, header.epoch)
    mark = Mark(header.epoch, 0, "") if stored is None else Mark.of(stored)
    if header.first > mark.upto + 1:
        return Gap(mark)
    refusal = _open(batch, kid, ledger) if stored is None else _overlap(batch, stored, ledger)
    refusal = refusal or _succeeded(batch, mark, kid, ledger)
    if refusal is not None:
        return refusal
    if stored is not None and header.first == mark.upto + 1:
        _check_time(batch, stored)
    older = None if header.after is None else ledger.epoch(header.device, header.after.epoch)
    held_before = 0 if older is None else older.upto
    return Taken(mark.upto, Mark(header.epoch, header.last, header.head), held_before)


def record(batch: Batch, verdict: Taken, kid: str, received_at: str, store: Store) -> None:
    """Store what a verdict found new; call it in the transaction that judged."""
    header = batch.header
    stored = store.epoch(header.device, header.epoch) or Epoch(
        device=header.device,
        epoch=header.epoch,
        after=header.after,
        upto=0,
        head="",
        last_at="",
        opened_at=received_at,
        opened_by=kid,
        held_before=verdict.held_before,
    )
    last_at = batch.events[-1].at
    store.put_epoch(replace(stored, upto=verdict.mark.upto, head=verdict.mark.head, last_at=last_at))
    store.add_lines(header.device, header.epoch, _new_lines(batch, verdict.before))
    store.add_batch(
        LedgerEntry(
            device=header.device,
            epoch=header.epoch,
            first=header.first,
            last=header.last,
            stored_from=verdict.before + 1,
            kid=kid,
            token=batch.token,
            received_at=received_at,
        )
    )


def _new_lines(batch: Batch, before: int) -> Sequence[StoredLine]:
    start = before + 1 - batch.header.first
    hashes = [event.prev for event in batch.events[start + 1 :]] + [batch.header.head]
    lines = batch.lines[start:]
    return [StoredLine(before + 1 + n, hashes[n], line) for n, line in enumerate(lines)]


def _hash_in(batch: Batch, seq: int) -> str:
    """Return the hash at ``first - 1`` … ``last`` as the batch has it."""
    header = batch.header
    return header.head if seq == header.last else batch.events[seq + 1 - header.first].prev


def _overlap(batch: Batch, stored: Epoch, ledger: Ledger) -> Known | Fork | None:
    last = batch.header.last
    mark = Mark.of(stored)
    at = min(last, mark.upto)
    ours = mark.head if at == mark.upto else ledger.hash_at(stored.device, stored.epoch, at)
    if ours is not None and ours != _hash_in(batch, at):
        return Fork(mark, f"event {at} differs from the stored one")
    return Known(mark) if last <= mark.upto else None


def _check_time(batch: Batch, stored: Epoch) -> None:
    first = batch.events[0]
    if not may_follow(stored.last_at, first):
        cause = BadEventError(field="at", reason=f"earlier than {stored.last_at} before it", value=first.at)
        raise BadLineError(line=2, cause=cause)


def _open(batch: Batch, kid: str, ledger: Ledger) -> Fork | Clone | None:
    """Judge the ``after`` of an epoch that is not stored yet."""
    header = batch.header
    after = header.after
    if after is None:
        return None
    older = ledger.epoch(header.device, after.epoch)
    ours = None if older is None else _held_hash(older, after, ledger)
    if older is not None and ours is not None and ours != after.hash:
        return Fork(
            Mark.of(older),
            f"event {after.seq} of {after.epoch}, which it follows, differs from the stored one",
        )
    for other in ledger.successors(header.device, after.epoch):
        if other.opened_by == kid:
            return Clone(f"epoch {after.epoch} has two successors: {other.epoch} and {header.epoch}")
    return None


def _held_hash(older: Epoch, after: After, ledger: Ledger) -> str | None:
    if after.seq == older.upto:
        return older.head
    return ledger.hash_at(older.device, older.epoch, after.seq) if after.seq < older.upto else None


def _succeeded(batch: Batch, mark: Mark, kid: str, ledger: Ledger) -> Fork | Clone | None:
    """Judge the growth of an epoch against the epochs that follow it."""
    header = batch.header
    followers = [(e, e.after) for e in ledger.successors(header.device, header.epoch) if e.after is not None]
    for successor, after in followers:
        newly_known = mark.upto < after.seq <= header.last
        if newly_known and _hash_in(batch, after.seq) != after.hash:
            branch = mark if mark.upto else Mark.of(successor)
            return Fork(branch, f"event {after.seq} is not the one that {successor.epoch} follows")
    for successor, after in followers:
        if successor.opened_by == kid and header.last > max(after.seq, successor.held_before):
            return Clone(
                f"epoch {header.epoch} grew to {header.last}, beyond {after.seq}, where {successor.epoch}"
                f" follows, and beyond the {successor.held_before} stored then"
            )
    return None
