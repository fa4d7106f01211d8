"""What a technician without a login does with card and stick: a box dies, a spare goes on, and is reset.

One story in the order of this file.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cards import COMMUNES, make
from guest_presses import HALL
from life import Box, new_box, until
from machine import new_stick, read_fat, write_fat
from province import Province

pytestmark = pytest.mark.soak

STICK = '\n[backup]\ndir = "/media/motcua"\n'
RESTORE = '\n[restore]\nfrom = "usb"\n'


@pytest.fixture(scope="module")
def own_province(folder: Path) -> Iterator[Province]:
    subject = Province(folder / "own-province")
    yield subject
    subject.close()


@pytest.fixture(scope="module")
def stick(folder: Path) -> Path:
    return new_stick(folder / "stick.img")


@pytest.fixture(scope="module")
def spare(image: Path, folder: Path, own_province: Province) -> Iterator[Box]:
    """Another box for the same device, with a new claim, whose card asks for the stick."""
    table = make(own_province, image, folder / "spare-table", COMMUNES[:1])
    [device] = table.devices
    table.put(device, "motcua.toml", table.text(device) + RESTORE)
    box = Box.insert(device, table.image(device), folder / "spare")
    yield box
    box.pull_the_plug()


def test_a_stick_follows_a_box_that_dies(
    image: Path, folder: Path, own_province: Province, stick: Path
) -> None:
    box = new_box(own_province, image, folder / "old", HALL + STICK)
    device = box.device
    try:
        guest = box.switch_on(stick=stick)
        guest.said("snapshot")
        guest.press("issue.1")
        guest.event("ticket.issued")
        until(lambda: own_province.stored(device), "the box's events at the center")
        until(lambda: _issued(stick, guest.said("snapshot"), device) == 1, "the number on the stick")
    finally:
        box.pull_the_plug()


def test_a_spare_without_its_stick_asks_for_it(spare: Box) -> None:
    guest = spare.switch_on()
    guest.wait_for(r"Started .*motcua-office\.service")
    staff = spare.staff()
    assert "hãy cắm USB sao lưu rồi bật lại" in staff.first_page()
    staff.close()
    spare.pull_the_plug()
    assert "hãy cắm USB sao lưu rồi bật lại" in read_fat(spare.card, "KETQUA.txt")


def test_with_it_the_numbers_go_on(spare: Box, own_province: Province, stick: Path) -> None:
    guest = spare.switch_on(stick=stick)
    guest.said("snapshot")
    guest.press("issue.1")
    _, issued = guest.event("ticket.issued")
    assert issued["data"]["label"] == "A002"
    assert guest.said("failed") == []
    until(lambda: len(own_province.stored(spare.device)) == 2, "both epochs at the center")
    spare.pull_the_plug()
    result = read_fat(spare.card, "KETQUA.txt")
    assert "ĐÃ KHÔI PHỤC TỪ USB" in result, result
    assert "người đang chờ: 1" in result, result


def test_a_file_on_the_card_resets_it(spare: Box) -> None:
    write_fat(spare.card, "motcua-reset.txt", f"{spare.device}\r\n")
    guest = spare.switch_on()
    guest.wait_for(r"Started .*motcua-office\.service")
    staff = spare.staff()
    assert "motcua.toml" in staff.first_page()
    staff.close()
    spare.pull_the_plug()
    result = read_fat(spare.card, "KETQUA.txt")
    assert f"ĐÃ ĐẶT LẠI: trước đó thiết bị là {spare.device}." in result, result
    assert read_fat(spare.card, "motcua-reset.txt") == ""
    assert "KETQUA.txt" in read_fat(spare.card, "motcua-da-dat-lai.txt")


def _issued(stick: Path, snapshot: dict[str, Any], device: str) -> int:
    """Return how many numbers are on a stick that is in a machine."""
    path = f"::motcua-backup/{device}/{snapshot['epoch']}.ndjson"
    done = subprocess.run(["mtype", "-i", stick, path], check=False, capture_output=True)
    return done.stdout.count(b'"ticket.issued"')
