"""What is known of each epoch after all files are read, and what only the whole of it can show.

Files may overlap and come in any order, so the chain, the `at` rule, holes and forks are judged over the
events by their number, not file by file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from audit_line import Json, genesis


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing an auditor has to see.

    Args:
        file: The file as it was named.
        line: Counted from 1; 0 for the file as a whole.
        rule: Short stable name of the rule that was broken.
        reason: What was found.
    """

    file: str
    line: int
    rule: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Record:
    """One event as the checks of its epoch need it; what its line did not yield is None."""

    file: str
    line: int
    hash: str
    prev: str | None
    at: str | None
    kind: str | None
    may_step_back: bool

    def problem(self, rule: str, reason: str) -> Problem:
        return Problem(self.file, self.line, rule, reason)


@dataclass(slots=True)
class Epoch:
    """The events of one epoch, over all files."""

    name: str
    device: str | None = None
    genesis: str | None = None
    after: dict[str, Json] | None = None
    after_source: tuple[str, int] = ("", 0)
    batches: int = 0
    records: dict[int, Record] = field(default_factory=dict)

    @property
    def first(self) -> int:
        return min(self.records)

    @property
    def last(self) -> int:
        return max(self.records)

    def add(self, seq: int, record: Record) -> Iterator[Problem]:
        """Takes an event; one that is there already must be the same bytes."""
        known = self.records.setdefault(seq, record)
        if known.hash != record.hash:
            yield record.problem("fork", f"seq {seq} differs from the one at {known.file}:{known.line}")

    def problems(self) -> Iterator[Problem]:
        """Chain, order of time and holes, in order of `seq`."""
        before: Record | None = None
        expected = self.first if self.records else 1
        for seq in sorted(self.records):
            record = self.records[seq]
            if seq != expected:
                yield record.problem("gap", f"seq {expected} to {seq - 1} are in no file")
                before = None
            if before is not None:
                yield from _link_problems(before, record)
            elif seq == 1 and None not in (self.genesis, record.prev) and record.prev != self.genesis:
                yield record.problem("genesis", f"prev is not the genesis hash {self.genesis}")
            before, expected = record, seq + 1

    def summary(self) -> dict[str, Json]:
        kinds = Counter(record.kind for record in self.records.values() if record.kind is not None)
        return {
            "epoch": self.name,
            "first": self.first if self.records else 0,
            "last": self.last if self.records else 0,
            "head": self.records[self.last].hash if self.records else "",
            "events": len(self.records),
            "batches": self.batches,
            "kinds": dict(sorted(kinds.items())),
        }


def _link_problems(before: Record, record: Record) -> Iterator[Problem]:
    if record.prev is not None and record.prev != before.hash:
        yield record.problem("prev", f"prev is not the hash of {before.file}:{before.line}")
    if record.at is None or before.at is None or record.may_step_back:
        return
    # Exactly six decimals and Z: the order of the strings is the order of time.
    if record.at < before.at:
        yield record.problem("at", f"{record.at} is before {before.at}, and this is no step of the clock")


def find_genesis(epoch: Epoch, device: str, others: Iterator[Epoch]) -> Iterator[Problem]:
    """Looks for a genesis line that fits `seq` 1 of an export without headers.

    Args:
        epoch: An epoch no batch header told the genesis of.
        device: The device that is said to have written it.
        others: Epochs whose events it may follow.
    """
    record = epoch.records.get(1)
    if record is None or record.prev is None or epoch.genesis is not None:
        return
    if record.prev == genesis(device, epoch.name, None):
        return
    for other in others:
        for seq, known in other.records.items():
            after: dict[str, Json] = {"epoch": other.name, "hash": known.hash, "seq": seq}
            if other is not epoch and record.prev == genesis(device, epoch.name, after):
                return
    yield record.problem("genesis", f"prev is no genesis of {device}, alone or after any event given here")


def succession_problems(epochs: dict[str, Epoch]) -> Iterator[Problem]:
    """Every `after` against the epoch it names; two successors of one epoch are a clone."""
    successors: dict[str, Epoch] = {}
    for epoch in epochs.values():
        if epoch.after is None:
            continue
        file, line = epoch.after_source
        named, seq = str(epoch.after["epoch"]), epoch.after["seq"]
        other = successors.setdefault(named, epoch)
        if other is not epoch:
            yield Problem(file, line, "clone", f"{named} has two successors, {other.name} and {epoch.name}")
        before = epochs.get(named)
        if before is None:
            continue
        if before.device not in {None, epoch.device}:
            yield Problem(file, line, "after", f"{named} is an epoch of {before.device}")
        known = before.records.get(seq) if isinstance(seq, int) else None
        if known is not None and known.hash != epoch.after["hash"]:
            yield Problem(file, line, "after", f"hash is not that of {known.file}:{known.line}")
