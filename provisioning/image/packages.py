"""Which Debian packages are on the box, and which the builder's machine needs."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final


class Profile(StrEnum):
    """What a box is for."""

    OFFICE = "office"
    HOTSPOT = "hotspot"
    DISPLAY = "display"


SUITE: Final = "trixie"
ARCHITECTURE: Final = "arm64"
COMPONENTS: Final = ("main", "non-free-firmware")

# What every box has; the python3 of the suite is the one that the wheels are for.
BASE: Final = (
    "ca-certificates",
    "chrony",
    "dosfstools",
    "e2fsprogs",
    "fdisk",
    "firmware-brcm80211",
    "initramfs-tools",
    "iproute2",
    "kmod",
    "libnss-resolve",
    "linux-image-arm64",
    "nftables",
    "python3",
    "python3-venv",
    "raspi-firmware",
    "systemd",
    "systemd-resolved",
    "systemd-sysv",
    "systemd-zram-generator",
    "tzdata",
    "u-boot-rpi",
    "udev",
    "wireless-regdb",
    "wpasupplicant",
    "zstd",
)
# The browser on HDMI, what it is shown by, and what lets both have screen and keyboard without being root.
SCREEN: Final = ("cage", "chromium", "seatd")
# The public WiFi; of dnsmasq only the program, which nothing starts by itself.
ACCESS_POINT: Final = ("dnsmasq-base", "hostapd", "iw", "radvd")
PROFILES: Final[dict[Profile, tuple[str, ...]]] = {
    Profile.OFFICE: tuple(sorted(BASE + SCREEN + ACCESS_POINT)),
    Profile.HOTSPOT: tuple(sorted(BASE + ACCESS_POINT)),
    Profile.DISPLAY: tuple(sorted(BASE + SCREEN)),
}

# The initial RAM disk is made once, by the kernel's package, and not again for every package after it: each
# time takes minutes in emulation. Lightly packed: a box unpacks it at every start.
INITRAMFS: Final = {
    "etc/initramfs-tools/update-initramfs.conf": "update_initramfs=no\nbackup_initramfs=no\n",
    "etc/initramfs-tools/conf.d/motcua": "COMPRESS=zstd\nCOMPRESSLEVEL=3\n",
}

# Never read on a box; the licenses are kept.
DPKG_OPTIONS: Final = (
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/man/*",
    # The screen is drawn without Mesa's drivers (docs/adr/0025): their compiler would be a tenth of the card.
    "path-exclude=/usr/lib/*/libLLVM*",
    "path-exclude=/usr/lib/*/libz3.so*",
    "path-exclude=/usr/lib/chromium/libVkLayer_khronos_validation.so",
    "force-confold",  # what INITRAMFS says stays
)

# Program of the builder's machine -> the package that has it.
TOOLS: Final = {
    "arch-test": "arch-test",
    "dtc": "device-tree-compiler",
    "genimage": "genimage",
    "mcopy": "mtools",
    "mke2fs": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mmdebstrap": "mmdebstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "update-binfmts": "binfmt-support",
    "zstd": "zstd",
}


def missing_packages(has: Callable[[str], bool]) -> list[str]:
    """Return the packages to install on the builder's machine, sorted.

    Args:
        has: tells whether a program is there.
    """
    return sorted({package for program, package in TOOLS.items() if not has(program)})
