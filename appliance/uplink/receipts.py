"""Receipts: which are believed, and the file that keeps them.

``judge`` is the rule of ``docs/wire.md``, Receipt, and pure. The file is the only memory of what the center
holds: append-only, one compact JWS per line, every append fsynced before anyone acts on it.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from appliance.journal.journal import Mark, sync_folder, write_durably
from appliance.uplink.errors import NotKeptError
from appliance.wire import jws
from appliance.wire.errors import WireError
from appliance.wire.receipt import Receipt

log = structlog.get_logger(__name__)

FILE_NAME = "receipts.jws"
COMPACT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Advance:
    """The mark moves forward."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Rewind:
    """The center lost events that it had receipted, and this box still holds them: send again from here."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Pruned:
    """The center lost events that it had receipted, and this box has pruned them."""


@dataclass(frozen=True, slots=True)
class Diverged:
    """The center holds events of this epoch that this box lacks or has differently."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Nothing new: at or below the mark."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Not a receipt for what was asked."""

    reason: str


Verdict = Advance | Rewind | Pruned | Diverged | Stale | Foreign


@dataclass(frozen=True, slots=True)
class Own:
    """What this box holds of the epoch, where it matters for one receipt.

    Args:
        device: this box's id.
        mark: the epoch's last accepted receipt; ``upto`` 0 for none.
        last: its last event that may be delivered.
        head: own hash at the receipt's ``upto``; ``""`` for 0, None when the event is not held.
        next_held: whether the event after the receipt's ``upto`` is held.
    """

    device: str
    mark: Mark
    last: int
    head: str | None
    next_held: bool


def judge(  # noqa: PLR0911 - one return per rule of the page
    receipt: Receipt, own: Own, *, gap: bool
) -> Verdict:
    """Return what a receipt that verified under a center key means here.

    Args:
        receipt: its signature was checked.
        own: what this box holds.
        gap: it came in a gap answer, the only place where less than the mark, or nothing, counts.
    """
    if receipt.device != own.device:
        return Foreign(f"it is for device {receipt.device}")
    if receipt.epoch != own.mark.epoch:
        return Foreign(f"it is for epoch {receipt.epoch}")
    if receipt.upto == 0 and not gap:
        return Foreign("nothing is stored, outside a gap answer")
    if receipt.upto > own.last:
        return Diverged()
    head = own.mark.head if receipt.upto == own.mark.upto else own.head
    if head is None:
        return _unheld(receipt, own, gap=gap)
    if head != receipt.head:
        return Diverged()
    mark = Mark(receipt.epoch, receipt.upto, receipt.head)
    if receipt.upto > own.mark.upto:
        return Advance(mark)
    if receipt.upto == own.mark.upto or not gap:
        return Stale()
    return Rewind(mark) if own.next_held else Pruned()


def _unheld(receipt: Receipt, own: Own, *, gap: bool) -> Verdict:
    if receipt.upto > own.mark.upto:
        return Foreign(f"event {receipt.upto} is not held, it cannot be compared")
    return Pruned() if gap else Stale()


class ReceiptFile:
    """The receipts file of a data folder.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._compacted_bytes = 0

    @classmethod
    def of(cls, folder: Path) -> "ReceiptFile":
        """Return the receipts file of a data folder."""
        return cls(folder / FILE_NAME)

    def append(self, token: str) -> None:
        """Keep one accepted receipt; after return it survives a power cut.

        Raises:
            NotKeptError: it may not survive; do not act on it.
        """
        try:
            made = not self.path.exists()
            with self.path.open("a+b") as file:
                # What a power cut tore off stays a line of its own, which no signature fits.
                start = b"" if self._ends_clean(file.seek(0, os.SEEK_END)) else b"\n"
                file.write(start + token.encode("ascii") + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if made:
                sync_folder(self.path.parent)
        except OSError as error:
            raise NotKeptError(path=self.path, reason=error.strerror or str(error)) from error

    def marks(self, find_key: jws.KeyFinder) -> list[Mark]:
        """Return the last kept receipt of each epoch, oldest epoch first (a UUIDv7 sorts by its time).

        Args:
            find_key: the center's keys, retired ones among them.
        """
        last = self._last_of_each(find_key)
        return [Mark(epoch, receipt.upto, receipt.head) for epoch, (_, receipt) in sorted(last.items())]

    def last_tokens(self, find_key: jws.KeyFinder) -> list[str]:
        """Return the last kept receipt of each epoch as it came, oldest epoch first: what a backup needs.

        Args:
            find_key: the center's keys, retired ones among them.
        """
        return [token for _, (token, _) in sorted(self._last_of_each(find_key).items())]

    def kept(self, find_key: jws.KeyFinder, epoch: str) -> Iterator[Receipt]:
        """Yield the receipts of one epoch, the latest kept first."""
        for token, receipt in self._backwards():
            if receipt.epoch == epoch:
                yield from self._verified(find_key, receipt, token)

    def latest_at(self, find_key: jws.KeyFinder) -> str | None:
        """Return the latest center time of all kept receipts, a floor for the clock, or None.

        Args:
            find_key: the center's keys, retired ones among them.
        """
        for token, receipt in sorted(self._backwards(), key=lambda pair: pair[1].at, reverse=True):
            for verified in self._verified(find_key, receipt, token):
                return verified.at
        return None

    def compact(self, find_key: jws.KeyFinder, *, above_bytes: int = COMPACT_BYTES) -> bool:
        """Rewrite a file that grew above ``above_bytes``.

        Kept are the last receipt of each epoch and the last of each of its days.

        Returns:
            whether it was rewritten.

        Raises:
            NotKeptError: the old file is still there.
        """
        try:
            if self._size() <= max(above_bytes, 2 * self._compacted_bytes):
                return False
            content = b"".join(token.encode() + b"\n" for token in self._worth_keeping(find_key))
            write_durably(self.path, content)
        except OSError as error:
            raise NotKeptError(path=self.path, reason=error.strerror or str(error)) from error
        self._compacted_bytes = len(content)
        return True

    def _worth_keeping(self, find_key: jws.KeyFinder) -> list[str]:
        # The one that marks() believes is kept whatever else the file holds of that day.
        marks = {token for token, _ in self._last_of_each(find_key).values()}
        seen: set[tuple[str, str]] = set()
        found = []
        for token, receipt in self._backwards():
            day = (receipt.epoch, receipt.at[:10])
            if token in marks or (day not in seen and any(self._verified(find_key, receipt, token))):
                seen.add(day)
                found.append(token)
                marks.discard(token)
        found.reverse()
        return found

    def _last_of_each(self, find_key: jws.KeyFinder) -> dict[str, tuple[str, Receipt]]:
        last: dict[str, tuple[str, Receipt]] = {}
        for token, receipt in self._backwards():
            # Signatures are checked from the end and only until one fits: a Pi checks 2,000 a second.
            if receipt.epoch not in last:
                for verified in self._verified(find_key, receipt, token):
                    last[receipt.epoch] = token, verified
        return last

    def _backwards(self) -> Iterator[tuple[str, Receipt]]:
        """Yield (token, unverified receipt), the last line first; what is no receipt is passed over."""
        for token in reversed(self._lines()):
            try:
                yield token, Receipt.from_json(jws.unverified_payload(token))
            except WireError as error:
                log.warning("receipts.line_unreadable", path=str(self.path), reason=str(error))

    def _verified(self, find_key: jws.KeyFinder, receipt: Receipt, token: str) -> Iterable[Receipt]:
        try:
            return (Receipt.verify(token, find_key),)
        except WireError as error:
            log.warning("receipts.not_verified", epoch=receipt.epoch, upto=receipt.upto, reason=str(error))
            return ()

    def _lines(self) -> list[str]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        *lines, _torn = content.split(b"\n")
        return [line.decode("ascii", "replace") for line in lines if line]

    def _ends_clean(self, size: int) -> bool:
        if size == 0:
            return True
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0
