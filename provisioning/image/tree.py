"""The third step: Debian's system becomes the box's."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from provisioning.image import texts
from provisioning.image.packages import Profile
from provisioning.image.toolchain import compile_python
from provisioning.image.wheels import BUILT, LOCK, PYTHON, entries, pip, platforms
from provisioning.image.workshop import Workshop

VENV: Final = "/opt/motcua"
HOST: Final = "motcua"

# Below systemd/ of the source tree -> where it goes on the box.
PLACES: Final = {
    "*.service": "usr/lib/systemd/system",
    "*.socket": "usr/lib/systemd/system",
    "*.mount": "usr/lib/systemd/system",
    "*.timer": "usr/lib/systemd/system",
    "system.slice.d/*.conf": "usr/lib/systemd/system/system.slice.d",
    "*.path": "usr/lib/systemd/system",
    "systemd-fsck@.service.d/*.conf": "usr/lib/systemd/system/systemd-fsck@.service.d",
    "systemd-resolved.service.d/*.conf": "usr/lib/systemd/system/systemd-resolved.service.d",
    "sysctl.d/*.conf": "usr/lib/sysctl.d",
    "sysusers.d/*.conf": "usr/lib/sysusers.d",
    "tmpfiles.d/*.conf": "usr/lib/tmpfiles.d",
    "journald.conf.d/*.conf": "usr/lib/systemd/journald.conf.d",
    "system.conf.d/*.conf": "usr/lib/systemd/system.conf.d",
    "network/*.network": "usr/lib/systemd/network",
    "udev/rules.d/*.rules": "usr/lib/udev/rules.d",
    "chromium/*.json": "etc/chromium/policies/managed",
    "zram-generator.conf": "usr/lib/systemd",
    "chrony/*.conf": "etc/chrony/conf.d",
    "nftables.conf": "etc",
}
# Program below systemd/ -> where it goes on the box.
PROGRAMS: Final = {
    "display.sh": "usr/lib/motcua/display",
    "grow-data.sh": "usr/lib/motcua/grow-data",
    "wait-stick.sh": "usr/lib/motcua/wait-stick",
}
# Every box records and delivers.
EVERYWHERE: Final = (
    "chrony.service",
    "motcua-firstboot.service",
    "motcua-grow.service",
    "motcua-office.service",
    "motcua-portal-tls.socket",
    "motcua-portal.socket",
    "motcua-public.socket",
    "motcua-synced.timer",
    "motcua-wifi.service",
    "nftables.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
)
_SCREEN: Final = ("motcua-display.service", "seatd.service")
# Nothing runs until the office has written that there shall be public WiFi.
_GATE: Final = ("motcua-gate-test.path", "motcua-hotspot.path", "motcua-records.timer")
ENABLED: Final[Mapping[Profile, tuple[str, ...]]] = {
    Profile.OFFICE: (*EVERYWHERE, *_SCREEN, *_GATE),
    Profile.HOTSPOT: (*EVERYWHERE, *_GATE),
    Profile.DISPLAY: (*EVERYWHERE, *_SCREEN),
}
_ENGINES: Final = ("hostapd.service", "radvd.service")
# Debian switches on what it installs: without settings of ours they would serve any network the box is in.
DISABLED: Final[Mapping[Profile, tuple[str, ...]]] = {
    Profile.OFFICE: _ENGINES,
    Profile.HOTSPOT: _ENGINES,
    Profile.DISPLAY: (),
}
# What a general system does at every start and a box has no use for; together seconds on a slow one. The root
# is never written, so that what asks "was /usr updated since?" would do its work each time, in vain.
NEEDLESS: Final = (
    "dev-hugepages.mount",
    "e2scrub_reap.service",
    "proc-sys-fs-binfmt_misc.automount",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-binfmt.service",
    "systemd-journal-catalog-update.service",
    "systemd-logind.service",
    "systemd-pstore.service",
    "systemd-update-done.service",
    "systemd-user-sessions.service",
)
# Nobody logs in here, nothing updates itself behind the office's back, nothing waits for a network. Debian's
# own supplicant waits for a message bus, which a box has not.
MASKED: Final = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "getty@.service",
    "serial-getty@.service",
    "systemd-machine-id-commit.service",
    "systemd-networkd-wait-online.service",
    "systemd-remount-fs.service",
    "systemd-time-wait-sync.service",
    "wpa_supplicant.service",
    *NEEDLESS,
)

# Whose the directories of the data partition are, where they are not root's.
_KEPT_BY: Final = {
    "motcua": ("motcua", 0o700),
    "settings": ("motcua", 0o750),
    "hotspot": ("motcua-hotspot", 0o700),
    "chrony": ("_chrony", 0o750),
}


def unpack(shop: Workshop, base: Path) -> Path:
    """Return a directory with the base system."""
    shop.begin("Unpacking")
    root = shop.scratch / "root"
    root.mkdir()
    shop.run(["tar", "--numeric-owner", "--xattrs", "-xpf", base, "-C", root])
    return root


def install_python(shop: Workshop, root: Path, toolchain: Path, wheels: Path, extra: Iterable[Path]) -> None:
    """Make the virtual environment of the box.

    Wheels are unpacked and compiled here, which needs no emulation; the box's own Python then imports them.

    Args:
        shop: where it is done.
        root: the system.
        toolchain: see ``toolchain.py``.
        wheels: directory of the dependencies that the lock names.
        extra: wheels built here.

    Raises:
        StepFailedError: a wheel does not fit.
    """
    shop.begin("Our programs, with the box's own Python (about a minute)")
    own = list(extra)
    lock = shop.scratch / "root.lock"
    lock.write_text("".join(entry for name, entry in entries(LOCK.read_text()).items() if name not in BUILT))
    with _system_files(shop, root):
        shop.chroot(root, "python3", "-m", "venv", "--without-pip", VENV)
    site = root / VENV[1:] / f"lib/python{PYTHON}/site-packages"
    words = ("--quiet", "--no-index", "--no-deps", "--no-compile", "--no-cache-dir")
    install: list[str | Path] = [
        *pip("install"),
        *words,
        "--only-binary=:all:",
        *platforms(),
        "--target",
        site,
    ]
    shop.run([*install, "--require-hashes", f"--find-links={wheels}", "-r", lock])
    # By name: of a file pip would note where it lay, which is another place each time.
    shop.run([*install, *(f"--find-links={each.parent}" for each in own), *map(_requirement, own)])
    # Programs of our dependencies are started by nobody.
    shutil.rmtree(site / "bin", ignore_errors=True)
    _put(root / VENV[1:] / "bin/motcua", texts.program(VENV), 0o755)
    compile_python(shop, toolchain, root / VENV[1:])
    with _system_files(shop, root):
        check = "import appliance.office.root, appliance.firstboot, hardware.drivers.gpio, lgpio, netifaces"
        shop.chroot(root, "env", "LG_WD=/tmp", f"{VENV}/bin/python", "-c", check)


def _requirement(wheel: Path) -> str:
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version}"


def configure(shop: Workshop, root: Path, profile: Profile) -> None:
    """Put units, users, mounts and settings in place.

    Args:
        shop: where it is done.
        root: the system.
        profile: what the box is for; it says which units are switched on.

    Raises:
        StepFailedError: a unit cannot be enabled.
    """
    shop.begin("Units, users and mounts")
    units = shop.source / "systemd"
    for pattern, place in PLACES.items():
        for path in sorted(units.glob(pattern)):
            _put(root / place / path.name, path.read_text(encoding="utf-8"))
    for name, place in PROGRAMS.items():
        _put(root / place, (units / name).read_text(encoding="utf-8"), 0o755)
    _put(root / "etc/fstab", texts.fstab())
    _put(root / "etc/hostname", f"{HOST}\n")
    _put(root / "etc/hosts", f"127.0.0.1 localhost {HOST}\n::1 localhost {HOST}\n")
    _put(root / "etc/machine-id", "")
    _put(root / "usr/lib/clock-epoch", "")
    resolver = root / "etc/resolv.conf"
    resolver.unlink(missing_ok=True)
    resolver.symlink_to("/run/systemd/resolve/stub-resolv.conf")
    for place in ("data", "etc/motcua", "boot/firmware", "media/motcua"):
        (root / place).mkdir(parents=True, exist_ok=True)
    shop.chroot(root, "systemd-sysusers")
    systemctl = ["systemctl", f"--root={root}", "--quiet"]
    shop.run([*systemctl, "enable", *ENABLED[profile]])
    if DISABLED[profile]:
        shop.run([*systemctl, "disable", *DISABLED[profile]])
    shop.run([*systemctl, "mask", *MASKED])
    shop.run([*systemctl, "set-default", "multi-user.target"])


def take_boot(root: Path, boot: Path) -> None:
    """Move what the Pi's first stage reads out of the system, under names without versions."""
    shutil.copytree(root / "boot/firmware", boot, ignore=shutil.ignore_patterns("vmlinuz-*", "initrd.img-*"))
    for name, prefix in ((texts.KERNEL, "vmlinuz-"), (texts.INITRD, "initrd.img-")):
        (newest,) = (root / "boot").glob(f"{prefix}*")
        shutil.copy2(newest, boot / name)
    _put(boot / "config.txt", texts.firmware_config())
    _put(boot / "cmdline.txt", texts.kernel_command_line())
    shutil.rmtree(root / "boot")
    (root / "boot/firmware").mkdir(parents=True)


