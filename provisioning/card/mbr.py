"""The partition table of an image: the four entries of a master boot record, and nothing more."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provisioning.card.errors import ImageUnusableError

SECTOR: Final = 512
FAT_KINDS: Final = frozenset({0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E})
_TABLE, _ENTRY, _ENTRIES = 446, 16, 4
_SIGNATURE: Final = b"\x55\xaa"
_PACKED: Final = {b"\x1f\x8b": "gunzip", b"\xfd7": "unxz", b"\x28\xb5": "unzstd", b"PK": "unzip"}


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition, in bytes from the beginning of the disk."""

    kind: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.start + self.size


def partitions(path: Path) -> list[Partition]:
    """Return the partitions of an image.

    Raises:
        ImageUnusableError: it is packed, or has no such table, or one that reaches beyond it.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(SECTOR)
        size = file.seek(0, 2)
    for magic, program in _PACKED.items():
        if head.startswith(magic):
            raise _unusable(
                path, "it is packed", f"unpack it first: {program}", "tệp còn nén", f"giải nén: {program}"
            )
    if len(head) < SECTOR or head[-2:] != _SIGNATURE:
        raise _unusable(
            path,
            "it has no partition table",
            "give the .img file of `motcua image build`",
            "không có bảng phân vùng",
            "hãy chọn tệp .img do `motcua image build` tạo ra",
        )
    found = []
    for index in range(_ENTRIES):
        kind, start, count = struct.unpack_from("<4xB3xII", head, _TABLE + index * _ENTRY)
        if kind and count:
            found.append(Partition(kind, start * SECTOR, count * SECTOR))
    if any(each.end > size for each in found):
        raise _unusable(
            path,
            "it is shorter than its partition table says",
            "copy or download it again",
            "tệp ngắn hơn bảng phân vùng của nó",
            "hãy chép hoặc tải lại",
        )
    return found


def fat_partition(path: Path) -> Partition:
    """Return the first partition, which every computer can open and where motcua.toml goes.

    Raises:
        ImageUnusableError: it is no FAT partition.
        OSError: the image cannot be read.
    """
    for each in partitions(path):
        if each.kind in FAT_KINDS:
            return each
    raise _unusable(
        path,
        "it has no FAT partition",
        "give the .img file of `motcua image build`",
        "không có phân vùng FAT",
        "hãy chọn tệp .img do `motcua image build` tạo ra",
    )


def _unusable(path: Path, reason: str, remedy: str, reason_vi: str, remedy_vi: str) -> ImageUnusableError:
    return ImageUnusableError(
        path=path, reason=reason, remedy=remedy, reason_vi=reason_vi, remedy_vi=remedy_vi
    )
