"""A small image as the image builder makes it: a FAT partition with files, and one more."""

import os
import shutil
import subprocess
from pathlib import Path

SECTOR = 512
FAT_START, FAT_SECTORS = 2048, 16384
ROOT_START, ROOT_SECTORS = 18432, 4096
TOOLS = ("sfdisk", "mkfs.vfat", "mcopy")


def make(folder: Path) -> Path:
    """Make it in a folder; return its path."""
    for tool in TOOLS:
        assert shutil.which(tool), f"{tool} is missing: bash provisioning/test-packages.sh"
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
    """Run a program that must succeed; return what it prints."""
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