def make_overlays(shop: Workshop, boot: Path) -> None:
    """Compile what a technician can switch on in config.txt, where the Pi's first stage looks for it.

    Raises:
        StepFailedError: it is no device tree.
    """
    folder = boot / "overlays"
    folder.mkdir(exist_ok=True)
    source = shop.source / f"provisioning/image/{texts.CLOCK_CHIP}.dts"
    compiled = folder / f"{texts.CLOCK_CHIP}.dtbo"
    shop.run(["dtc", "-@", "-q", "-I", "dts", "-O", "dtb", "-o", compiled, source])


def take_data(root: Path, data: Path) -> None:
    """Make the directories of the data partition, for the users that the system has."""
    data.mkdir()
    users = dict(_users((root / "etc/passwd").read_text(encoding="utf-8")))
    for name in texts.KEPT:
        owner, mode = _KEPT_BY.get(name, ("root", 0o755))
        folder = data / name
        folder.mkdir()
        os.chown(folder, *users[owner])
        folder.chmod(mode)


def strip(root: Path) -> None:
    """Remove what is hidden or useless on the box: /var is made anew in memory at every boot."""
    for folder in ("var", "tmp", "run", "var/tmp"):
        for path in (root / folder).glob("*"):
            _remove(path)
    for name in (
        "etc/machine-id-",
        "etc/passwd-",
        "etc/group-",
        "etc/shadow-",
        "etc/gshadow-",
        "etc/.pwd.lock",
    ):
        _remove(root / name)


def settle(folder: Path, epoch_s: int) -> None:
    """Give every file younger than the image the image's own time."""
    for path in [folder, *folder.rglob("*")]:
        if path.lstat().st_mtime > epoch_s or path.name == "clock-epoch":
            os.utime(path, (epoch_s, epoch_s), follow_symlinks=False)


def _put(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _users(passwd: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for line in passwd.splitlines():
        name, _, uid, gid, *_ = line.split(":")
        yield name, (int(uid), int(gid))


@contextmanager
def _system_files(shop: Workshop, root: Path) -> Iterator[None]:
    """Show the system the kernel's files while its programs run."""
    mounted: list[Path] = []
    try:
        for kind, place in (("proc", "proc"), ("devtmpfs", "dev")):
            shop.run(["mount", "-t", kind, kind, root / place])
            mounted.append(root / place)
        yield
    finally:
        for path in reversed(mounted):
            shop.run(["umount", path])
