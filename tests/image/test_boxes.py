"""Boxes made from the image and a list: ten cards are written, and three of them meet a poor start."""

import csv
import re
from pathlib import Path

import cards
import pytest
from life import Box, health_with, until
from machine import read_fat
from province import Province

from appliance.firstboot import loads


@pytest.fixture(scope="module")
def table(image: Path, folder: Path, province: Province) -> cards.Cards:
    """Ten cards of a list, as the technician's command left them."""
    return cards.make(province, image, folder / "table")


def test_ten_cards_of_a_list_are_whole(table: cards.Cards) -> None:
    with (table.folder / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        results = {row["device"]: row["result"] for row in csv.DictReader(file)}
    assert results == dict.fromkeys(table.devices, "ok")
    assert len(results) == 10
    for device in table.devices:
        card = loads(table.text(device).encode())
        assert card.device.id == device
        assert card.center.claim is not None
        assert card.center.claim.startswith(f"{device}.")
        assert table.code(device) not in table.text(device)
    assert (table.folder / "labels.pdf").read_bytes().startswith(b"%PDF")
    assert len({table.code(device) for device in table.devices}) == 10


def test_without_a_network_the_office_is_open(table: cards.Cards, folder: Path) -> None:
    device = table.devices[1]
    box = Box.insert(device, table.image(device), folder / "no-network")
    try:
        guest = box.switch_on(has_network=False)
        guest.said("snapshot")
        guest.press("issue.1")
        guest.event("ticket.issued")
        guest.press("rating.1.1")
        guest.event("rating.given", level=1)
        assert guest.said("failed") == []
    finally:
        box.pull_the_plug()
    assert "KẾT QUẢ: ĐÃ THIẾT LẬP" in read_fat(box.card, "KETQUA.txt")


def test_a_wrong_claim_is_said_and_the_office_is_open(
    table: cards.Cards, province: Province, folder: Path
) -> None:
    device = table.devices[2]
    text = re.sub(
        r'claim = "([^."]+)\.[^"]+"', r'claim = "\1.KhongPhaiMaDangKyDung0000000000"', table.text(device)
    )
    table.put(device, "motcua.toml", text)
    box = Box.insert(device, table.image(device), folder / "wrong-claim")
    try:
        guest = box.switch_on()
        guest.said("snapshot")
        guest.press("rating.1.3")
        guest.event("rating.given", level=3)
        staff = box.staff()
        staff.set_up(table.code(device))
        health = until(lambda: health_with(staff, "not_enrolled"), "the refused claim in health")
        assert "detail_vi" in str(health)
        assert province.stored(device) == {}
        staff.close()
    finally:
        box.pull_the_plug()


def test_a_card_that_says_nothing_is_setup_mode(image: Path, folder: Path) -> None:
    box = Box.insert("none", image, folder / "empty")
    try:
        guest = box.switch_on()
        guest.wait_for(r"Started .*motcua-office\.service")
        staff = box.staff()
        page = staff.first_page()
        assert "motcua.toml" in page
        assert "thiết lập" in page
        staff.close()
    finally:
        box.pull_the_plug()
    assert "CHƯA THIẾT LẬP" in read_fat(box.card, "KETQUA.txt")
