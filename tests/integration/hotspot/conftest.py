"""Towns for the tests of the gate; they need root and the engines, and say so where they are skipped."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from town import Town, missing

ROOT = Path(__file__).parents[3]
BASE = (ROOT / "tests/unit/config/base.toml").read_text(encoding="utf-8")
HOTSPOT = """[hotspot]
enabled = true
radio = "external"
interface = "wlan0"
quota_mib = 10
walled_garden = ["dichvucong.example"]
classes = [{ id = "basic", down_kbps = 1000000, up_kbps = 1000000 }]
"""


def pytest_collection_modifyitems(items):
    reason = missing()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.timeout(400))
            item.add_marker(pytest.mark.xdist_group("hotspot"))
            if reason:
                item.add_marker(pytest.mark.skip(reason=f"hotspot in namespaces: {reason}"))


@pytest.fixture(scope="module")
def build():
    """Makes towns, started unless told otherwise; ends them."""
    made = []

    def town(more="", *, is_started=True, without=None):
        lines = [line for line in HOTSPOT.splitlines() if without is None or not line.startswith(without)]
        config = BASE.replace("[hardware]", "\n".join((*lines, more, "[hardware]")), 1)
        # Not below pytest's own directory, which is nobody else's: the gate runs without root.
        made.append(Town(Path(tempfile.mkdtemp(prefix="motcua-town-")), config))
        if is_started:
            made[-1].start()
        return made[-1]

    yield town
    for each in made:
        each.close()
        shutil.rmtree(each.folder, ignore_errors=True)
