"""The first step: Debian's part of the system, made once for a list of packages and kept in the cache."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from provisioning.image.mirrors import KEYRING, Mirrors
from provisioning.image.packages import ARCHITECTURE, DPKG_OPTIONS, INITRAMFS, SUITE
from provisioning.image.workshop import Workshop

ARCHIVES: Final = "/var/cache/apt/archives"
_APT: Final = (
    'APT::Keep-Downloaded-Packages "true"',
    'APT::Install-Recommends "false"',
    'Acquire::Languages "none"',
)


def base_name(packages: Sequence[str]) -> str:
    """Return the name of the base system's archive in the cache: it follows from what is in it."""
    files = [f"{path}:{text}" for path, text in sorted(INITRAMFS.items())]
    plan = "\n".join([SUITE, ARCHITECTURE, *_APT, *DPKG_OPTIONS, *files, *sorted(packages)])
    return f"base-{hashlib.sha256(plan.encode()).hexdigest()[:16]}.tar"


def mmdebstrap(
    target: Path,
    packages: Sequence[str],
    mirrors: Mirrors,
    debs: Path,
    unpacked_for: Sequence[str] = (),
) -> list[str]:
    """Return the command that makes a system.

    Args:
        target: an archive when it ends in ``.tar``, else a directory.
        packages: beyond the smallest Debian.
        mirrors: where they come from.
        debs: directory of packages already fetched; new ones are added.
        unpacked_for: architectures of a tree that is only unpacked, never set up; else one of the box.
    """
    leave = [f"sync-out {ARCHIVES} {debs}", f'rm -rf "$1"{ARCHIVES}/*.deb "$1"{ARCHIVES}/partial']
    return [
        "mmdebstrap",
        "--mode=root",
        f"--variant={'extract' if unpacked_for else 'minbase'}",
        f"--format={'tar' if target.suffix == '.tar' else 'directory'}",
        f"--architectures={','.join(unpacked_for or (ARCHITECTURE,))}",
        f"--keyring={KEYRING}",
        f"--include={','.join(sorted(packages))}",
        *(f"--aptopt={option}" for option in _APT),
        *(f"--dpkgopt={option}" for option in DPKG_OPTIONS if not unpacked_for),
        "--skip=download/empty,essential/unlink,cleanup/apt/cache",
        f'--setup-hook=mkdir -p "$1{ARCHIVES}"',
        f"--setup-hook=sync-in {debs} {ARCHIVES}",
        *(f"--setup-hook={hook}" for hook in _written(INITRAMFS) if not unpacked_for),
        *(f"--customize-hook={hook}" for hook in leave),
        SUITE,
        str(target),
        *mirrors.lines(),
    ]


def _written(files: Mapping[str, str]) -> list[str]:
    """Return hooks that put files into a system before its packages come."""
    return [
        f'mkdir -p "$(dirname "$1/{path}")" && printf %s {shlex.quote(text)} > "$1/{path}"'
        for path, text in files.items()
    ]


def make_base(shop: Workshop, packages: Sequence[str], mirrors: Mirrors, *, is_fresh: bool) -> Path:
    """Return the archive of the base system, from the cache unless a fresh one is wanted.

    Raises:
        StepFailedError: it could not be made; a half-made one is not kept.
    """
    kept = shop.cache / base_name(packages)
    if kept.exists() and not is_fresh:
        shop.begin(f"Debian {SUITE}: from the cache ({kept.name})")
        return kept
    shop.begin(f"Debian {SUITE}: {len(packages)} packages and what they need (about 12 minutes)")
    making = shop.scratch / "base.tar"
    shop.run(mmdebstrap(making, packages, mirrors, shop.kept("debs")))
    making.replace(kept)
    return kept
