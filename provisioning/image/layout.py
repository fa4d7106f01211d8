"""How the card is divided. The places and names are for the life of a box: an update never moves them.

An MBR, because that is what every Pi's first stage reads. Root B waits for the first update; the data
partition is the last one, so that it can take the rest of the card at the first boot.
"""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
ALIGN_MIB: Final = 4  # an erase block of a card
DISK_SIGNATURE: Final = 0x6D6F7463  # "motc"

BOOT_LABEL: Final = "MOTCUA-BOOT"
ROOT_LABEL: Final = "motcua-root"
DATA_LABEL: Final = "motcua-data"
BOOT_ID: Final = "6d6f7463"
ROOT_UUID: Final = "6d6f7463-7561-4000-8000-726f6f740001"
DATA_UUID: Final = "6d6f7463-7561-4000-8000-646174610001"
HASH_SEED: Final = "6d6f7463-7561-4000-8000-686173680001"


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition.

    Args:
        number: as the kernel counts, from 1.
        name: also of its file, without the suffix.
        kind: type byte of the MBR.
        size_mib: its size in MiB.
        is_filled: whether the image carries anything for it.
    """

    number: int
    name: str
    kind: int
    size_mib: int
    is_filled: bool = True

    @property
    def partuuid(self) -> str:
        """What the kernel calls it, wherever the card sits."""
        return f"{DISK_SIGNATURE:08x}-{self.number:02d}"

    @property
    def file(self) -> str:
        """The name of its file system's file."""
        return f"{self.name}.{'vfat' if self.kind == FAT else 'ext4'}"


FAT: Final = 0x0C
LINUX: Final = 0x83

BOOT: Final = Partition(1, "boot", FAT, 256)
ROOT_A: Final = Partition(2, "root-a", LINUX, 1536)
ROOT_B: Final = Partition(3, "root-b", LINUX, 1536, is_filled=False)
DATA: Final = Partition(4, "data", LINUX, 256)
"""Two block groups of ext4 before it grows: the second has a copy of the superblock, which a cut may tear."""
PARTITIONS: Final = (BOOT, ROOT_A, ROOT_B, DATA)


def offset_mib(partition: Partition) -> int:
    """Return where a partition begins on the card, in MiB."""
    return ALIGN_MIB + sum(other.size_mib for other in PARTITIONS if other.number < partition.number)


def genimage_config(image: str) -> str:
    """Return what genimage reads, for an image of this name."""
    parts = "".join(
        f"""
\tpartition {part.name} {{
\t\tpartition-type = 0x{part.kind:02X}
\t\toffset = {offset_mib(part)}M
\t\tsize = {part.size_mib}M
"""
        + (f'\t\timage = "{part.file}"\n' if part.is_filled else "")
        + ('\t\tbootable = "true"\n' if part.kind == FAT else "")
        + "\t}\n"
        for part in PARTITIONS
    )
    return f"""image {image} {{
\thdimage {{
\t\tpartition-table-type = "mbr"
\t\tdisk-signature = 0x{DISK_SIGNATURE:08x}
\t\talign = {ALIGN_MIB}M
\t}}
{parts}}}
"""
