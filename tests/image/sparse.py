"""Disk images with holes: copied and written without filling them."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PIECE: Final = 1 << 20
_BLOCK: Final = 4096
_ZEROS: Final = bytes(_PIECE)


def data_of(descriptor: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the (offset, length) of what a file holds between two offsets, a mebibyte at most at a time."""
    at = first
    while at < last:
        try:
            at = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # holes to the end
                return
            raise
        hole = min(os.lseek(descriptor, at, os.SEEK_HOLE), last)
        while at < hole:
            size = min(_PIECE, hole - at)
            yield at, size
            at += size


def copy_sparse(source: Path, target: Path, offset: int = 0, length: int | None = None) -> None:
    """Copy a file, or a part of it, without its holes and without blocks of zeros.

    Args:
        source: what is copied.
        target: is replaced.
        offset: where the part begins, bytes.
        length: its size in bytes; the source may be shorter, the copy is not. None for the rest.
    """
    with source.open("rb", buffering=0) as old, target.open("wb", buffering=0) as new:
        size = os.fstat(old.fileno()).st_size
        end = size if length is None else offset + length
        new.truncate(end - offset)
        for at, piece in data_of(old.fileno(), offset, min(end, size)):
            data = os.pread(old.fileno(), piece, at)
            for start in range(0, len(data), _BLOCK * 16):
                part = data[start : start + _BLOCK * 16]
                if not is_zero(part):
                    os.pwrite(new.fileno(), part, at - offset + start)


def put(descriptor: int, at: int, data: bytes) -> None:
    """Write into an image; zeros where it has a hole stay a hole."""
    if data and not (is_zero(data) and is_hole(descriptor, at, len(data))):
        os.pwrite(descriptor, data, at)


def is_zero(data: bytes) -> bool:
    """Whether there is nothing but zeros in at most a mebibyte."""
    return _ZEROS.startswith(data)


def is_hole(descriptor: int, at: int, length: int) -> bool:
    """Whether nothing is stored there."""
    try:
        return os.lseek(descriptor, at, os.SEEK_DATA) >= at + length
    except OSError as error:
        if error.errno == errno.ENXIO:
            return True
        raise
