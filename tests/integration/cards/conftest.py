import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# The certificates of the unit tests serve here too.
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "firstboot"))

import small_image

# Debian keeps them where not everybody looks.
os.environ["PATH"] += ":/usr/sbin:/sbin"


@pytest.fixture(scope="session")
def image(tmp_path_factory) -> Path:
    """A small image as the image builder makes it: a FAT partition with files, and one more."""
    return small_image.make(tmp_path_factory.mktemp("image"))


@pytest.fixture(name="run")
def run_fixture():
    """Runs a program that must succeed and returns what it prints."""
    return small_image.run
