"""A machine's disks as sysfs and procfs tell them, in a folder."""

from pathlib import Path

GB = 10**9


class SimDisks:
    """Builds the two trees.

    Args:
        folder: where they are made.
    """

    def __init__(self, folder: Path) -> None:
        self.sys, self.proc = folder / "sys", folder / "proc"
        (self.sys / "block").mkdir(parents=True)
        (self.sys / "class" / "block").mkdir(parents=True)
        (self.proc / "self").mkdir(parents=True)
        self.mounts: list[str] = []
        self._next = 0
        self.mount("0:25", "/proc")

    def disk(self, name: str, size: int = 32 * GB, *, removable: bool = True, parts: int = 2) -> str:
        """Add a disk with partitions and return its major:minor."""
        folder = self.sys / "block" / name
        number = f"8:{self._next}"
        self._next += 16
        self._block(folder, number, size)
        (folder / "removable").write_text(f"{int(removable)}\n")
        for index in range(1, parts + 1):
            part = folder / f"{name}{index}"
            self._block(part, f"8:{self._next - 16 + index}", size // 4)
            (part / "partition").write_text(f"{index}\n")
            (self.sys / "class" / "block" / part.name).symlink_to(part)
        return number

    def mount(self, number: str, where: str) -> None:
        """Add a mount."""
        self.mounts.append(
            f"{len(self.mounts) + 20} 1 {number} / {where} rw,relatime shared:1 - ext4 /dev/x rw"
        )
        (self.proc / "self" / "mountinfo").write_text("\n".join(self.mounts) + "\n")

    def _block(self, folder: Path, number: str, size: int) -> None:
        (folder / "holders").mkdir(parents=True)
        (folder / "dev").write_text(f"{number}\n")
        (folder / "size").write_text(f"{size // 512}\n")
