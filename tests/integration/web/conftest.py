import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "desk"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_api import SimApi
from sim_desk import every_log


@pytest.fixture(autouse=True)
def quiet() -> Iterator[list[dict[str, object]]]:
    with every_log() as logs:
        yield logs


@pytest.fixture
def unserved(tmp_path: Path) -> Iterator[SimApi]:
    """Give the API without its socket, for what does not depend on it."""
    subject = SimApi(tmp_path, tmp_path / "none", is_served=False)
    yield subject
    subject.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[SimApi]:
    # A socket's path is at most 108 bytes; pytest's own folders can be longer.
    with tempfile.TemporaryDirectory(prefix="motcua-") as short:
        subject = SimApi(tmp_path, Path(short) / "office.sock")
        yield subject
        subject.close()
