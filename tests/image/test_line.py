"""The line in the machine, whose kernel has all queues: how long the office waits while guests fill it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inside import Visitor
from life import Box, new_box
from province import Province

pytestmark = pytest.mark.soak

SECONDS = 20
TOWN = Visitor((Path(__file__).with_name("line_town.py"),), ("--seconds", str(SECONDS)))
PATIENCE_S = 1_800.0
LARGE = 0.8
"""Of what guests may have they get at least so much: who is held back is not shut out."""


@pytest.fixture(scope="module")
def box(image: Path, folder: Path, province: Province) -> Iterator[Box]:
    subject = new_box(province, image, folder / "line")
    yield subject
    subject.pull_the_plug()


def test_the_office_does_not_wait_for_guests(box: Box, figures: dict[str, Any]) -> None:
    guest = box.switch_on(visitor=TOWN)
    guest.said("snapshot")
    line = guest.said("line.done", PATIENCE_S)
    said = list(guest.lines())

    # The gate's unit may load no modules: the kernel does it when it is asked for a queue.
    unit = guest.said("line.unit")
    assert unit.get("shaper") == "cake", unit
    assert unit["properties"] > 10
    assert {"sch_cake", "sch_htb"} <= set(unit["after"])
    assert {each["kernel"] for name, each in said if name == "line.box"} == {"cake"}

    found = {(each["arm"], each["way"]): each for name, each in said if name == "line.rtt"}
    figures["line"] = list(found.values())
    for way in ("up", "down"):
        alone, shared = found["none", way], found["queues", way]
        for place in ("desk", "box"):
            assert shared[place]["p95_ms"] < alone[place]["p95_ms"] / 3
        # Half of the line is theirs, and within it nobody waits for another one's download.
        theirs = line[f"{way}_kbps"] / 2
        assert theirs * LARGE < shared["guests_kbps"] < theirs * 1.2
        assert shared["guest"]["p95_ms"] < alone["guest"]["p95_ms"]
