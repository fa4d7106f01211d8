"""A list of procedures as spreadsheets write it (CSV, UTF-8) -> the catalog, or every mistake in it."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from appliance.procedures.errors import BadCatalogError
from appliance.sockets.procedures import MOST, MOST_BYTES, MOST_DOCUMENTS, Catalog, Procedure

COLUMNS: Final = ("code", "name", "documents", "fee", "time", "where", "link")
NEEDED: Final = ("code", "name")
MARK: Final = "|"
"""Between two documents in one cell; a new line does as well."""
MOST_PROBLEMS: Final = 100
_SAID: Final = {
    "code": (
        "letters, digits, '.', '-' and '_', at most 32",
        "chỉ gồm chữ không dấu, số, dấu chấm, gạch, nhiều nhất 32 ký tự",
    ),
    "name": ("1 to 300 characters", "từ 1 đến 300 ký tự"),
    "documents": (
        f"at most {MOST_DOCUMENTS} documents of at most 300 characters",
        f"nhiều nhất {MOST_DOCUMENTS} loại giấy tờ, mỗi loại không quá 300 ký tự",
    ),
    "link": ("an address that begins with https:// or http://", "địa chỉ bắt đầu bằng https:// hoặc http://"),
}
_LONG: Final = ("at most 300 characters", "nhiều nhất 300 ký tự")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    Args:
        line: of the file, from 1.
        column: its heading, or empty for the whole line.
        en: what is wrong.
        vi: the same in Vietnamese.
    """

    line: int
    column: str
    en: str
    vi: str

    def said(self) -> tuple[str, str]:
        """Return the mistake with its place, in English and in Vietnamese."""
        at = f", column {self.column}" if self.column else ""
        at_vi = f", cột {self.column}" if self.column else ""
        return f"line {self.line}{at}: {self.en}", f"dòng {self.line}{at_vi}: {self.vi}"


def parse(content: bytes) -> tuple[tuple[Procedure, ...], tuple[Problem, ...]]:
    """Return the procedures of a list, and every mistake in it.

    Args:
        content: of the file, with commas or semicolons between cells.
    """
    try:
        text = unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (), (Problem(line, "", "it is not UTF-8", "tệp không phải UTF-8 (hãy lưu dạng CSV UTF-8)"),)
    problems: list[Problem] = []
    taken = tuple(_rows(text, problems))
    if not taken and not problems:
        problems.append(Problem(1, "", "there is no procedure in it", "không có thủ tục nào"))
    if len(taken) > MOST:
        problems.append(Problem(1, "", f"more than {MOST} procedures", f"nhiều hơn {MOST} thủ tục"))
    elif len(Catalog(procedures=taken).line()) > MOST_BYTES:
        problems.append(Problem(1, "", "more than 2 MiB of text", "quá 2 MiB chữ"))
    return taken, tuple(problems)


def taken(content: bytes) -> tuple[Procedure, ...]:
    """Return the procedures of a list.

    Raises:
        BadCatalogError: there is a mistake in it.
    """
    found, problems = parse(content)
    if problems:
        raise refusal(problems)
    return found


def refusal(problems: Sequence[Problem]) -> BadCatalogError:
    """Return the error about a list with these mistakes, at least one."""
    first, first_vi = problems[0].said()
    return BadCatalogError(count=len(problems), first=first, first_vi=first_vi)


def written(procedures: Iterable[Procedure]) -> bytes:
    """Return the list of procedures as :func:`parse` reads it, and a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for each in procedures:
        documents = MARK.join(each.documents)
        writer.writerow([each.code, each.name, documents, each.fee, each.time, each.where, each.link or ""])
    return text.getvalue().encode("utf-8-sig")


def _rows(text: str, problems: list[Problem]) -> Iterator[Procedure]:
    heading = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if heading.count(";") > heading.count(",") else ",")
    columns: list[str] = []
    seen: dict[str, int] = {}
    line = 1
    try:
        columns = [cell.strip().lower() for cell in next(reader, [])]
        if _is_bad_heading(columns, problems):
            return
        line = reader.line_num + 1
        for cells in reader:
            values = [cell.strip() for cell in cells]
            if any(values):
                made = _procedure(dict(zip(columns, values, strict=False)), line, problems)
                if len(values) > len(columns):
                    problems.append(Problem(line, "", "more cells than columns", "nhiều ô hơn số cột"))
                elif made is not None and (first := seen.setdefault(made.code.lower(), line)) != line:
                    problems.append(Problem(line, "code", f"as in line {first}", f"trùng với dòng {first}"))
                elif made is not None:
                    yield made
            if len(problems) >= MOST_PROBLEMS:
                return
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(line, "", str(error), f"không đọc được ({error})"))


def _is_bad_heading(columns: list[str], problems: list[Problem]) -> bool:
    known = ", ".join(COLUMNS)
    problems += [
        Problem(1, name, "the column is missing", "thiếu cột này") for name in NEEDED if name not in columns
    ]
    problems += [
        Problem(1, name, f"no such column; there are {known}", f"không có cột này; các cột là {known}")
        for name in sorted(set(columns) - set(COLUMNS))
    ]
    if len(set(columns)) != len(columns):
        problems.append(Problem(1, "", "a column is there twice", "có cột bị lặp"))
    return bool(problems)


def _procedure(row: dict[str, str], line: int, problems: list[Problem]) -> Procedure | None:
    documents = row.get("documents", "").replace(MARK, "\n").splitlines()
    fields: dict[str, object] = {
        **{name: " ".join(row.get(name, "").split()) for name in ("code", "name", "fee", "time", "where")},
        "documents": tuple(" ".join(each.split()) for each in documents if each.strip()),
        "link": row.get("link") or None,
    }
    try:
        return Procedure.model_validate(fields)
    except ValidationError as error:
        wrong = dict.fromkeys(str(each["loc"][0]) for each in error.errors())
        problems += [Problem(line, name, *_SAID.get(name, _LONG)) for name in wrong]
    return None
