import sys
from pathlib import Path

import pytest

# The auditor's script is no package: its folder is where it finds its parts, as when it is run.
sys.path.insert(0, str(Path(__file__).parents[2] / "audit"))
sys.path.insert(0, str(Path(__file__).parent))

from hand_made import Run


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)
