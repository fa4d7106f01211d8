import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from provisioning.demo import glyphs
from provisioning.demo.picture import (
    CounterCard,
    Devices,
    Door,
    Doors,
    Hint,
    Lamp,
    Level,
    Line,
    Login,
    News,
    Picture,
    RatingRow,
    Receipt,
    Record,
)
from provisioning.demo.view import draw

PICTURE = Picture(
    office="Trung tâm Phục vụ hành chính công",
    day="2026-11-22",
    clock="09:31:05",
    quality="synced",
    counters=(
        CounterCard("Quầy 1", "open", "A012", "CALLED", 67, "Hộ tịch"),
        CounterCard("Quầy 2", "open", "B003", "SERVING", 5, "Đất đai"),
        CounterCard("Quầy 3", "closed"),
    ),
    lines=(
        Line("A", "Hộ tịch – Chứng thực", ("A013", "A014"), 14),
        Line("B", "Đất đai – Xây dựng", (), 3),
    ),
    levels=(
        Level("Không hài lòng", "#c62828"),
        Level("Hài lòng", "#f9a825"),
        Level("Rất hài lòng", "#2e7d32"),
    ),
    ratings=(
        RatingRow("Quầy 1", (1, 2, 30), {"unbound": 4, "burst": 5}),
        RatingRow("Quầy 2", (0, 0, 7), {"corrected": 6}, is_fresh=True),
    ),
    devices=Devices(
        panel="A012 1",
        panel_plugged=True,
        keypad_waiting="  2",
        keypad_ticket="012",
        keypad_acks=9,
        lamps=(Lamp("Quầy 1", is_on=True), Lamp("Quầy 2", is_on=False)),
        buzzer=Lamp("Còi", is_on=True),
        beeps=41,
    ),
    record=Record(
        seq=128,
        head="deadbeef" * 8,
        epoch="01a20124-bf73-7a14-ac75-0b0926c39a31",
        recording_stopped=None,
        enrolled=True,
        mark=126,
        unreceipted=2,
        receipt_age_s=3,
        next_s=4,
        error=None,
        center="up",
        receipts=(Receipt("09:31:02", 126, 6),),
    ),
    issues=("bảng LED không trả lời (Quầy 1) · panel does not answer",),
    news=(
        News("09:30:59", "A012 lấy số", "took a number"),
        News("09:31:02", "A012 được gọi đến Quầy 1", "called"),
    ),
    hints=(Hint("1–4", "lấy số", "bấm nút lấy số", "take a number"), Hint("x", "thoát", "thoát", "quit")),
)
ESSENTIAL = (
    "Trung tâm Phục vụ", "09:31:05", "giờ chuẩn", "nối tỉnh",
    "Quầy 1", "mời đến · called 1:07", "đang làm · serving 0:05", "đóng · closed",
    "A013 A014", "2 chờ / 17 số",
    "  2│012", "nhận 9", "Quầy 1 ●", "Quầy 2 ○", "Còi ♪ 41",
    "#128", "deadbeef", "01a20124", "#126", "còn 2", "0:03", "4s",
    "! bảng LED không trả lời", "09:31:02 A012 được gọi đến Quầy 1", "09:30:59 A012 lấy số",
    "1–4", "lấy số", "thoát",
)  # fmt: skip


def shown(picture: Picture, width: int, height: int) -> str:
    console = Console(record=True, width=width, height=height, file=io.StringIO(), color_system=None)
    console.print(draw(picture, width, height), end="")
    text = console.export_text()
    assert len(text.splitlines()) <= height
    return text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (120, 40), (200, 60)])
def test_every_fact_that_matters_is_shown(width: int, height: int) -> None:
    text = shown(PICTURE, width, height)
    assert [fact for fact in ESSENTIAL if fact not in text] == []
    for row in glyphs.big("A012 1") + glyphs.big("B003"):
        assert row.rstrip() in text


