"""The machine as its kernel shows it: ``/sys``, ``/proc`` and ``/dev`` below a root that tests can plant."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from appliance.doctor.programs import Programs, SystemPrograms

MAX_BYTES = 1 << 20
SECTOR_BYTES = 512
"""The unit of /sys/block, whatever the disk's own sectors are."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of /proc/self/mountinfo.

    Args:
        device: ``major:minor``.
        point: where it is mounted.
        kind: the file system, ``ext4``.
        options: of the mount and of the file system.
    """

    device: str
    point: str
    kind: str
    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Disk:
    """A block device and the part of it that a mount is on.

    Args:
        name: of the whole device, ``mmcblk0``.
        part: of the partition, or the same name.
    """

    name: str
    part: str


@dataclass(frozen=True)
class Machine:
    """What can be read of it; a file that is not there reads as None.

    Args:
        root: where ``sys``, ``proc``, ``dev`` and ``run`` are.
        programs: runs the system's programs.
    """

    root: Path = Path("/")
    programs: Programs = field(default_factory=SystemPrograms)

    def at(self, path: str | Path) -> Path:
        """Return where an absolute path is below the root."""
        return self.root / str(path).lstrip("/")

    def text(self, path: str) -> str | None:
        """Return a small file without blanks and zeros at its ends; attributes of a driver may refuse."""
        try:
            with self.at(path).open("rb") as file:
                return file.read(MAX_BYTES).decode("utf-8", "replace").strip("\0 \n\t")
        except OSError:
            return None

    def number(self, path: str, base: int = 10) -> int | None:
        """Return a file that holds one number."""
        try:
            return int(self.text(path) or "", base)
        except ValueError:
            return None

    def found(self, pattern: str) -> list[str]:
        """Return the absolute paths that fit a pattern, sorted."""
        return sorted(f"/{path.relative_to(self.root)}" for path in self.root.glob(pattern.lstrip("/")))

    @cached_property
    def kernel_log(self) -> str | None:
        """The kernel's messages of this boot, or None when they may not be read."""
        return self.programs.run("journalctl", "-k", "-b", "--no-pager", "-o", "cat") or self.programs.run(
            "dmesg"
        )

    @cached_property
    def mounts(self) -> tuple[Mount, ...]:
        """Everything that is mounted."""
        lines = (self.text("/proc/self/mountinfo") or "").splitlines()
        return tuple(mount for line in lines if (mount := _mount(line)) is not None)

    def mount_of(self, folder: Path) -> Mount | None:
        """Return the mount that a directory is on."""
        path = folder.resolve()
        holding = [mount for mount in self.mounts if path.is_relative_to(mount.point)]
        # Of two with one point the later one hides the earlier.
        return max(reversed(holding), key=lambda mount: len(mount.point), default=None)

    def disk_of(self, mount: Mount) -> Disk | None:
        """Return the block device of a mount; None for memory and overlays."""
        for disk in self.found("/sys/block/*"):
            name = Path(disk).name
            for part in (disk, *self.found(f"{disk}/{name}*")):
                if self.text(f"{part}/dev") == mount.device:
                    return Disk(name, Path(part).name)
        return None


def _mount(line: str) -> Mount | None:
    words = line.split()
    try:
        dash = words.index("-", 6)
        device, point, options = words[2], words[4], words[5]
        kind, of_system = words[dash + 1], words[dash + 3]
    except (ValueError, IndexError):
        return None
    point = point.encode().decode("unicode_escape") if "\\" in point else point
    return Mount(device, point, kind, frozenset((*options.split(","), *of_system.split(","))))
