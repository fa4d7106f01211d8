"""The second step: our wheel, and those of our dependencies for the box, by the hashes of the lock."""

import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from provisioning.image.base import mmdebstrap
from provisioning.image.mirrors import Mirrors
from provisioning.image.packages import COMPILERS
from provisioning.image.workshop import Workshop

LOCK: Final = Path(__file__).with_name("arm64.lock")
PYTHON: Final = "3.13"
ABI: Final = "cp313"
# What has no wheel for that Python and is built from its source.
BUILT: Final = ("lgpio",)

_GLIBC: Final = 41  # of the suite: 2.41
_OLDEST_GLIBC: Final = 17
_TREE: Final = ("appliance", "center", "hardware", "provisioning")


def entries(lock: str) -> dict[str, str]:
    """Return the entries of a lock by the name of the package."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        name, _, _ = entry.partition("==")
        found[name] = entry + "\n"
    return found


def platforms() -> list[str]:
    """Return pip's options for wheels that run on the box."""
    tags = [f"manylinux_2_{minor}_aarch64" for minor in range(_GLIBC, _OLDEST_GLIBC - 1, -1)]
    words = [f"--platform={tag}" for tag in [*tags, "manylinux2014_aarch64", "any"]]
    words += [f"--abi={abi}" for abi in (ABI, "abi3", "none")]
    return [f"--python-version={PYTHON}", "--implementation=cp", *words]


def fetch(shop: Workshop) -> Path:
    """Return the directory of our dependencies' wheels; only those that the cache lacks are downloaded.

    Raises:
        StepFailedError: one cannot be had, or its hash is not the lock's.
    """
    shop.begin("Wheels of the dependencies")
    folder = shop.cache / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    lock = shop.scratch / "wheels.lock"
    lock.write_text("".join(_without(BUILT)))
    offline = ["--no-index", f"--find-links={folder}"] if _has_all(folder) else []
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", *platforms(), *offline]
    shop.run([*_pip("download"), *options, "-d", folder, "-r", lock])
    (folder / ".whole").write_text(LOCK.read_text())
    return folder


def build_gpio(shop: Workshop, mirrors: Mirrors) -> Path:
    """Return the wheel of the GPIO library, built on arm64 once and kept in the cache.

    Raises:
        StepFailedError: it cannot be built.
    """
    (name,) = BUILT
    entry = entries(LOCK.read_text())[name]
    version = entry.split("==", 1)[1].split()[0]
    built = shop.cache / "built"
    built.mkdir(parents=True, exist_ok=True)
    pattern = f"{name}-{version}-{ABI}-*aarch64.whl"
    kept = next(iter(sorted(built.glob(pattern))), None)
    if kept is not None:
        return kept
    shop.begin(f"Building {name} {version} for {ABI} (about 10 minutes, once)")
    sources = shop.cache / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    lock = shop.scratch / "source.lock"
    lock.write_text(entry)
    options = ["--require-hashes", "--no-deps", "--no-binary=:all:", "--no-build-isolation"]
    # PYPI: the library is linked in, as in the wheels that the project publishes.
    shop.run([*_pip("download"), *options, "-d", sources, "-r", lock], env={"PYPI": "1"})
    source = f"{name}-{version}.tar.gz"
    build = (
        f'chroot "$1" env PYPI=1 HOME=/tmp SOURCE_DATE_EPOCH={shop.epoch_s} python3 -m pip wheel --no-index '
        f"--no-deps --no-build-isolation --no-cache-dir -w /tmp/out /tmp/{source}"
    )
    hooks = [f"copy-in {sources / source} /tmp", build, f"sync-out /tmp/out {built}"]
    shop.run(mmdebstrap(shop.scratch / "compilers", COMPILERS, mirrors, shop.cache / "debs", hooks))
    shutil.rmtree(shop.scratch / "compilers")
    return next(iter(sorted(built.glob(pattern))))


def build_own(shop: Workshop) -> Path:
    """Return our own wheel, from a copy of the source tree.

    Raises:
        StepFailedError: it cannot be built.
    """
    shop.begin("Our own wheel")
    copy, out = shop.scratch / "source", shop.scratch / "own"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(shop.source / name, copy / name)
    for name in _TREE:
        shutil.copytree(shop.source / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shop.run([*_pip("wheel"), "--no-deps", "--no-build-isolation", "--no-cache-dir", "-w", out, copy])
    shutil.rmtree(copy)
    return next(iter(out.glob("*.whl")))


def _pip(verb: str) -> list[str]:
    return [sys.executable, "-m", "pip", verb, "--disable-pip-version-check", "--quiet"]


def _without(names: Iterable[str]) -> list[str]:
    left_out = set(names)
    return [entry for name, entry in entries(LOCK.read_text()).items() if name not in left_out]


def _has_all(folder: Path) -> bool:
    whole = folder / ".whole"
    return whole.exists() and whole.read_text() == LOCK.read_text()
