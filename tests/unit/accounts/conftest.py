import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_accounts import SimStaff
from sim_desk import every_log


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[dict[str, object]]]:
    with every_log() as lines:
        yield lines


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[SimStaff]:
    """Give a box with a technician, a supervisor and an officer."""
    subject = SimStaff(tmp_path)
    subject.open()
    subject.populate()
    yield subject
    subject.close_all()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SimStaff]:
    """Give a box that nobody has an account on."""
    subject = SimStaff(tmp_path)
    subject.open()
    yield subject
    subject.close_all()
