"""Labels: an A4 sheet of 2 x 7 stickers of 99.1 x 38.1 mm, one for each box.

The large code leads to the pages for staff; where the box's address is known only when it stands there, it
says which box this is. A box with a WiFi for citizens has a second one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import segno
from fpdf import FPDF
from segno import helpers

from provisioning.card.errors import CardUnwritableError
from provisioning.card.papers import Paper

COLUMNS: Final = 2
ROWS: Final = 7
WIDTH, HEIGHT = 99.1, 38.1
LEFT, TOP = 4.65, 15.15
GAP: Final = 2.5
"""Millimeters, as the sheets that every stationer has."""
Place = tuple[float, float, float]
_PAD: Final = 3.0
_QR: Final = 25.0
_SMALL_QR: Final = 15.0
_FONT: Final = "BeVietnamPro"
_ROLES: Final = {"office": "Máy chính của văn phòng", "hotspot": "Máy phát WiFi", "display": "Máy hiển thị"}


def write(papers: Sequence[Paper], path: Path) -> int:
    """Write the sheets and return how many there are.

    Raises:
        CardUnwritableError: the file cannot be written.
    """
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(auto=False)
    pdf.set_title("motcua")
    pdf.c_margin = 0
    _add_fonts(pdf)
    for index, paper in enumerate(papers):
        place = index % (COLUMNS * ROWS)
        if place == 0:
            pdf.add_page()
        x = LEFT + (place % COLUMNS) * (WIDTH + GAP)
        y = TOP + (place // COLUMNS) * HEIGHT
        _draw(pdf, paper, x, y)
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(bytes(pdf.output()))
    except OSError as error:
        raise CardUnwritableError(target=path, reason=error.strerror or str(error)) from error
    return pdf.pages_count


def subject(paper: Paper) -> str:
    """Return what the large code of a label says."""
    return paper.url or f"motcua:{paper.commune}/{paper.device}"


def _add_fonts(pdf: FPDF) -> None:
    import fontpkg_be_vietnam_pro

    folder = Path(fontpkg_be_vietnam_pro.__file__).parent / "files"
    pdf.add_font(_FONT, "", folder / "BeVietnamPro-Regular.ttf")
    pdf.add_font(_FONT, "B", folder / "BeVietnamPro-SemiBold.ttf")


def _draw(pdf: FPDF, paper: Paper, x: float, y: float) -> None:
    top = y + _PAD
    _qr(pdf, segno.make(subject(paper), error="m", micro=False), x + _PAD, top, _QR)
    _line(pdf, (x + _PAD, top + _QR + 0.5, _QR), paper.device, 6.5, is_centered=True)
    text_x = x + _PAD + _QR + 3
    width = WIDTH - 2 * _PAD - _QR - 3
    if paper.public_ssid:
        width -= _SMALL_QR + 2
        _draw_wifi(pdf, paper.public_ssid, text_x + width + 2, top)
    pdf.set_xy(text_x, top)
    pdf.set_font(_FONT, "B", 8.5)
    pdf.multi_cell(width, 3.9, _cut(pdf, paper.name, width, lines=3), align="L")
    bottom = y + HEIGHT - _PAD
    _line(pdf, (text_x, bottom - 17.5, width), f"{paper.province} · {paper.commune}", 7)
    if paper.url:
        _line(pdf, (text_x, bottom - 13.7, width), paper.url, 7)
    elif paper.role == "office":
        _line(pdf, (text_x, bottom - 13.7, width), "Địa chỉ trang cán bộ: xem trên màn hình máy", 6.5)
    if paper.code:
        _line(pdf, (text_x, bottom - 9.6, width), "Mã cài đặt (giữ kín)", 6.5)
        _line(pdf, (text_x, bottom - 6.2, width), paper.code, 13, is_bold=True)
    else:
        _line(pdf, (text_x, bottom - 6.2, width), _ROLES[paper.role], 8)


def _draw_wifi(pdf: FPDF, ssid: str, x: float, y: float) -> None:
    _qr(
        pdf, segno.make(helpers.make_wifi_data(ssid, None, "nopass"), error="m", micro=False), x, y, _SMALL_QR
    )
    _line(pdf, (x - 1, y + _SMALL_QR + 0.5, _SMALL_QR + 2), "WiFi công cộng", 5.5, is_centered=True)
    _line(pdf, (x - 1, y + _SMALL_QR + 3.2, _SMALL_QR + 2), ssid, 5.5, is_bold=True, is_centered=True)


def _line(
    pdf: FPDF, place: Place, text: str, size: float, *, is_bold: bool = False, is_centered: bool = False
) -> None:
    """Write one line, smaller where it would not fit.

    Args:
        pdf: the document.
        place: left, top and width, mm.
        text: the line.
        size: of the letters, points.
        is_bold: whether they are heavy.
        is_centered: whether the line stands in the middle.
    """
    x, y, width = place
    style = "B" if is_bold else ""
    pdf.set_font(_FONT, style, size)
    while pdf.get_string_width(text) > width and size > 4:  # noqa: PLR2004 - smaller cannot be read
        size -= 0.25
        pdf.set_font(_FONT, style, size)
    while pdf.get_string_width(text) > width:
        text = text[:-2] + "…"
    pdf.set_xy(x, y)
    pdf.cell(width, size * 0.45, text, align="C" if is_centered else "L")


def _cut(pdf: FPDF, text: str, width: float, lines: int) -> str:
    """Return a text that fits into so many lines."""

    def count(candidate: str) -> int:
        found = pdf.multi_cell(width, 3.9, candidate, dry_run=True, output="LINES")
        return len(found) if isinstance(found, list) else 0

    while count(text) > lines:
        text = text[:-2].rstrip() + "…"
    return text


def _qr(pdf: FPDF, code: segno.QRCode, x: float, y: float, size: float) -> None:
    matrix = code.matrix
    step = size / len(matrix)
    pdf.set_fill_color(0)
    for row, cells in enumerate(matrix):
        start = 0
        for column in range(1, len(cells) + 1):
            if column == len(cells) or cells[column] != cells[start]:
                if cells[start]:
                    # A little wider and higher, so that no printer leaves white between the squares.
                    width = (column - start) * step
                    pdf.rect(x + start * step, y + row * step, width + 0.01, step + 0.01, style="F")
                start = column
