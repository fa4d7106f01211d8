"""The same batches by USB stick: export of everything without a receipt, import of receipts.

A stick visits many boxes and may be pulled at any time: files appear whole or not at all, what is there
already is never overwritten, files of other boxes are left alone.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from appliance.errors import MotcuaError
from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.journal.journal import write_durably
from appliance.uplink.acceptance import Acceptance
from appliance.uplink.answers import MAX_ANSWER_BYTES
from appliance.uplink.errors import NotHeldError, StickError
from appliance.uplink.history import History
from appliance.uplink.identity import Identity
from appliance.uplink.port import Office
from appliance.uplink.receipts import Advance, Diverged, Foreign
from appliance.uplink.seal import Limits, Sealed, Sealer
from appliance.wire.batch import MAX_BYTES, decompress, open_batch
from appliance.wire.errors import WireError
from appliance.wire.receipt import parse_receipt_name

log = structlog.get_logger(__name__)

_MAX_FILE_BYTES = MAX_BYTES + 64 * 1024  # incompressible content grows a little


@dataclass(slots=True)
class Exported:
    """What an export did.

    Args:
        written: new batch files, by name.
        present: files that were on the stick already and hold the same events.
        conflicts: files under our names that hold something else; move them away and export again.
        unreadable: epochs that cannot be read on this box.
    """

    written: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Imported:
    """What an import did.

    Args:
        accepted: receipts that moved a mark, by file name.
        known: receipts of this box that say nothing new.
        refused: file names and why they do not count.
        lost_tail: whether one showed that the center holds another branch.
    """

    accepted: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    lost_tail: bool = False


class Stick:
    """Exchange with the center by files. Belongs to the uplink's thread.

    Args:
        office: the rest of the box.
        acceptance: the marks.
        identity: signs, and recognizes its own files.
        sealer: seals with the device's key.
        limits: how much one file may hold.
    """

    def __init__(
        self, office: Office, acceptance: Acceptance, identity: Identity, sealer: Sealer, limits: Limits
    ) -> None:
        self._office = office
        self._acceptance = acceptance
        self._identity = identity
        self._sealer = sealer
        self._limits = limits

    def export(self, folder: Path) -> Exported:
        """Write everything that has no receipt yet, epoch by epoch, to a mounted stick.

        Raises:
            StickError: the stick is full, pulled or not writable; what was written before is whole.
        """
        done = Exported()
        for source in self._office.sources():
            history = History(source)
            try:
                for sealed in self._batches(history):
                    self._write(folder, sealed, done)
            except (JournalMovedError, NotHeldError, JournalDamagedError) as error:
                log.warning("stick.unreadable", epoch=source.epoch, reason=str(error))
                done.unreadable.append(source.epoch)
        log.info("stick.exported", written=len(done.written), present=len(done.present))
        return done

    def import_receipts(self, folder: Path) -> Imported:
        """Take the receipts of this box from a mounted stick; the rules are those of the line.

        Raises:
            StickError: the stick cannot be read.
            NotKeptError: a receipt counts but cannot be made durable.
        """
        done = Imported()
        histories = {source.epoch: History(source) for source in self._office.sources()}
        for name, epoch in self._receipt_names(folder):
            history = histories.get(epoch)
            if history is None:
                done.refused[name] = f"epoch {epoch} is not known here"
                continue
            try:
                self._take(name, self._token(folder / name), history, done)
            except (JournalMovedError, JournalDamagedError, WireError) as error:
                done.refused[name] = str(error)
        log.info("stick.imported", accepted=len(done.accepted), refused=len(done.refused))
        return done

    def _batches(self, history: History) -> Iterator[Sealed]:
        first, last = self._acceptance.mark(history.epoch).upto + 1, history.last()
        while first <= last:
            sealed = self._sealer.seal(history, first, last, self._limits, self._office.moment().wire_at)
            yield sealed
            first = sealed.header.last + 1

    def _write(self, folder: Path, sealed: Sealed, done: Exported) -> None:
        name = sealed.header.file_name
        path = folder / name
        draft = path.with_name(name + ".new")
        try:
            if path.is_symlink() or path.exists():
                (done.present if self._same(path, sealed) else done.conflicts).append(name)
                return
            if draft.is_symlink():  # it would lead the write away from the stick
                draft.unlink()
            write_durably(path, sealed.content)
        except OSError as error:
            with suppress(OSError):  # the stick may be gone, or refuse this as well
                draft.unlink()
            raise StickError(path=path, reason=error.strerror or str(error)) from error
        done.written.append(name)

    def _same(self, path: Path, sealed: Sealed) -> bool:
        """Whether a file is a batch of ours over the same events; only the time of sealing may differ."""
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_FILE_BYTES:
            return False
        try:
            found = open_batch(
                decompress([path.read_bytes()]), lambda _kid, _payload: self._identity.key.public
            )
        except WireError:
            return False
        header = sealed.header
        return (found.header.first, found.header.head) == (header.first, header.head)

    def _receipt_names(self, folder: Path) -> list[tuple[str, str]]:
        try:
            paths = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
        except OSError as error:
            raise StickError(path=folder, reason=error.strerror or str(error)) from error
        found = []
        for path in paths:
            parts = parse_receipt_name(path.name)
            if parts is not None and parts[0] == self._identity.device:
                found.append((parts[1], parts[2], path.name))
        return [(name, epoch) for epoch, _upto, name in sorted(found)]

    def _token(self, path: Path) -> str:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_ANSWER_BYTES + 1)
        except OSError as error:
            raise StickError(path=path, reason=error.strerror or str(error)) from error
        if len(content) > MAX_ANSWER_BYTES:
            raise WireError(reason="too large for a receipt")
        return content.decode("ascii", "replace").strip()

    def _take(self, name: str, token: str, history: History, done: Imported) -> None:
        verdict, _ = self._acceptance.take(token, history, gap=False, live=False)
        match verdict:
            case Advance():
                done.accepted.append(name)
            case Foreign():
                done.refused[name] = verdict.reason
            case Diverged():
                done.refused[name] = "the center holds another branch of this epoch"
                done.lost_tail = True
                self._tell_lost_tail(history)
            case _:
                done.known.append(name)

    def _tell_lost_tail(self, history: History) -> None:
        try:
            self._office.lost_tail(self._acceptance.mark(history.epoch))
        except MotcuaError as error:
            log.warning("stick.lost_tail_not_told", error=error.key, reason=str(error))