def test_small_screen_sums_the_flags() -> None:
    text = shown(PICTURE, 80, 24)
    assert re.search(r"Quầy 1 +1 +2 +30 *│", text)
    assert "chưa gắn 4" in text
    assert "dồn 5" in text
    assert "sửa 6" in text


def test_large_screen_has_flags_by_counter_receipts_and_english() -> None:
    text = shown(PICTURE, 120, 40)
    assert re.search(r"Quầy 1 +1 +2 +30 +4 +0 +5 +0 +0", text)
    assert re.search(r"Quầy 2 +0 +0 +7 +0 +0 +0 +0 +6", text)
    assert "09:31:02 đến #126 (+6)" in text
    assert "took a number" in text
    assert "Hộ tịch – Chứng" in text
    assert "Rất hài lòng" in text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_what_is_wrong_is_shown(width: int, height: int) -> None:
    devices = replace(PICTURE.devices, panel_plugged=False)
    record = replace(PICTURE.record, center="down", error="không nối được", recording_stopped="thẻ đầy")
    text = shown(replace(PICTURE, devices=devices, record=record, is_paused=True), width, height)
    for fact in ("RÚT DÂY", "mất đường lên tỉnh", "NGỪNG GHI SỔ: thẻ đầy", "TẠM DỪNG"):
        assert fact in text
    assert "không nối được" not in text
    assert "không nối được" in shown(replace(PICTURE, record=replace(record, center="up")), width, height)


def test_note_of_the_last_key_is_shown() -> None:
    assert "không được xác nhận" in shown(replace(PICTURE, note="Gọi số: không được xác nhận"), 80, 24)


def test_before_enrollment_it_says_so() -> None:
    record = replace(PICTURE.record, enrolled=False, receipt_age_s=None, next_s=None)
    assert "Đang đăng ký" in shown(replace(PICTURE, record=record), 80, 24)


def test_before_the_first_receipt_there_is_no_age() -> None:
    record = replace(PICTURE.record, receipt_age_s=None, next_s=None, unreceipted=None)
    text = shown(replace(PICTURE, record=record), 80, 24)
    assert "Nhận cách đây –, gửi sau –" in text
    assert "còn ?" in text


def test_help_lists_every_key_at_length() -> None:
    text = shown(replace(PICTURE, is_help_open=True), 80, 24)
    assert "bấm nút lấy số" in text
    assert "take a number" in text
    assert "A013" not in text


DOORS = Doors(
    (
        Door("cán bộ · staff", "http://127.0.0.1:8080"),
        Door("điện thoại · phones", "http://127.0.0.1:8081"),
        Door("bàn thử · bench", "http://127.0.0.1:8080/bench"),
    ),
    (Login("kỹ thuật viên · technician", "tuan", "7k3m-q9tx-2fwd"),),
    "AAAA-BBBB-CCCC",
    "AB:CD",
)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_addresses_are_always_shown_and_cost_no_fact(width: int, height: int) -> None:
    text = shown(replace(PICTURE, doors=DOORS), width, height)
    assert "cán bộ http://127.0.0.1:8080 " in text
    assert "điện thoại http://127.0.0.1:8081 " in text
    assert [fact for fact in ESSENTIAL if fact not in text] == []
    assert "7k3m" not in text


def test_who_signs_in_how_is_a_page_of_its_own() -> None:
    text = shown(replace(PICTURE, doors=DOORS, is_doors_open=True), 80, 24)
    for fact in ("http://127.0.0.1:8080/bench", "tuan", "7k3m-q9tx-2fwd", "AAAA-BBBB-CCCC", "AB:CD"):
        assert fact in text
    assert "A013" not in text


def test_without_pages_the_page_of_addresses_says_so() -> None:
    assert "no pages are served" in shown(replace(PICTURE, is_doors_open=True), 80, 24)


def test_tiny_window_says_what_it_needs() -> None:
    assert "80×24" in shown(PICTURE, 40, 10)
