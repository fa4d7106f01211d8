import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
sys.path.insert(0, str(Path(__file__).parents[1] / "uplink"))
sys.path.insert(0, str(Path(__file__).parent))

from planted import Planted
from sim_desk import every_log


@pytest.fixture(autouse=True)
def quiet() -> Iterator[list[dict[str, object]]]:
    with every_log() as logs:
        yield logs


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return Planted(tmp_path)
