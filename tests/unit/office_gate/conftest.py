import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_desk import SimBox, every_log
from sim_gate import SimGate


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
def far() -> Iterator[SimGate]:
    """Give a gate that does not run yet; its folder is one whose name fits a socket's."""
    folder = Path(tempfile.mkdtemp(prefix="gate-"))
    subject = SimGate(folder)
    yield subject
    subject.close()
    shutil.rmtree(folder)
