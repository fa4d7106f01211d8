import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# The small image that cards are made of there serves here too.
sys.path.insert(0, str(Path(__file__).parents[1] / "cards"))

import small_image

os.environ["PATH"] += ":/usr/sbin:/sbin"


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_image.make(tmp_path_factory.mktemp("image"))
