"""The hall's screen in the machine: the browser draws the office's page there, and follows the hall."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from guest_presses import HALL
from life import Box, new_box, until
from machine import Picture
from province import Province

pytestmark = pytest.mark.soak

PATIENCE_S = 600.0
"""A browser begins in a minute and a half in a fast emulation."""
LOOK_S = 5.0
COLORS = 24
"""A page has letters with soft edges; an empty screen and a console have few colors."""


@pytest.fixture(scope="module")
def box(image: Path, folder: Path, province: Province) -> Iterator[Box]:
    subject = new_box(province, image, folder / "screen", HALL)
    yield subject
    subject.pull_the_plug()


def test_the_page_is_drawn_and_follows_the_hall(box: Box, folder: Path) -> None:
    guest = box.switch_on(has_screen=True, memory_mib=1536)
    guest.said("snapshot")

    def page() -> Picture | None:
        picture = guest.picture(folder / "screen.ppm")
        return picture if picture is not None and len(picture.colors()) >= COLORS else None

    first = until(page, "a page on the screen", wait_s=PATIENCE_S, pause_s=LOOK_S)
    guest.press("issue.1")
    guest.event("ticket.issued")

    def other() -> Picture | None:
        picture = page()
        return picture if picture is not None and picture.pixels != first.pixels else None

    assert until(other, "another picture", wait_s=PATIENCE_S, pause_s=LOOK_S).size == first.size
    assert guest.said("failed") == []
