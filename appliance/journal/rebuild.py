"""An epoch's file made again from lines that were copied elsewhere, a backup stick for one."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from appliance.journal.database import EpochFile
from appliance.journal.errors import JournalUnavailableError
from appliance.wire.chain import Genesis
from appliance.wire.errors import BadEventError
from appliance.wire.event import Event, check_line

_AT_ONCE = 1000


def rebuild(path: Path, genesis: Genesis, lines: Iterable[bytes]) -> int:
    """Make the file of an epoch from its lines; return how many it holds.

    What is no line, of another epoch or out of order is left out. Whether what is left is one chain is for
    whoever opens the file: what stands after a hole tells which numbers were given, and is never delivered.

    Args:
        path: the file to make; does not exist.
        genesis: of the epoch.
        lines: in order, without newlines. Where they begin, the epoch was pruned.

    Raises:
        JournalUnavailableError: it cannot be written.
    """
    pairs = _legible(genesis.epoch, lines)
    first = next(pairs, None)
    # Where the first line cannot be read nobody can tell what came before it.
    before = None if first is None or first[0] is None else (first[0].seq - 1, first[0].prev)
    count = 0
    try:
        with EpochFile.create(path, genesis, before) as file:
            last, batch, days = 0, list[bytes](), list[int]()
            for event, line in chain([] if first is None else [first], pairs):
                if event is None or event.seq <= last:
                    continue
                if batch and (event.seq != last + 1 or len(batch) == _AT_ONCE):
                    file.append(last - len(batch) + 1, batch, days)
                    batch, days = [], []
                last = event.seq
                batch.append(line)
                days.extend([event.seq] if event.kind == "day.opened" else [])
                count += 1
            if batch:
                file.append(last - len(batch) + 1, batch, days)
    except (sqlite3.Error, OSError) as error:
        raise JournalUnavailableError(reason=str(error)) from error
    return count


def _legible(epoch: str, lines: Iterable[bytes]) -> Iterator[tuple[Event | None, bytes]]:
    """Yield each line with its event, or None where there is no such event."""
    for line in lines:
        try:
            event = check_line(line)
        except BadEventError:
            yield None, line
        else:
            yield (event if event.epoch == epoch else None), line
