import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_desk import SimBox, every_log
from sim_hall import SimHall


@pytest.fixture(autouse=True)
def quiet() -> Iterator[list[dict[str, object]]]:
    with every_log() as logs:
        yield logs


@pytest.fixture
def box(tmp_path: Path) -> Iterator[SimBox]:
    subject = SimBox(tmp_path)
    subject.start()
    yield subject
    subject.stop()


@pytest.fixture
def unopened(box: SimBox) -> Iterator[SimHall]:
    """Give a hall whose pins are not taken yet."""
    subject = SimHall(box)
    yield subject
    subject.close()


@pytest.fixture
def hall(unopened: SimHall) -> SimHall:
    unopened.open()
    return unopened
