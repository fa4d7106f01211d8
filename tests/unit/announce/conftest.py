import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))

from sim_desk import every_log


@pytest.fixture(autouse=True)
def quiet() -> Iterator[list[dict[str, object]]]:
    with every_log() as logs:
        yield logs
