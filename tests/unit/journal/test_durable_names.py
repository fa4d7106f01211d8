"""A name is durable with the file behind it: FAT keeps size and place beside the name, ext4 in the inode."""

import os
from pathlib import Path

import pytest

from appliance.journal.journal import rename_durably, write_durably


class FatDisk:
    """What a power cut would leave of a FAT folder: the size that a name had when its file was last flushed.

    Args:
        folder: what is looked at.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[str, int] = {}
        self._flush = os.fsync

    def fsync(self, descriptor: int) -> None:
        self._flush(descriptor)
        flushed = os.fstat(descriptor)
        if flushed.st_ino == self._folder.stat().st_ino:
            names = {path.name for path in self._folder.iterdir()}
            self._sizes = {name: self._sizes.get(name, 0) for name in names}
            return
        for path in self._folder.iterdir():
            if path.stat().st_ino == flushed.st_ino:
                self._sizes[path.name] = flushed.st_size

    def after_a_cut(self) -> dict[str, int]:
        return {name: size for name, size in self._sizes.items() if (self._folder / name).exists()}


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FatDisk:
    subject = FatDisk(tmp_path)
    monkeypatch.setattr(os, "fsync", subject.fsync)
    return subject


def test_a_file_that_was_replaced_is_whole_after_a_power_cut(tmp_path: Path, disk: FatDisk) -> None:
    for content in (b"first", b"the second"):
        write_durably(tmp_path / "office.genesis", content)
        assert disk.after_a_cut() == {"office.genesis": len(content)}


def test_a_file_that_was_renamed_is_whole_after_a_power_cut(tmp_path: Path, disk: FatDisk) -> None:
    write_durably(tmp_path / "lines", b"many lines")
    rename_durably(tmp_path / "lines", tmp_path / "lines.other-1")
    assert disk.after_a_cut() == {"lines.other-1": 10}
