import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "unit"
for folder in (UNIT / "desk", UNIT / "web", Path(__file__).parent):
    sys.path.insert(0, str(folder))

from sim_phone import SimPhone


@pytest.fixture
def subject(tmp_path: Path) -> Iterator[SimPhone]:
    phone = SimPhone(tmp_path)
    yield phone
    phone.close()
