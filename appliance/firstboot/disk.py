"""The few ways in which a first start changes a disk; a test brings its own, to cut the power."""

import os
import shutil
from pathlib import Path
from typing import Protocol

from appliance.journal.journal import rename_durably, sync_folder, write_durably


class Disk(Protocol):
    """Durable changes. After return each survives a power cut; before, the old or the new state does."""

    def replace(self, path: Path, data: bytes, mode: int) -> None:
        """Put a file in place atomically, owned as its folder is; raises OSError."""
        ...

    def overwrite(self, path: Path, data: bytes) -> None:
        """Write over the bytes of a file; not atomic. Raises OSError."""
        ...

    def rename(self, path: Path, name: str) -> None:
        """Give a file another name in its folder, over whatever has that name; raises OSError."""
        ...

    def move(self, path: Path, folder: Path) -> None:
        """Move a file or a folder into another one of the same partition, if it is there; raises OSError."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file or a folder, if it is there; half a folder may be left. Raises OSError."""
        ...


class RealDisk:
    """The box's own disk."""

    def replace(self, path: Path, data: bytes, mode: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The mode that is asked for is meant, whatever the unit's UMask: networkd, which is not root, reads
        # some of these. No chmod, which a card's FAT refuses.
        before = os.umask(0)
        try:
            write_durably(path, data, mode)
        finally:
            os.umask(before)
        _hand_over(path)

    def overwrite(self, path: Path, data: bytes) -> None:
        # Without truncating first: that would free the clusters, and the new bytes might go to others.
        with path.open("r+b") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)

    def rename(self, path: Path, name: str) -> None:
        rename_durably(path, path.with_name(name))

    def move(self, path: Path, folder: Path) -> None:
        if not path.exists():
            return
        if not folder.exists():
            folder.mkdir(parents=True)
            _hand_over(folder.parent)
            _hand_over(folder)
            sync_folder(folder.parent.parent)
            sync_folder(folder.parent)
        _hand_over(path)
        path.replace(folder / path.name)
        sync_folder(folder)
        sync_folder(path.parent)

    def remove(self, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            return
        sync_folder(path.parent)


def _hand_over(path: Path) -> None:
    """Give a path to whoever owns its folder: the service is not root and must be able to read it."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
