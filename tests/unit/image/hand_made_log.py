"""Logs of writes made byte by byte."""

import struct
from pathlib import Path

from write_log import DISCARD, FLUSH, FUA, MAGIC

SECTOR = 512


class HandMade:
    """A log under construction; sectors of 512 bytes unless said otherwise."""

    def __init__(self, sector_bytes: int = SECTOR) -> None:
        self.sector_bytes = sector_bytes
        self.body = b""
        self.count = 0

    def write(self, sector: int, data: bytes, flags: int = 0) -> "HandMade":
        """Add a write of whole sectors."""
        return self._add(sector, len(data) // self.sector_bytes, flags, data)

    def fua(self, sector: int, data: bytes) -> "HandMade":
        """Add a write that does not wait for a flush."""
        return self.write(sector, data, FUA)

    def flush(self) -> "HandMade":
        """Add a flush."""
        return self._add(0, 0, FLUSH, b"")

    def discard(self, sector: int, sectors: int) -> "HandMade":
        """Add a discard."""
        return self._add(sector, sectors, DISCARD, b"")

    def _add(self, sector: int, sectors: int, flags: int, data: bytes) -> "HandMade":
        header = struct.pack("<QQQQ", sector, sectors, flags, 0)
        self.body += header.ljust(self.sector_bytes, b"\0") + data
        self.count += 1
        return self

    def bytes(self, promised: int | None = None) -> bytes:
        """Return the log; the super block knows of all entries, or of so many."""
        known = self.count if promised is None else promised
        return (
            struct.pack("<QQQI", MAGIC, 1, known, self.sector_bytes).ljust(self.sector_bytes, b"\0")
            + self.body
        )

    def save(self, path: Path, promised: int | None = None) -> Path:
        """Write it to a file and return its path."""
        path.write_bytes(self.bytes(promised))
        return path


def filled(letter: str, sectors: int = 1) -> bytes:
    """Return sectors full of one letter."""
    return letter.encode() * (SECTOR * sectors)
