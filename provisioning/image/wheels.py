"""The second step: our wheel, and those of our dependencies for the box, by the hashes of the lock."""

import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from provisioning.image.toolchain import CROSS
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
    words = [f"--platform={tag}" for tag in (*tags, "manylinux2014_aarch64", "linux_aarch64", "any")]
    words += [f"--abi={abi}" for abi in (ABI, "abi3", "none")]
    return [f"--python-version={PYTHON}", "--implementation=cp", *words]


def fetch(shop: Workshop) -> Path:
    """Return the directory of our dependencies' wheels; only those that the cache lacks are downloaded.

    Raises:
        StepFailedError: one cannot be had, or its hash is not the lock's.
    """
    shop.begin("Wheels of the dependencies")
    folder = shop.kept("wheels")
    lock = shop.scratch / "wheels.lock"
    lock.write_text("".join(_without(BUILT)))
    offline = ["--no-index", f"--find-links={folder}"] if _has_all(folder) else []
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", *platforms(), *offline]
    shop.run([*pip("download"), *options, "-d", folder, "-r", lock])
    (folder / ".whole").write_text(LOCK.read_text())
    return folder


def build_gpio(shop: Workshop, toolchain: Path) -> Path:
    """Return the wheel of the GPIO library, built once and kept in the cache.

    Args:
        shop: where it is done.
        toolchain: see ``toolchain.py``.

    Raises:
        StepFailedError: it cannot be built.
    """
    (name,) = BUILT
    entry = entries(LOCK.read_text())[name]
    version = entry.split("==", 1)[1].split()[0]
    built = shop.kept("built")
    wheel = f"{name}-{version}-{ABI}-{ABI}-linux_aarch64.whl"
    if (built / wheel).exists():
        return built / wheel
    shop.begin(f"Building {name} {version} for {ABI}")
    sources = shop.kept("sources")
    lock = shop.scratch / "source.lock"
    lock.write_text(entry)
    options = ["--require-hashes", "--no-deps", "--no-binary=:all:", "--no-build-isolation"]
    # PYPI: the library is linked in, as in the wheels that the project publishes.
    shop.run([*pip("download"), *options, "-d", sources, "-r", lock], env={"PYPI": "1"})
    work = toolchain / "build"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    shop.run(["tar", "-xzf", sources / f"{name}-{version}.tar.gz", "-C", work])
    build = f"cd /build/{name}-{version} && exec python3 setup.py -q bdist_wheel --dist-dir /build/out"
    shop.chroot(toolchain, "env", "PYPI=1", *CROSS, "sh", "-c", build)
    shutil.copyfile(work / "out" / wheel, built / f".{wheel}")
    shutil.rmtree(work)
    (built / f".{wheel}").replace(built / wheel)
    return built / wheel


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
    shop.run([*pip("wheel"), "--no-deps", "--no-build-isolation", "--no-cache-dir", "-w", out, copy])
    shutil.rmtree(copy)
    return next(iter(out.glob("*.whl")))


def pip(verb: str) -> list[str]:
    """Return the beginning of a command of this machine's pip."""
    return [sys.executable, "-m", "pip", verb, "--disable-pip-version-check", "--quiet"]


def _without(names: Iterable[str]) -> list[str]:
    left_out = set(names)
    return [entry for name, entry in entries(LOCK.read_text()).items() if name not in left_out]


def _has_all(folder: Path) -> bool:
    whole = folder / ".whole"
    return whole.exists() and whole.read_text() == LOCK.read_text()
