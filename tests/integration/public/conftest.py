import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "desk"))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "web"))
sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "public"))
sys.path.insert(0, str(Path(__file__).parent))

from sim_phone import SimPhone

from appliance.public import callers


@pytest.fixture
def subject(tmp_path: Path) -> Iterator[SimPhone]:
    phone = SimPhone(tmp_path)
    yield phone
    phone.close()


@pytest.fixture
def slow_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give back what was asked for so slowly that a busy machine, too, comes to its end."""
    for name in ("PAGES", "CHANGES", "GUESSES"):
        monkeypatch.setattr(callers, name, replace(getattr(callers, name), per_s=0.01))
