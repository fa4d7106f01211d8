"""Tables that people keep in a spreadsheet: CSV in, rows out, and what is wrong by line and column.

Separator and encoding are what spreadsheets really write: comma, semicolon or tab; UTF-8 or UTF-16 with its
byte order mark.
"""

import codecs
import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from appliance.errors import MotcuaError

MAX_BYTES: Final = 4 * 1024 * 1024
"""A country of sites is a tenth of that."""
MAX_PROBLEMS: Final = 50
_SHOWN: Final = 60

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "unreadable": (
        "cannot be read: {detail}; check the path",
        "không đọc được: {detail}; hãy kiểm tra đường dẫn",
    ),
    "too_large": (
        "larger than {limit} MiB; this is another file",
        "lớn hơn {limit} MiB; đây là tệp khác",
    ),
    "encoding": (
        "not UTF-8; in the spreadsheet choose “Save as”, “CSV UTF-8”",
        "không phải UTF-8; trong bảng tính hãy chọn “Lưu thành”, “CSV UTF-8”",
    ),
    "empty": ("has no rows; add one line for each box", "không có dòng nào; hãy thêm mỗi thiết bị một dòng"),
    "syntax": (
        "not CSV: {detail}; save it from the spreadsheet again",
        "không phải CSV: {detail}; hãy lưu lại",
    ),
    "column.missing": (
        "no column {name}; name it in line 1",
        "thiếu cột {name}; hãy ghi tên cột ở dòng 1",
    ),
    "column.twice": ("column {name} is there twice; remove one", "cột {name} có hai lần; hãy xóa bớt"),
    "column.unknown": (
        "unknown column; use only: {known}",
        "không có cột này; chỉ dùng: {known}",
    ),
    "cells.count": (
        "has {found} cells, line 1 has {wanted}; put text with a separator in quotes",
        "có {found} ô, dòng 1 có {wanted}; chữ có dấu ngăn cách phải đặt trong dấu nháy",
    ),
    "required": ("is empty; fill it in", "để trống; hãy điền vào"),
    "id": (
        "use 1 to 32 letters A-Z a-z without accents, digits, _ or -",
        "hãy dùng 1 đến 32 chữ cái A-Z a-z không dấu, chữ số, _ hoặc -",
    ),
    "commune": (
        "no such commune; use the five-digit code that is valid since 1 July 2025",
        "không có xã, phường này; hãy dùng mã 5 chữ số có hiệu lực từ 01/7/2025",
    ),
    "choice": ("use one of: {known}", "hãy dùng một trong: {known}"),
    "twice": ("already in line {first}; give each its own", "đã có ở dòng {first}; mỗi dòng phải khác nhau"),
    "office.twice": (
        "the office box of this site is already in line {first}; a site has one",
        "máy chính của văn phòng này đã có ở dòng {first}; mỗi văn phòng một máy chính",
    ),
    "register": (
        "{detail}; {remedy}",
        "không khớp với sổ đăng ký của trung tâm ({detail}); hãy xem `motcua center devices`",
    ),
    "claim.none": (
        "no claim for this device; make one with `motcua center claim --csv`",
        "chưa có mã đăng ký cho thiết bị này; hãy tạo bằng `motcua center claim --csv`",
    ),
    "claim.form": (
        "not a claim of this device; use the file that `motcua center claim --csv` wrote",
        "không phải mã đăng ký của thiết bị này; hãy dùng tệp do `motcua center claim --csv` tạo ra",
    ),
    "claim.site": (
        "the claim is for {site} as {role}; make the two lists agree",
        "mã đăng ký cấp cho {site}, vai trò {role}; hãy sửa hai bảng cho khớp nhau",
    ),
    "value": ("{message}", "{message_vi}"),
}
"""Rule -> what is wrong and what to write instead, in English and Vietnamese."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to correct in a sheet.

    Attributes:
        line: Counted from 1, the line of names; None when the file as a whole is meant.
        column: The column's name, with its letter as spreadsheets show it; None when the whole line is meant.
        rule: A key of ``SENTENCES``.
        value: What stands there, shortened; None when nothing does.
        message: What is wrong and what to write instead, in English.
        message_vi: The same in Vietnamese.
    """

    line: int | None
    column: str | None
    rule: str
    value: str | None
    message: str
    message_vi: str

    def sentence(self, name: str) -> str:
        """Return the line for a terminal; ``name`` is the file's name."""
        return self._placed(name, "line", "column", self.message)

    def sentence_vi(self, name: str) -> str:
        """Return the same in Vietnamese."""
        return self._placed(name, "dòng", "cột", self.message_vi)

    def _placed(self, name: str, line: str, column: str, message: str) -> str:
        place = [f"{line} {self.line}"] if self.line is not None else []
        place += [f"{column} {self.column}"] if self.column is not None else []
        where = ", ".join(place)
        where = f"{name}: {where}" if where else name
        return f"{where}: {message}" if self.value is None else f"{where} = {self.value}: {message}"


