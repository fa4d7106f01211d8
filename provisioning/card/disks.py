"""Which disks may be overwritten: cards, and never a disk that this machine lives on."""

from pathlib import Path
from typing import Final

from provisioning.card.errors import DiskRefusedError

MOST_BYTES: Final = 256 * 10**9
"""Cards are smaller; a larger disk is probably somebody's."""
SECTOR: Final = 512
"""What the kernel counts in, whatever the disk does."""


class Disks:
    """The disks of this machine, as the kernel tells them.

    Args:
        sys: where sysfs is mounted.
        proc: where procfs is mounted.
    """

    def __init__(self, sys: Path = Path("/sys"), proc: Path = Path("/proc")) -> None:
        self._sys, self._proc = sys, proc

    def check(self, device: Path, *, is_sure: bool = False) -> int:
        """Return the size of a disk that may be overwritten, in bytes.

        Args:
            device: its device file; a name of /dev/disk will do.
            is_sure: the technician vouches for a large disk, or for one that is not removable.

        Raises:
            DiskRefusedError: it may not.
        """
        name = device.resolve().name
        folder = self._sys / "block" / name
        if not folder.is_dir():
            self._refuse_what_is_no_disk(device, name)
        parts = [folder, *(path.parent for path in folder.glob("*/partition"))]
        self._refuse_if_used(device, parts)
        size = int(_told(folder / "size") or 0) * SECTOR
        if size == 0:
            raise _refused(device, "there is no card in it", "không có thẻ bên trong")
        if is_sure:
            return size
        if size > MOST_BYTES:
            raise _refused(
                device,
                f"it has {size // 10**9} GB, more than a card; add --i-know if it is one",
                f"dung lượng {size // 10**9} GB, lớn hơn thẻ nhớ; nếu đúng là thẻ, thêm --i-know",
            )
        if not self._is_removable(folder, name):
            raise _refused(
                device,
                "it is not removable; add --i-know if it is a card all the same",
                "ổ này không tháo rời được; nếu đúng là thẻ, thêm --i-know",
            )
        return size

    def _refuse_what_is_no_disk(self, device: Path, name: str) -> None:
        if (self._sys / "class" / "block" / name / "partition").exists():
            raise _refused(
                device,
                "it is a partition; give the whole disk",
                "đây là một phân vùng; hãy chỉ cả ổ",
            )
        raise _refused(device, "it is no disk; see lsblk", "không phải ổ đĩa; hãy xem bằng lsblk")

    def _refuse_if_used(self, device: Path, parts: list[Path]) -> None:
        numbers = {_told(part / "dev") for part in parts}
        for line in _told(self._proc / "self" / "mountinfo").splitlines():
            words = line.split()
            if len(words) > 4 and words[2] in numbers:  # noqa: PLR2004 - proc_pid_mountinfo(5)
                raise _refused(
                    device,
                    f"it is mounted at {words[4]}; unmount it first, if it is the card",
                    f"đang được gắn ở {words[4]}; nếu đúng là thẻ, hãy tháo (umount) trước",
                )
        names = {part.name for part in parts}
        swaps = {
            Path(line.split()[0]).name for line in _told(self._proc / "swaps").splitlines() if line.split()
        }
        if names & swaps:
            raise _refused(device, "this machine swaps to it", "máy này đang dùng làm vùng swap")
        for part in parts:
            holders = sorted(path.name for path in (part / "holders").glob("*"))
            if holders:
                raise _refused(device, f"{holders[0]} is built on it", f"{holders[0]} đang dùng ổ này")

    def _is_removable(self, folder: Path, name: str) -> bool:
        # A reader built into a laptop says that it is not removable: the card in it is.
        on_usb = "/usb" in str(folder.resolve())
        return _told(folder / "removable") == "1" or name.startswith("mmcblk") or on_usb


def _told(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _refused(device: Path, reason: str, reason_vi: str) -> DiskRefusedError:
    return DiskRefusedError(device=device, reason=reason, reason_vi=reason_vi)
