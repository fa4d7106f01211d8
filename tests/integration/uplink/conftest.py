import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

# The office and the center of the unit tests serve here too.
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "uplink"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_uplink import SimOffice


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimOffice]:
    subject = SimOffice.begin(tmp_path / "data")
    yield subject
    subject.close()
