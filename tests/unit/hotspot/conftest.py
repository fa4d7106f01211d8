"""What the tests of the gate share."""

import importlib.util
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[2] / "golden" / "hotspot"


@pytest.fixture(scope="session")
def golden():
    """The module that renders the golden files."""
    spec = importlib.util.spec_from_file_location("hotspot_golden", GOLDEN / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
