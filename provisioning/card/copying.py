"""An image with a few files more, onto a card or into a file, and back again to see that they are there.

What is written is the image with its FAT partition replaced by a copy that holds the files. What is read back
from the medium is compared with it byte by byte.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provisioning.card import fat
from provisioning.card.errors import CardUnverifiedError, CardUnwritableError
from provisioning.card.mbr import SECTOR, Partition, fat_partition

CHUNK: Final = 1024 * 1024
_ZEROS: Final = bytes(CHUNK)
_BLKFLSBUF: Final = 0x1261
"""Of <linux/fs.h>: drop what the kernel remembers of a block device."""
_FILE_SECTORS: Final = 512
"""Sectors that one small file may change: its clusters, its folder, both tables."""

Files = Mapping[str, bytes]
"""Content by name in the root folder of the FAT partition."""
Progress = Callable[[str, int, int], None]
"""What is being done, bytes done, bytes in all."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A card that holds what it should.

    Attributes:
        size: bytes.
        sha256: of all of them.
    """

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """An image and the copy of its FAT partition that goes in its place."""

    image: Path
    partition: Partition
    fat: Path

    @classmethod
    def prepare(cls, image: Path, scratch: Path, files: Files) -> "Source":
        """Copy the FAT partition and put the files in.

        Args:
            image: the image.
            scratch: a file to be made, as large as the partition.
            files: what to put in.

        Raises:
            ImageUnusableError, ToolMissingError, CardUnwritableError, OSError: that cannot be done.
        """
        partition = fat_partition(image)
        with image.open("rb") as source, scratch.open("wb") as target:
            source.seek(partition.start)
            left = partition.size
            while left:
                chunk = source.read(min(CHUNK, left))
                target.write(chunk)
                left -= len(chunk)
        for name, data in files.items():
            fat.put(scratch, name, data)
            if fat.read(scratch, name) != data:  # mcopy says little about a full disk
                raise CardUnwritableError(target=image, reason="its FAT partition is full")
        prepared = cls(image, partition, scratch)
        if prepared.changed_sectors() > sum(_FILE_SECTORS + len(data) // SECTOR for data in files.values()):
            raise CardUnwritableError(target=scratch, reason="more than these files was changed")
        return prepared

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        return self.image.stat().st_size

    def changed_sectors(self) -> int:
        """Return how many sectors of the FAT partition are not those of the image."""
        changed = 0
        with self.image.open("rb") as before, self.fat.open("rb") as after:
            before.seek(self.partition.start)
            while new := after.read(CHUNK):
                old = before.read(len(new))
                if old != new:
                    changed += sum(
                        old[at : at + SECTOR] != new[at : at + SECTOR] for at in range(0, len(new), SECTOR)
                    )
        return changed

    def chunks(self) -> Iterator[bytes]:
        """Yield the whole in order."""
        at, size = 0, self.size
        with self.image.open("rb") as image, self.fat.open("rb") as inside:
            while at < size:
                is_inside = self.partition.start <= at < self.partition.end
                if is_inside:
                    inside.seek(at - self.partition.start)
                    end = self.partition.end
                else:
                    image.seek(at)
                    end = self.partition.start if at < self.partition.start else size
                chunk = (inside if is_inside else image).read(min(CHUNK, end - at))
                if not chunk:
                    return
                yield chunk
                at += len(chunk)


def write(source: Source, target: Path, files: Files, progress: Progress) -> Copied:
    """Write the whole to a card or a file, flush it, forget it, read it back and compare.

    Args:
        source: what to write.
        target: a block device, or a file that is made.
        files: what was put in.
        progress: told now and then.

    Raises:
        CardUnwritableError, CardUnverifiedError, ToolMissingError: the target is of no use.
    """
    is_device = target.is_block_device()
    flags = os.O_WRONLY | (os.O_EXCL if is_device else os.O_CREAT | os.O_EXCL)
    try:
        descriptor = os.open(target, flags, 0o600)
        try:
            written = _write(source, descriptor, progress, is_sparse=not is_device)
            os.fsync(descriptor)
            _forget(descriptor, is_device=is_device)
        finally:
            os.close(descriptor)
        is_there = _is_there(target, source, progress)
    except OSError as error:
        raise CardUnwritableError(target=target, reason=error.strerror or str(error)) from error
    if not is_there:
        raise CardUnverifiedError(target=target, reason="what was read back is not what was written")
    for name, data in files.items():
        if fat.read(target, name, source.partition.start) != data:
            raise CardUnverifiedError(target=target, reason=f"{name} is not as written")
    return written


def room_for(source: Path, folder: Path) -> int:
    """Return how many bytes are missing in a folder for one more copy of an image; 0 when none are."""
    return max(0, source.stat().st_size - shutil.disk_usage(folder).free)


def _write(source: Source, descriptor: int, progress: Progress, *, is_sparse: bool) -> Copied:
    total = source.size
    whole = hashlib.sha256()
    done = 0
    for chunk in source.chunks():
        whole.update(chunk)
        if is_sparse and chunk == _ZEROS[: len(chunk)]:
            os.lseek(descriptor, len(chunk), os.SEEK_CUR)
        else:
            _write_all(descriptor, chunk)
        done += len(chunk)
        progress("write", done, total)
    if is_sparse:
        os.ftruncate(descriptor, total)
    return Copied(done, whole.hexdigest())


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def _forget(descriptor: int, *, is_device: bool) -> None:
    """Have the next reading come from the medium and not from memory."""
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    if is_device:
        with suppress(OSError):  # needs root; the advice above was already given
            fcntl.ioctl(descriptor, _BLKFLSBUF)


def _is_there(target: Path, source: Source, progress: Progress) -> bool:
    """Whether a target holds byte for byte what was to be written."""
    at, total = 0, source.size
    with target.open("rb", buffering=0) as file:
        for chunk in source.chunks():
            found = file.read(len(chunk))
            if found != chunk:
                return False
            at += len(chunk)
            progress("verify", at, total)
    return at == total
