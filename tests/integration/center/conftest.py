import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "center"))

from running_center import Running


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running.start(tmp_path) as subject:
        yield subject
