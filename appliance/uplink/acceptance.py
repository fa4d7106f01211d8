"""The marks, and the one way in which a receipt moves one: verified, judged, durable, then told."""

import structlog

from appliance.journal.journal import Mark
from appliance.uplink.errors import NotKeptError
from appliance.uplink.history import History
from appliance.uplink.identity import CenterRecord
from appliance.uplink.port import Office
from appliance.uplink.receipts import (
    Advance,
    Diverged,
    Foreign,
    Own,
    ReceiptFile,
    Rewind,
    Verdict,
    judge,
)
from appliance.wire.errors import WireError
from appliance.wire.receipt import Receipt

log = structlog.get_logger(__name__)


class Acceptance:
    """What the center is known to hold; used by the uplink's thread only, :meth:`marks` by any.

    Args:
        office: who is told of accepted receipts.
        file: where they are kept.
        center: whose receipts count.
    """

    def __init__(self, office: Office, file: ReceiptFile, center: CenterRecord) -> None:
        self._office = office
        self._file = file
        self._center = center
        self._marks = {mark.epoch: mark for mark in file.marks(center.find_kept_key)}

    def mark(self, epoch: str) -> Mark:
        """Return an epoch's mark; ``upto`` 0 when nothing is receipted."""
        return self._marks.get(epoch) or Mark(epoch, 0, "")

    def marks(self) -> list[Mark]:
        """Return every epoch's mark, oldest epoch first."""
        return [mark for _, mark in sorted(self._marks.copy().items())]

    def take(self, token: str, history: History, *, gap: bool, live: bool) -> tuple[Verdict, Receipt | None]:
        """Judge a receipt for this epoch and, if it counts, keep it and tell the office.

        Args:
            token: the receipt's compact JWS.
            history: the epoch it should be for.
            gap: it came in a gap answer.
            live: it answers what was sent a moment ago.

        Returns:
            the verdict, and the receipt when its signature is good.

        Raises:
            NotKeptError: it counts but cannot be made durable; the mark has not moved.
            JournalMovedError, JournalDamagedError: own events cannot be read.
        """
        try:
            receipt = Receipt.verify(token, self._center.find_key)
        except WireError as error:
            return Foreign(str(error)), None
        verdict = judge(receipt, self._own(receipt, history, gap=gap), gap=gap)
        if isinstance(verdict, Advance | Rewind):
            self._file.append(token)
            self._marks[verdict.mark.epoch] = verdict.mark
            self._office.receipt_accepted(receipt, live=live)
            self._compact()
        return verdict, receipt

    def take_fork(self, token: str, history: History) -> tuple[Verdict, Receipt | None]:
        """Judge the receipt of a fork answer: it may be for a neighboring epoch of this device.

        Raises:
            NotKeptError, JournalMovedError, JournalDamagedError: as :meth:`take`.
        """
        verdict, receipt = self.take(token, history, gap=False, live=True)
        if receipt is None or receipt.device != history.genesis.device:
            return verdict, receipt
        return (verdict if receipt.epoch == history.epoch else Diverged()), receipt

    def agreed(self, history: History, upto: int) -> int:
        """Return the last event up to ``upto`` that a kept receipt names exactly as this box has it, or 0.

        Raises:
            JournalMovedError, JournalDamagedError: own events cannot be read.
        """
        kept = {r.upto: r.head for r in self._file.kept(self._center.find_kept_key, history.epoch)}
        for seq in sorted(kept, reverse=True):
            if 0 < seq <= upto and history.hash_at(seq) == kept[seq]:
                return seq
        return 0

    def _compact(self) -> None:
        try:
            self._file.compact(self._center.find_kept_key)
        except NotKeptError as error:
            log.warning("receipts.not_compacted", reason=str(error))

    def _own(self, receipt: Receipt, history: History, *, gap: bool) -> Own:
        mark = self.mark(history.epoch)
        head, next_held = None, False
        if receipt.epoch == history.epoch:
            head = "" if receipt.upto == 0 else history.hash_at(receipt.upto)
            next_held = gap and history.hash_at(receipt.upto + 1) is not None
        return Own(history.genesis.device, mark, history.last(), head, next_held)
