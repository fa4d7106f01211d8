import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SECTOR = 512
FAT_START, FAT_SECTORS = 2048, 16384
ROOT_START, ROOT_SECTORS = 18432, 4096
TOOLS = ("sfdisk", "mkfs.vfat", "mcopy")

# Debian keeps them where not everybody looks.
os.environ["PATH"] += ":/usr/sbin:/sbin"
# The certificates of the unit tests serve here too.
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "firstboot"))


@pytest.fixture(scope="session")
def image(tmp_path_factory) -> Path:
    """A small image as the image builder makes it: a FAT partition with files, and one more."""
    for tool in TOOLS:
        assert shutil.which(tool), f"{tool} is missing: bash provisioning/test-packages.sh"
    folder = tmp_path_factory.mktemp("image")
    path, fat, kernel = folder / "motcua.img", folder / "fat", folder / "kernel"
    with path.open("wb") as file:
        file.truncate((ROOT_START + ROOT_SECTORS) * SECTOR)
    table = (
        f"label: dos\nstart={FAT_START},size={FAT_SECTORS},type=c\n"
        f"start={ROOT_START},size={ROOT_SECTORS},type=83\n"
    )
    run("sfdisk", "-q", path, data=table.encode())
    run("mkfs.vfat", "-C", fat, str(FAT_SECTORS * SECTOR // 1024))
    kernel.write_bytes(os.urandom(1_000_000))
    run("mcopy", "-i", fat, kernel, "::kernel8.img")
    with path.open("r+b") as file:
        file.seek(FAT_START * SECTOR)
        file.write(fat.read_bytes())
        file.seek(ROOT_START * SECTOR)
        file.write(os.urandom(ROOT_SECTORS * SECTOR))
    return path


def run(*command: object, data: bytes | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        input=data,
        capture_output=True,
        check=False,
        timeout=120,
        cwd=cwd,
        env={**os.environ, "MTOOLSRC": os.devnull},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(name="run")
def run_fixture():
    """Runs a program that must succeed and returns what it prints."""
    return run
