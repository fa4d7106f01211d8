from pathlib import Path

import pytest

from appliance.sheet import MAX_BYTES, SENTENCES, SheetError, complain_of_repeats, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sites.csv"


def told(path: Path, *columns: str, optional: tuple[str, ...] | None = None) -> SheetError:
    with pytest.raises(SheetError) as caught:
        read(path, columns or ("device",), optional)
    return caught.value


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(path: Path, separator: str, encoding: str, end: str) -> None:
    lines = ["Device;NAME", 'b1;"Xã ""Đông"""', ";", "b2; Xã Tây "]
    path.write_bytes((end.join(lines).replace(";", separator) + end).encode(encoding))
    sheet = read(path, ("device",), ("name",))
    assert [(row.line, row["device"], row["name"]) for row in sheet.rows] == [
        (2, "b1", 'Xã "Đông"'),
        (4, "b2", "Xã Tây"),
    ]
    assert sheet.rows[0]["absent"] == ""


def test_lines_are_counted_as_an_editor_counts_them(path: Path) -> None:
    path.write_text('device,name\n\nb1,"two\nlines"\nb2,x\n')
    assert [row.line for row in read(path, ("device",)).rows] == [3, 5]


def test_text_is_composed(path: Path) -> None:
    path.write_text("device,name\nb1,Hòa\n")
    assert read(path, ("device",)).rows[0]["name"] == "H\u00f2a"


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        (b"", "empty", None),
        (b"device\n", "empty", None),
        (b"name\nx\n", "column.missing", 1),
        (b"device,device\nx,y\n", "column.twice", 1),
        (b"device,name\nb1,x,y\n", "cells.count", 2),
        (b"device,name\nb1,x\n,y\n", "required", 3),
        (b'device\n"b1\n', "syntax", None),
        ("device\nmột".encode("cp1258", "replace") + b"\xf0", "encoding", 2),
        (b"#" * (MAX_BYTES + 1), "too_large", None),
    ],
)
def test_a_mistake_is_named_by_its_line(path: Path, text: bytes, rule: str, line: int | None) -> None:
    path.write_bytes(text)
    error = told(path)
    assert (error.complaints[0].rule, error.complaints[0].line) == (rule, line)
    assert error.vi() != str(error)


def test_a_missing_file_is_said(path: Path) -> None:
    assert told(path).complaints[0].rule == "unreadable"


def test_an_unknown_column_is_named_with_its_letter_where_columns_are_fixed(path: Path) -> None:
    path.write_text("device,labell\nx,y\n")
    assert "column labell (B): unknown column; use only: device, name" in str(told(path, optional=("name",)))
    read(path, ("device",))


def test_all_complaints_come_at_once_in_order_in_both_languages(path: Path) -> None:
    path.write_text("device,role\nb1,\nB1,x\n,y\n")
    error = told(path, "device", "role")
    assert str(error).splitlines() == [
        "sites.csv: line 2, column role (B): is empty; fill it in",
        "sites.csv: line 4, column device (A): is empty; fill it in",
    ]
    assert error.vi().startswith("sites.csv: dòng 2, cột role (B): để trống")


def test_a_repeated_cell_names_the_first_line(path: Path) -> None:
    path.write_text("device\nb1\nb2\nB1\n")
    sheet = read(path, ("device",))
    complain_of_repeats(sheet, "device")
    with pytest.raises(SheetError, match='line 4, column device \\(A\\) = "B1": already in line 2'):
        sheet.check()


def test_columns_far_to_the_right_have_two_letters(path: Path) -> None:
    names = [f"c{number}" for number in range(28)]
    path.write_text(",".join(names) + "\n" + ",".join("x" * 28) + "\n")
    sheet = read(path, ("c0",))
    sheet.complain(sheet.rows[0], "c26", "required")
    assert sheet.complaints[0].column == "c26 (AA)"


def test_every_sentence_has_both_languages() -> None:
    assert all(english != vietnamese for english, vietnamese in SENTENCES.values())
