import struct
from pathlib import Path

import pytest

from provisioning.card.errors import ImageUnusableError
from provisioning.card.mbr import SECTOR, Partition, fat_partition, partitions


def image(path: Path, *entries: tuple[int, int, int], size: int = 64) -> Path:
    table = b"".join(struct.pack("<4xB3xII", *entry) for entry in entries).ljust(64, b"\0")
    path.write_bytes((b"\0" * 446 + table + b"\x55\xaa").ljust(size * SECTOR, b"\0"))
    return path


def test_the_four_entries_are_read(tmp_path: Path) -> None:
    path = image(tmp_path / "i", (0x0C, 8, 16), (0x83, 24, 8), (0, 0, 0), (0x83, 32, 32))
    assert partitions(path) == [
        Partition(0x0C, 8 * SECTOR, 16 * SECTOR),
        Partition(0x83, 24 * SECTOR, 8 * SECTOR),
        Partition(0x83, 32 * SECTOR, 32 * SECTOR),
    ]
    assert fat_partition(path).end == 24 * SECTOR


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"\x1f\x8b" + b"\0" * 600, "gunzip"),
        (b"\xfd7zXZ" + b"\0" * 600, "unxz"),
        (b"\x28\xb5\x2f\xfd" + b"\0" * 600, "unzstd"),
        (b"\0" * 600, "no partition table"),
        (b"", "no partition table"),
    ],
)
def test_another_file_is_said_to_be_one(tmp_path: Path, head: bytes, reason: str) -> None:
    path = tmp_path / "i"
    path.write_bytes(head)
    with pytest.raises(ImageUnusableError, match=reason):
        partitions(path)


def test_an_image_that_was_cut_off_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ImageUnusableError, match="shorter"):
        fat_partition(image(tmp_path / "i", (0x0C, 8, 16), (0x83, 24, 400)))


def test_an_image_without_fat_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ImageUnusableError, match="no FAT"):
        fat_partition(image(tmp_path / "i", (0x83, 8, 16)))
