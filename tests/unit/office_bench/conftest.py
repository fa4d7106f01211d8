import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_bench import SimBench
from sim_desk import every_log


@pytest.fixture(autouse=True)
def quiet() -> Iterator[list[dict[str, object]]]:
    with every_log() as logs:
        yield logs


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SimBench]:
    """Give the bench of a box with mock pins."""
    subject = SimBench(tmp_path)
    yield subject
    subject.close()
