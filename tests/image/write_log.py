"""The log of writes that QEMU's ``blklogwrites`` keeps of a disk, in the format of Linux's dm-log-writes.

One sector of super block, then entries, each one sector of header and, for a write, its data in whole
sectors; all numbers little-endian. QEMU differs from the kernel in two ways that matter here: it leaves
``data_len`` zero, so that the length of the data is the number of sectors, and it counts sectors of the
log's sector size.

The super block's number of entries is brought up to date at flushes (and every few thousand entries), so
that a log whose writer was killed holds more than it says. The end is therefore where the entries end: at
an entry that is cut off, or at a header of zeros, which is the hole that a later entry left behind it in
flight.

Only headers are kept in memory; the data of one entry is read when it is asked for.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

MAGIC: Final = 0x6A736677736872
VERSION: Final = 1
FLUSH: Final = 1
FUA: Final = 2
DISCARD: Final = 4
MARK: Final = 8
_SUPER: Final = struct.Struct("<QQQI")
_HEADER: Final = struct.Struct("<QQQQ")
_SECTORS: Final = frozenset(1 << bit for bit in range(9, 24))
_READ_BYTES: Final = 1 << 20


class WriteLogError(ValueError):
    """Error raised when a file is no log of writes, or one that lost entries it says it holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that the disk was told.

    Args:
        index: its place, from 0.
        offset: where on the disk, bytes.
        length: how much of the disk, bytes; 0 for a flush alone.
        flags: :data:`FLUSH`, :data:`FUA`, :data:`DISCARD`, :data:`MARK`.
        data_at: where in the log its data begins, bytes.
        end: where in the log it ends, bytes.
    """

    index: int
    offset: int
    length: int
    flags: int
    data_at: int
    end: int

    @property
    def is_flush(self) -> bool:
        """Whether everything that was complete before it is durable after it."""
        return bool(self.flags & FLUSH)

    @property
    def is_discard(self) -> bool:
        """Whether the disk may forget what it covers; it has no data."""
        return bool(self.flags & DISCARD)

    @property
    def is_durable(self) -> bool:
        """Whether it does not wait for a flush."""
        return bool(self.flags & FUA)

    @property
    def is_write(self) -> bool:
        """Whether it changes the disk."""
        return self.length > 0 and not self.flags & MARK


class WriteLog:
    """A log open for reading; make it with :meth:`open`.

    Args:
        file: the open log.
        sector_bytes: size of its sectors.
        promised: how many entries its super block knows of.
    """

    def __init__(self, file: BinaryIO, sector_bytes: int, promised: int) -> None:
        self._file = file
        self.sector_bytes = sector_bytes
        self.promised = promised

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a log, which may still be written to.

        Raises:
            WriteLogError: it is none.
            OSError: it cannot be read.
        """
        with path.open("rb") as looked_at:
            head = looked_at.read(_SUPER.size)
        if len(head) < _SUPER.size:
            raise WriteLogError(f"{path.name} has no super block")
        magic, version, promised, sector_bytes = _SUPER.unpack(head)
        if (magic, version) != (MAGIC, VERSION) or sector_bytes not in _SECTORS:
            raise WriteLogError(f"{path.name} is no log of writes: {head.hex()}")
        return cls(path.open("rb"), sector_bytes, promised)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in the order in which the disk completed them, up to the whole log's end.

        Raises:
            WriteLogError: the entries end before those that the super block knows of.
        """
        size = self._file.seek(0, 2)
        at, index = self.sector_bytes, 0
        while at + self.sector_bytes <= size:
            self._file.seek(at)
            sector, sectors, flags, data_len = _HEADER.unpack(self._file.read(_HEADER.size))
            if not (sectors or flags):
                break
            data_at = at + self.sector_bytes
            length = sectors * self.sector_bytes
            stored = 0 if flags & DISCARD else length
            if flags & MARK:
                stored = -(-data_len // self.sector_bytes) * self.sector_bytes
            if data_at + stored > size:
                break
            at = data_at + stored
            yield Entry(index, sector * self.sector_bytes, length, flags, data_at, at)
            index += 1
        if index < self.promised:
            raise WriteLogError(f"the log says that it holds {self.promised} entries and holds {index}")

    def pieces(self, entry: Entry) -> Iterator[tuple[int, bytes]]:
        """Yield what a write put on the disk as (offset on the disk, bytes), a mebibyte at a time.

        What a discard covers reads as zeros afterwards.
        """
        done = 0
        while done < entry.length:
            size = min(_READ_BYTES, entry.length - done)
            if entry.is_discard:
                yield entry.offset + done, bytes(size)
            else:
                self._file.seek(entry.data_at + done)
                yield entry.offset + done, self._file.read(size)
            done += size


def logging_options(disk: Path, log: Path) -> str:
    """Return the words of a QEMU block device that logs the writes to a plain file.

    ``cache.no-flush``: it is not this machine that is cut off, so the file needs no flush; and a flush of the
    guest then stands in the log where it was asked for (see :mod:`crash_points`).

    Args:
        disk: what is written.
        log: the log; an empty file.
    """
    return (
        f"driver=blklogwrites,file.driver=file,file.filename={disk},file.cache.no-flush=on,"
        f"log.driver=file,log.filename={log},log.cache.no-flush=on,log-sector-size=512"
    )
