"""The last step: file systems and the card image, the same bytes for the same files."""

import struct
from pathlib import Path
from typing import Final

from provisioning.image import layout
from provisioning.image.errors import DoesNotFitError
from provisioning.image.workshop import Workshop

_SUPERBLOCK: Final = 1024
_INODES: Final = struct.Struct("<I12xI")
"""``s_inodes_count``, ``s_free_inodes_count`` (Documentation/filesystems/ext4/super.rst)."""
_FIRST_INODE: Final = 11
_TIMES: Final = ("atime", "ctime")
LEVEL: Final = 12  # of zstd: minutes on two cores, a tenth larger than the best


def make_root(shop: Workshop, root: Path, out: Path) -> None:
    """Make the file system of root A.

    Raises:
        DoesNotFitError: the system outgrew it.
        StepFailedError: it cannot be made.
    """
    shop.begin("File systems")
    used_mib = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file()) // layout.MIB
    if used_mib > layout.ROOT_A.size_mib * 9 // 10:
        raise DoesNotFitError(used_mib=used_mib, size_mib=layout.ROOT_A.size_mib)
    part = layout.ROOT_A
    words = ["-L", layout.ROOT_LABEL, "-U", layout.ROOT_UUID, "-m", "0"]
    _ext4(shop, root, out / part.file, part.size_mib, words)


def make_data(shop: Workshop, data: Path, out: Path) -> None:
    """Make the file system of the data partition, small; its log is large enough for the whole card."""
    part = layout.DATA
    # It is made small and grows with the card: the numbers of a small file system would be all wrong then.
    words = ["-b", "4096", "-i", "262144", "-T", "default", "-m", "1", "-J", "size=16"]
    words += ["-L", layout.DATA_LABEL, "-U", layout.DATA_UUID]
    _ext4(shop, data, out / part.file, part.size_mib, words)


def make_boot(shop: Workshop, boot: Path, out: Path) -> None:
    """Make the FAT file system that the Pi's first stage reads."""
    file = out / layout.BOOT.file
    size = str(layout.BOOT.size_mib * 1024)
    label = ["-F", "32", "-n", layout.BOOT_LABEL, "-i", layout.BOOT_ID, "--invariant"]
    shop.run(["mkfs.vfat", *label, "-C", file, size])
    found = [str(path) for path in sorted(boot.iterdir())]
    shop.run(["mcopy", "-i", file, "-s", "-m", "-Q", *found, "::"])


def make_card(shop: Workshop, parts: Path, image: Path) -> None:
    """Put the file systems together as one card image."""
    shop.begin("The card")
    config = shop.scratch / "genimage.cfg"
    config.write_text(layout.genimage_config(image.name))
    empty = shop.scratch / "empty"
    empty.mkdir()
    scratch = shop.scratch / "genimage"
    folders: list[str | Path] = ["--inputpath", parts, "--outputpath", image.parent, "--tmppath", scratch]
    shop.run(["genimage", "--config", config, "--rootpath", empty, *folders])


def compress(shop: Workshop, image: Path) -> Path:
    """Return the compressed image, beside the plain one."""
    shop.begin("Compressing")
    packed = image.with_suffix(image.suffix + ".zst")
    shop.run(["zstd", f"-{LEVEL}", "-T2", "--quiet", "--force", image, "-o", packed])
    return packed


def _ext4(shop: Workshop, tree: Path, file: Path, size_mib: int, more: list[str]) -> None:
    fixed = f"hash_seed={layout.HASH_SEED},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0"
    words = ["mke2fs", "-q", "-t", "ext4", "-F", "-E", fixed, *more]
    env = {"E2FSPROGS_FAKE_TIME": str(shop.epoch_s)}
    shop.run([*words, "-d", tree, file, f"{size_mib}M"], env=env)
    _settle_times(shop, file, env)


def _settle_times(shop: Workshop, file: Path, env: dict[str, str]) -> None:
    """Let every file have been read and changed at the image's own time.

    mke2fs takes these times over from the files here, where nobody can set the second of them.
    """
    with file.open("rb") as opened:
        opened.seek(_SUPERBLOCK)
        count, free = _INODES.unpack(opened.read(_INODES.size))
    # It numbers files in order: those that are used come first.
    used = range(_FIRST_INODE, count - free + 1)
    script = shop.scratch / f"{file.name}.times"
    lines = (f"set_inode_field <{number}> {name} @{shop.epoch_s}\n" for number in used for name in _TIMES)
    script.write_text("".join(lines))
    # It repeats all of it.
    shop.run(["sh", "-c", 'debugfs -w -f "$1" "$2" >/dev/null', "sh", script, file], env=env)
