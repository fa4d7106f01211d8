import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from sim_staff import SimStaff


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[SimStaff]:
    subject = SimStaff(tmp_path)
    yield subject
    subject.close()
