"""Verification of everything a data directory holds, epoch by epoch."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from appliance.journal.errors import JournalDamagedError
from appliance.journal.source import Source, sources
from appliance.wire.chain import Chain
from appliance.wire.errors import BadEventError


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one epoch.

    Args:
        epoch: its id.
        first: the first event still held.
        last: the last event that verifies.
        head: hash of that event.
        damage: what is wrong after it, or None.
    """

    epoch: str
    first: int
    last: int
    head: str
    damage: str | None

    def __str__(self) -> str:
        if self.damage is not None:
            return f"epoch {self.epoch}: {self.first}..{self.last} verified, then: {self.damage}"
        return f"epoch {self.epoch}: {self.first}..{self.last} complete, head {self.head}"


def audit(folder: Path) -> list[Report]:
    """Recompute every hash of every epoch in a data directory, oldest epoch first."""
    return [_audit(source) for source in sources(folder)]


def _audit(source: Source) -> Report:
    try:
        start = source.start()
    except (JournalDamagedError, sqlite3.Error) as error:
        return Report(source.epoch, 1, 0, source.genesis.hash(), str(error))
    chain = Chain(source.epoch, *start)
    first = chain.seq + 1
    damage = None
    try:
        for line in source.all_lines():
            chain, _ = chain.extend(line)
        last = source.last()
        if chain.seq != last:
            damage = f"events {chain.seq + 1}..{last} are missing"
    except (BadEventError, JournalDamagedError, sqlite3.Error) as error:
        damage = str(error)
    return Report(source.epoch, first, chain.seq, chain.head, damage)
