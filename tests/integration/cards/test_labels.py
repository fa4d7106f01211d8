"""Labels as a printer gets them: the sheet is drawn, its text and its codes are read back."""

import re
from pathlib import Path

import pytest
import segno

from provisioning.card.labels import subject, write
from provisioning.card.papers import Paper

pytestmark = pytest.mark.integration


def paper(index: int, **changed: str) -> Paper:
    words = {
        "device": f"hoa-binh-{index:02}",
        "role": "office",
        "commune": "29830",
        "site": "29830",
        "name": "Trung tâm Phục vụ hành chính công xã Hòa Bình",
        "province": "Vĩnh Long",
        "url": "https://192.168.1.20:8443/",
        "public_ssid": "",
        "code": "7K3M-Q9TX-2FWD",
    }
    return Paper(**{**words, **changed})


def test_fourteen_labels_fill_a_sheet_and_every_word_can_be_read(tmp_path: Path, run) -> None:
    out = tmp_path / "labels.pdf"
    long = "Trung tâm Phục vụ hành chính công phường " + "Nguyễn Thị Minh Khai " * 4
    papers = [paper(index) for index in range(13)]
    papers += [
        paper(13, name=long, public_ssid="WiFi Hòa Bình", url=""),
        paper(14, role="hotspot", code=""),
    ]
    assert write(papers, out) == 2
    assert out.stat().st_mode & 0o777 == 0o600
    text = re.sub(r"\s+", " ", run("pdftotext", "-layout", out, "-"))
    assert text.count("7K3M-Q9TX-2FWD") == 14
    assert text.count("Vĩnh Long · 29830") == 15
    assert "hoa-binh-14" in text
    assert "Máy phát WiFi" in text
    assert "WiFi Hòa Bình" in text
    assert "xem trên màn hình máy" in text


def test_nothing_is_drawn_outside_of_its_sticker(tmp_path: Path, run) -> None:
    out = tmp_path / "labels.pdf"
    long = "Ủy ban nhân dân " * 7
    url = "https://" + "rat-dai-" * 12 + ".example.vn:8443/"
    write([paper(0, name=long, url=url, device="x" * 32, public_ssid="W" * 32)] * 14, out)
    run("pdftoppm", "-r", "50", "-gray", out, tmp_path / "sheet")
    [picture] = tmp_path.glob("sheet*.pgm")
    kind, width, height, _most, pixels = read_pgm(picture)
    assert kind == "P5"
    columns = {index % width for index, value in enumerate(pixels) if value < 200}
    rows = {index // width for index, value in enumerate(pixels) if value < 200}
    per_mm = 50 / 25.4
    assert {column for column in columns if 104.0 * per_mm < column < 106.0 * per_mm} == set()
    assert min(columns) >= 4.65 * per_mm
    assert max(columns) <= (210 - 4.65) * per_mm
    assert min(rows) >= 15.15 * per_mm
    assert max(rows) <= (297 - 15.15) * per_mm
    assert height == pytest.approx(297 * per_mm, abs=1)


def read_pgm(path: Path):
    kind, size, most, pixels = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    return kind.decode(), width, height, int(most), pixels


def test_the_code_that_is_drawn_is_that_of_the_address(tmp_path: Path, run) -> None:
    out = tmp_path / "labels.pdf"
    write([paper(0)], out)
    dpi = 254  # ten pixels to the millimeter
    run("pdftoppm", "-r", str(dpi), "-gray", out, tmp_path / "sheet")
    [picture] = tmp_path.glob("sheet*.pgm")
    _kind, width, _height, _most, pixels = read_pgm(picture)
    matrix = segno.make(subject(paper(0)), error="m", micro=False).matrix
    step = 250 / len(matrix)
    left, top = 46.5 + 30, 151.5 + 30
    drawn = tuple(
        tuple(
            int(pixels[int(top + (row + 0.5) * step) * width + int(left + (column + 0.5) * step)] < 128)
            for column in range(len(matrix))
        )
        for row in range(len(matrix))
    )
    assert drawn == tuple(tuple(int(bool(cell)) for cell in row) for row in matrix)
