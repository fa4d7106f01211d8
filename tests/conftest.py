"""What every test shares: where the instruments of ``tests/e2e`` are, quiet logs, one Hypothesis profile."""

import os
import sys
from pathlib import Path

import hypothesis
import pytest

from appliance.logs import configure

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

# Two busy cores: an example may be slow without anything being wrong.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
configure("error")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def environment() -> dict[str, str]:
    """What a subprocess of ours needs to find the packages."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}
