import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "desk"))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "web"))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "public"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_phone import SimPhone


@pytest.fixture
def subject(tmp_path: Path) -> Iterator[SimPhone]:
    phone = SimPhone(tmp_path)
    yield phone
    phone.close()
