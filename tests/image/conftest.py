"""Fixtures of the image's tests: the image that was built, a province, kept figures."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The staff fill in forms as the tests of the pages do.
sys.path.append(str(Path(__file__).parents[1] / "unit" / "web"))
sys.path.insert(0, str(Path(__file__).parent))

import machine
from crash_points_run import commit
from province import Province

OUT = Path(os.environ.get("MOTCUA_FIGURES", "build/image-test"))


@pytest.fixture(scope="session")
def image() -> Path:
    """The image; ``make image`` builds it."""
    missing = machine.missing_tools()
    assert not missing, f"these programs are missing, see provisioning/test-packages.sh: {missing}"
    path = Path(os.environ.get("MOTCUA_IMAGE", "build/image/motcua-office.img"))
    assert path.exists(), f"{path} does not exist: run make image"
    return path.resolve()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("image")


@pytest.fixture(scope="session")
def province(folder: Path) -> Iterator[Province]:
    subject = Province(folder / "province")
    yield subject
    subject.close()


@pytest.fixture(scope="session")
def figures(image: Path) -> Iterator[dict[str, object]]:
    """What is measured on the way; printed at the end and kept (``OUT``) with what other workers saw."""
    packed = image.with_suffix(".img.zst")
    size = packed.stat().st_size >> 20 if packed.exists() else None
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    found: dict[str, object] = {"commit": commit(), "run": run, "packed_mib": size}
    yield found
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "image.json").open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        kept = json.loads(file.read() or "{}")
        merged = {**kept, **found} if kept.get("run") == run else found
        text = json.dumps(merged, ensure_ascii=False, indent=1)
        file.truncate(0)
        file.write(text + "\n")
    print(f"\n{text}")
