import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))

from sim_desk import SimBox, every_log


@pytest.fixture(autouse=True)
def quiet() -> Iterator[list[dict[str, object]]]:
    with every_log() as logs:
        yield logs


@pytest.fixture
def box(tmp_path: Path) -> Iterator[SimBox]:
    """Give a box whose desk runs."""
    subject = SimBox(tmp_path)
    subject.start()
    yield subject
    subject.stop()
