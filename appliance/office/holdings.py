"""What the data directory holds: epochs of the journal, receipts, and who the box is. Nothing is changed."""

from dataclasses import dataclass
from pathlib import Path

from appliance.errors import MotcuaError
from appliance.journal.journal import Mark
from appliance.journal.source import Source, sources
from appliance.uplink.identity import CenterRecord, IdentityFolder
from appliance.uplink.receipts import ReceiptFile


@dataclass(frozen=True, slots=True)
class EpochHeld:
    """One epoch.

    Args:
        epoch: its id.
        is_current: whether the desk appends to it.
        first: the first event held.
        last: the last event that may be delivered.
        head: the hash of that event, or None.
        damage: why it cannot be read, or None.
    """

    epoch: str
    is_current: bool
    first: int
    last: int
    head: str | None
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What was found.

    Args:
        epochs: oldest first.
        marks: the last receipted event of each epoch.
        receipted_at: the latest receipt's wire time, or None.
        record: what enrollment brought, or None.
        record_error: why that cannot be read, or None.
    """

    epochs: tuple[EpochHeld, ...]
    marks: tuple[Mark, ...]
    receipted_at: str | None
    record: CenterRecord | None
    record_error: str | None

    @property
    def unreceipted(self) -> int:
        """How many events wait for a receipt."""
        upto = {mark.epoch: mark.upto for mark in self.marks}
        return sum(
            max(0, held.last - max(held.first - 1, upto.get(held.epoch, 0)))
            for held in self.epochs
            if held.damage is None
        )


def look(folder: Path) -> Holdings:
    """Read a data directory; what cannot be read is told in the result."""
    record, record_error = _record(folder)
    epochs = tuple(_held(source, is_current=source.path.parent == folder) for source in sources(folder))
    if record is None:
        return Holdings(epochs, (), None, None, record_error)
    receipts = ReceiptFile.of(folder)
    marks = tuple(receipts.marks(record.find_kept_key))
    return Holdings(epochs, marks, receipts.latest_at(record.find_kept_key), record, None)


def _record(folder: Path) -> tuple[CenterRecord | None, str | None]:
    try:
        return IdentityFolder(folder).record(), None
    except MotcuaError as error:
        return None, str(error)


def _held(source: Source, *, is_current: bool) -> EpochHeld:
    try:
        first, last = source.start()[0] + 1, source.last()
        return EpochHeld(source.epoch, is_current, first, last, source.hash_at(last))
    except MotcuaError as error:
        return EpochHeld(source.epoch, is_current, 1, 0, None, str(error))
