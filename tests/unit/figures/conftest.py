import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hand_day import HandDay


@pytest.fixture
def day():
    """A business day on which nothing has happened yet."""
    return HandDay()
