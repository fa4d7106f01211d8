import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

sys.path.insert(0, str(Path(__file__).parent))

from sim_uplink import SimCenter, SimOffice


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimOffice]:
    subject = SimOffice.begin(tmp_path / "data")
    yield subject
    subject.close()


@pytest.fixture
def center() -> SimCenter:
    return SimCenter()
