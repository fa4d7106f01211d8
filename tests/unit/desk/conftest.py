import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sim_desk import SimBox, every_log


@pytest.fixture(autouse=True)
def quiet() -> Iterator[list[dict[str, object]]]:
    with every_log() as logs:
        yield logs


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[SimBox]:
    """Give a box whose program is not running yet."""
    subject = SimBox(tmp_path)
    yield subject
    subject.stop()


@pytest.fixture
def box(stopped: SimBox) -> SimBox:
    stopped.start()
    return stopped
