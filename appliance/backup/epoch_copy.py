"""One epoch on the stick: append-only, the lines' own bytes, flushed; what a pull tore off is cut."""

import os
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson
import structlog

from appliance.backup.layout import EpochFiles
from appliance.journal.errors import JournalDamagedError
from appliance.journal.journal import rename_durably, sync_folder, write_durably
from appliance.journal.source import Source
from appliance.wire.chain import Chain
from appliance.wire.errors import BadEventError
from appliance.wire.event import check_line, line_hash

log = structlog.get_logger(__name__)

AT_ONCE = 2_000
"""Events between two flushes while a stick catches up."""


@dataclass(frozen=True, slots=True)
class End:
    """How far the stick is.

    Args:
        seq: of its last line; before the first one what the journal has pruned.
        head: hash of that line.
        size: bytes of the file.
        is_ours: whether the journal was found to hold the same event there.
    """

    seq: int
    head: str
    size: int
    is_ours: bool = False


class EpochCopy:
    """Follows one epoch. Belongs to one thread.

    Args:
        files: where it is on the stick.
    """

    def __init__(self, files: EpochFiles) -> None:
        self._files = files
        self._end: End | None = None

    def follow(self, source: Source) -> int:
        """Append what the stick lacks, some thousands of lines at most; return how many there were.

        Raises:
            OSError: the stick; look at it anew next time.
            JournalMovedError, JournalDamagedError: the journal; what was appended is good.
        """
        end, self._end = self._end or self._found(source), None
        last = source.last()
        if end.seq > last:
            # The journal lost its end, or the epoch is good only up to there. The stick keeps what it has.
            self._end = end
            return 0
        if not end.is_ours:
            end = self._ours(end, source)
        if end.seq < last:
            # A stick that is pulled ends this halfway, and only this thread may close the journal's file.
            with closing(source.lines_until_damage(end.seq + 1, min(last, end.seq + AT_ONCE))) as lines:
                longer = self._append(end, lines)
            appended, end = longer.seq - end.seq, longer
        else:
            appended = 0
        self._end = end
        return appended

    def is_behind(self, source: Source) -> bool:
        """Whether the journal holds more than was appended.

        Raises:
            JournalMovedError, JournalDamagedError: the journal cannot be read.
        """
        return self._end is None or self._end.seq < source.last()

    @property
    def holds_lines(self) -> bool:
        """Whether at least one line is on the stick."""
        return self._end is not None and self._end.size > 0

    def _ours(self, end: End, source: Source) -> End:
        """Compare the end with the journal: another branch, or one with a hole to come, is put aside."""
        start, _ = source.start()
        if end.seq < start or source.hash_at(end.seq) not in (end.head, None):
            log.warning("backup.other_branch", epoch=source.epoch, seq=end.seq)
            _put_aside(self._files)
            return self._begun(source)
        return End(end.seq, end.head, end.size, is_ours=True)

    def _found(self, source: Source) -> End:
        try:
            with self._files.lines.open("r+b") as file:
                chain, size = verified(file, self._files.days, source.epoch)
                if size != file.seek(0, os.SEEK_END):
                    log.warning("backup.cut", epoch=source.epoch, upto=chain.seq)
                    file.truncate(size)
                    os.fsync(file.fileno())
        except FileNotFoundError:
            return self._begun(source)
        return End(chain.seq, chain.head, size) if size else self._begun(source)

    def _begun(self, source: Source) -> End:
        write_durably(self._files.genesis, source.genesis.line() + b"\n")
        self._files.days.unlink(missing_ok=True)
        with self._files.lines.open("wb") as file:
            os.fsync(file.fileno())
        sync_folder(self._files.folder)
        return End(*source.start(), 0, is_ours=True)

    def _append(self, end: End, lines: Iterable[bytes]) -> End:
        seq, head, size = end.seq, end.head, end.size
        days: list[bytes] = []
        with self._files.lines.open("r+b") as file:
            if file.seek(0, os.SEEK_END) != size:
                raise OSError(0, "the file on the stick was changed by somebody else")
            for line in lines:
                event = orjson.loads(line)
                if (event["seq"], event["prev"]) != (seq + 1, head):
                    path = self._files.lines
                    raise JournalDamagedError(path=path, upto=seq, reason="the next event does not follow")
                if event["kind"] == "day.opened":
                    days.append(b"%d %d\n" % (event["seq"], size))
                file.write(line + b"\n")
                seq, head, size = seq + 1, line_hash(line), size + len(line) + 1
            file.flush()
            os.fsync(file.fileno())
        if days:
            with self._files.days.open("ab") as file:
                file.writelines(days)
                file.flush()
                os.fsync(file.fileno())
        return End(seq, head, size, is_ours=True)


def verified(file: IO[bytes], days: Path, epoch: str) -> tuple[Chain, int]:
    """Verify a copy from its last known ``day.opened`` on; return its end and the bytes that are good.

    Nothing is good (0 bytes) when not even the first line is.
    """
    offset = _last_day(file, days, epoch)
    file.seek(offset)
    chain: Chain | None = None
    for line in file:
        try:
            event = check_line(line.removesuffix(b"\n"))
            chain = chain or Chain(epoch, event.seq - 1, event.prev)
            longer, _ = chain.extend(line.removesuffix(b"\n"))
        except BadEventError:
            break
        if not line.endswith(b"\n"):
            break
        chain, offset = longer, offset + len(line)
    return chain or Chain(epoch, 0, ""), offset if chain is not None and chain.at else 0


def _last_day(file: IO[bytes], days: Path, epoch: str) -> int:
    """Return the offset of the last ``day.opened`` that is where the small file says, or 0."""
    try:
        known = days.read_bytes().splitlines()
    except OSError:
        return 0
    for one in reversed(known):
        seq, _, offset = one.partition(b" ")
        if not (seq.isdigit() and offset.isdigit()):
            continue
        file.seek(int(offset))
        try:
            event = check_line(file.readline().removesuffix(b"\n"))
        except BadEventError:
            continue
        if (event.epoch, event.seq, event.kind) == (epoch, int(seq), "day.opened"):
            return int(offset)
    return 0


def _put_aside(files: EpochFiles) -> None:
    number = 1
    while (target := files.lines.with_name(f"{files.lines.name}.other-{number}")).exists():
        number += 1
    rename_durably(files.lines, target)
    files.days.unlink(missing_ok=True)
