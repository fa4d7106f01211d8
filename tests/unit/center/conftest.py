import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

sys.path.insert(0, str(Path(__file__).parent))

from sim_center import Center
from sim_center_device import SimDevice


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    subject = Center(tmp_path)
    yield subject
    subject.store.close()


@pytest.fixture
def box(center: Center) -> SimDevice:
    return center.enrolled()
