"""Compilers of the suite that run on this machine as it is: what they make needs no emulation to be made.

The tree is unpacked and never set up; programs are started in it by chroot. Bytecode is the same on
every architecture for one Python, and the C compiler makes code for the box.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from provisioning.image.base import mmdebstrap
from provisioning.image.mirrors import Mirrors
from provisioning.image.packages import ARCHITECTURE, SUITE
from provisioning.image.workshop import Workshop

_EVERYWHERE: Final = (
    "base-files",
    "coreutils",
    "dash",
    "python3",
    "python3-setuptools",
    "python3-wheel",
    "swig",
)
_BY_MACHINE: Final = {
    "x86_64": (
        ("amd64", ARCHITECTURE),
        ("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", f"libpython3.13-dev:{ARCHITECTURE}"),
    ),
    "aarch64": ((ARCHITECTURE,), ("gcc", "libc6-dev", "libpython3.13-dev")),
}
CROSS: Final = (
    "CC=aarch64-linux-gnu-gcc",
    "LDSHARED=aarch64-linux-gnu-gcc -shared",
    "_PYTHON_HOST_PLATFORM=linux-aarch64",
    "_PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__aarch64-linux-gnu",
)
"""What makes the suite's Python build extensions for the box, whatever it runs on."""


def make_toolchain(shop: Workshop, mirrors: Mirrors) -> Path:
    """Return the tree, from the cache where it is there.

    Raises:
        StepFailedError: it could not be made; a half-made one is not kept.
    """
    architectures, more = _BY_MACHINE[os.uname().machine]
    packages = (*_EVERYWHERE, *more)
    plan = " ".join([SUITE, *architectures, *packages])
    kept = shop.cache / f"toolchain-{hashlib.sha256(plan.encode()).hexdigest()[:16]}"
    if kept.exists():
        return kept
    shop.begin("Compilers")
    making = shop.cache / ".toolchain"
    shutil.rmtree(making, ignore_errors=True)
    shop.run(mmdebstrap(making, packages, mirrors, shop.kept("debs"), architectures))
    making.rename(kept)
    return kept


def compile_python(shop: Workshop, toolchain: Path, tree: Path) -> None:
    """Compile all Python below a directory, in place.

    The root file system is never written: what is compiled is compiled here, and then trusted.

    Args:
        shop: where it is done.
        toolchain: made by :func:`make_toolchain`.
        tree: the directory, as ``opt/motcua`` of a system; its place below ``/opt`` is what tracebacks name.

    Raises:
        StepFailedError: something cannot be compiled, or mounted.
    """
    place = toolchain / "opt" / tree.name
    place.mkdir(parents=True, exist_ok=True)
    shop.run(["mount", "--bind", tree, place])
    try:
        how = ("--invalidation-mode", "unchecked-hash")
        shop.chroot(toolchain, "python3", "-m", "compileall", "-q", *how, f"/opt/{tree.name}/lib")
    finally:
        shop.run(["umount", place])