class SheetError(MotcuaError, ValueError):
    """Error raised when a CSV file cannot be used; ``complaints`` holds everything that is wrong with it."""

    key = "sheet.invalid"
    template = "{lines}"
    template_vi = "{lines}"

    def __init__(self, *, name: str, complaints: Iterable[Complaint]) -> None:
        self.name = name
        self.complaints = tuple(complaints)[:MAX_PROBLEMS]
        super().__init__(lines="\n".join(each.sentence(name) for each in self.complaints))

    def vi(self) -> str:
        """Return one line in Vietnamese for each complaint."""
        return "\n".join(each.sentence_vi(self.name) for each in self.complaints)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet; a column that the sheet has not is an empty text."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(slots=True)
class Sheet:
    """A sheet that was read, and what is said against it.

    Args:
        name: The file's name.
        columns: The names of line 1.
        rows: The other lines, empty ones left out.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, row: Row, column: str, rule: str, **fields: object) -> None:
        """Note what is wrong with one cell."""
        text = row[column]
        place = column
        if column in self.columns:
            place = f"{column} ({_letter(self.columns.index(column))})"
        self.complaints.append(complaint(rule, row.line, place, shown(text) if text else None, **fields))

    def check(self) -> None:
        """Raise what was noted.

        Raises:
            SheetError: anything was.
        """
        if self.complaints:
            raise SheetError(
                name=self.name, complaints=sorted(self.complaints, key=lambda one: one.line or 0)
            )


def complaint(
    rule: str, line: int | None = None, column: str | None = None, value: str | None = None, **fields: object
) -> Complaint:
    """Build a complaint from the sentence of its rule."""
    english, vietnamese = SENTENCES[rule]
    return Complaint(line, column, rule, value, english.format(**fields), vietnamese.format(**fields))


def read(path: Path, required: Sequence[str], optional: Sequence[str] | None = None) -> Sheet:
    """Return the rows of a CSV file.

    Args:
        path: The file; at most 4 MiB.
        required: Columns that must be there, and filled in every row.
        optional: Columns that may be there; None lets any other column be there, unread.

    Raises:
        SheetError: it cannot be read, or a column or a cell is missing.
    """
    text = _text(path)
    try:
        lines = _lines(text)
    except csv.Error as error:
        raise SheetError(name=path.name, complaints=[complaint("syntax", detail=error)]) from None
    if len(lines) <= 1:
        raise SheetError(name=path.name, complaints=[complaint("empty")])
    columns = tuple(cell.strip().casefold() for cell in lines[0][1])
    rows = tuple(
        Row(number, {name: _cell(cell) for name, cell in zip(columns, cells, strict=False) if name})
        for number, cells in lines[1:]
    )
    sheet = Sheet(path.name, columns, rows)
    _check_columns(sheet, required, optional)
    sheet.check()
    for number, cells in lines[1:]:
        if len(cells) != len(columns):
            sheet.complaints.append(complaint("cells.count", number, found=len(cells), wanted=len(columns)))
    for row in rows:
        for column in required:
            if not row[column]:
                sheet.complain(row, column, "required")
    sheet.check()
    return sheet


def complain_of_repeats(sheet: Sheet, column: str) -> None:
    """Note every cell of a column that repeats an earlier one, capitals or not."""
    first: dict[str, int] = {}
    for row in sheet.rows:
        before = first.setdefault(row[column].casefold(), row.line)
        if before != row.line:
            sheet.complain(row, column, "twice", first=before)


def shown(text: str) -> str:
    """Return a cell's text in quotes, on one line, at most 60 characters."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    quoted = json.dumps(cut, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in quoted)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        detail = error.strerror or str(error)
        raise SheetError(name=path.name, complaints=[complaint("unreadable", detail=detail)]) from error
    if len(raw) > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        raise SheetError(name=path.name, complaints=[complaint("too_large", limit=limit)])
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = None if is_wide else raw.count(b"\n", 0, error.start) + 1
        raise SheetError(name=path.name, complaints=[complaint("encoding", line)]) from None


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the cells of every line that is not empty, with the number of the line on which it begins."""
    top = text.partition("\n")[0]
    separator = max(",;\t", key=top.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines = []
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            lines.append((before + 1, cells))
        before = reader.line_num
    return lines


def _cell(text: str) -> str:
    # macOS keyboards type decomposed accents; labels and pages compare text byte by byte.
    return unicodedata.normalize("NFC", text).strip()


def _check_columns(sheet: Sheet, required: Sequence[str], optional: Sequence[str] | None) -> None:
    sheet.complaints += [
        complaint("column.missing", 1, name=name) for name in required if name not in sheet.columns
    ]
    for index, name in enumerate(sheet.columns):
        if name and sheet.columns.index(name) != index:
            sheet.complaints.append(complaint("column.twice", 1, name=name))
        elif optional is not None and name not in {*required, *optional}:
            place = f"{name or '?'} ({_letter(index)})"
            known = ", ".join((*required, *optional))
            sheet.complaints.append(complaint("column.unknown", 1, place, known=known))


def _letter(index: int) -> str:
    """Return the letter above a column: A … Z, AA …."""
    name = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
