"""The few configuration files of the image that follow from the layout."""

from typing import Final

from provisioning.image.layout import BOOT, DATA, ROOT_A, Partition

KERNEL: Final = "vmlinuz"
INITRD: Final = "initrd.img"
CLOCK_CHIP: Final = "motcua-ds3231"
"""The overlay of a clock chip: its source is beside this file."""

# Directory of the data partition -> where it is seen.
KEPT: Final = {
    "motcua": "/var/lib/motcua",
    "settings": "/etc/motcua",
    "hotspot": "/var/lib/motcua-hotspot",
    "network": "/etc/systemd/network",
    "chrony": "/var/lib/chrony",
    "system": "/var/lib/systemd",
}


def fstab() -> str:
    """Return the mounts: nothing is written but memory and the data partition."""
    rows = [
        (f"PARTUUID={ROOT_A.partuuid}", "/", "ext4", "ro,noatime", "0 0"),
        (f"PARTUUID={BOOT.partuuid}", "/boot/firmware", "vfat", "ro,nofail,umask=0077", "0 0"),
        (
            f"PARTUUID={DATA.partuuid}",
            "/data",
            "ext4",
            "noatime,nodev,nosuid,noexec,errors=remount-ro,x-systemd.growfs,x-systemd.device-bound=no",
            "0 2",
        ),
        ("tmpfs", "/var", "tmpfs", "mode=0755,nodev,nosuid,size=25%", "0 0"),
    ]
    rows += [
        (f"/data/{name}", where, "none", "bind,x-systemd.requires-mounts-for=/data", "0 0")
        for name, where in KEPT.items()
    ]
    return "".join(" ".join(row) + "\n" for row in rows)


def kernel_command_line(root: Partition = ROOT_A) -> str:
    """Return what the kernel is told on a Pi."""
    return (
        f"console=tty0 root=PARTUUID={root.partuuid} rootfstype=ext4 ro rootwait "
        "fsck.repair=yes panic=10 net.ifnames=0 cma=64M quiet\n"
    )


def firmware_config() -> str:
    """Return the config.txt that the Pi's first stage reads."""
    return f"""# Written by the image builder. The Pi's first stage reads it.
arm_64bit=1
upstream_kernel=1
enable_uart=1
disable_splash=1
kernel={KERNEL}
initramfs {INITRD} followkernel

# A DS3231 clock chip with a battery on pins 1, 3, 5 and 9 of the header:
# take the # away, and set rtc = true under [clock] in office.toml.
#dtoverlay={CLOCK_CHIP}
"""


def program(venv: str) -> str:
    """Return the command ``motcua`` of a virtual environment at this place."""
    return f"""#!{venv}/bin/python
import sys

from appliance.cli import main

sys.exit(main())
"""
