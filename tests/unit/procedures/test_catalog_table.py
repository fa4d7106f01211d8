"""A list of procedures as a spreadsheet leaves it: taken over whole, or refused with each mistake's place."""

import pytest

from appliance.procedures.errors import BadCatalogError
from appliance.procedures.table import COLUMNS, parse, taken, written
from appliance.sockets.procedures import MOST, Procedure

HEAD = ",".join(COLUMNS)
ROW = "1.001193,Đăng ký khai sinh,Tờ khai|Giấy chứng sinh,Không,Trong ngày,Quầy 1,https://example.vn/a"


def problems(*lines: str) -> list[str]:
    _, found = parse("\n".join(lines).encode())
    return [each.said()[0] for each in found]


def test_a_list_is_taken_over_in_its_order() -> None:
    first, second = taken(f"{HEAD}\n{ROW}\n\nVD-2,Hai,,,,,\n".encode())
    assert first == Procedure(
        code="1.001193", name="Đăng ký khai sinh", documents=("Tờ khai", "Giấy chứng sinh"), fee="Không",
        time="Trong ngày", where="Quầy 1", link="https://example.vn/a",
    )  # fmt: skip
    assert second == Procedure(code="VD-2", name="Hai")


def test_what_is_written_is_read_as_the_same() -> None:
    quoted = 'VD-3,"Ba, ""và"" bốn",Một;hai|Ba,,,,'
    procedures = taken(f"{HEAD}\n{ROW}\n{quoted}\nVD-2,Hai,,,,,\n".encode())
    assert taken(written(procedures)) == procedures
    assert written(()).decode("utf-8-sig").split() == [HEAD]


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEAD}\r\n{ROW}\r\n",
        f"{HEAD}\n{ROW}".replace(",", ";"),
        f"{HEAD}\n{ROW}".replace("Tờ khai|Giấy chứng sinh", '"Tờ khai\n  Giấy  chứng sinh\n"'),
        f"{HEAD.upper()}\n{ROW}",
    ],
)
def test_what_spreadsheets_write_is_one_list(content: str) -> None:
    assert taken(content.encode()) == taken(f"{HEAD}\n{ROW}".encode())


def test_letters_of_two_signs_are_one_letter_afterwards() -> None:
    [found] = taken(f"{HEAD}\nX,ấp,,,,,\n".encode())
    assert found.name == "ấp"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([""], "line 1, column code: the column is missing"),
        (["code,documents"], "line 1, column name: the column is missing"),
        (["code,name,price"], "line 1, column price: no such column; there are code, name"),
        (["code,name,name"], "line 1: a column is there twice"),
        ([HEAD], "line 1: there is no procedure in it"),
        ([HEAD, ROW, "mã số,Hai,,,,,"], "line 3, column code: letters, digits"),
        ([HEAD, "A,,,,,,"], "line 2, column name: 1 to 300 characters"),
        ([HEAD, f"A,Một,,{'x' * 301},,,"], "line 2, column fee: at most 300 characters"),
        ([HEAD, "A,Một,,,,,javascript:alert(1)"], "line 2, column link: an address"),
        ([HEAD, f"A,Một,{'|'.join('x' * 31)},,,,"], "line 2, column documents: at most 30 documents"),
        ([HEAD, ROW, 'B,"Hai\nba",,,,,', "A,Một,,,,,,,"], "line 5: more cells than columns"),
        ([HEAD, "a,Một,,,,,", "A,Hai,,,,,"], "line 3, column code: as in line 2"),
        ([HEAD, *(f"A{n},x,,,,," for n in range(MOST + 1))], f"line 1: more than {MOST} procedures"),
        (
            [HEAD, *(f"A{n},x,{'|'.join(['y' * 300] * 20)},,,," for n in range(400))],
            "line 1: more than 2 MiB",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_column(lines: list[str], said: str) -> None:
    assert problems(*lines)[0].startswith(said)


def test_every_mistake_is_told_up_to_a_hundred_and_nothing_is_taken() -> None:
    assert problems(HEAD, "!,,,,,", "?,,,,,ftp:x") == [
        "line 2, column code: letters, digits, '.', '-' and '_', at most 32",
        "line 2, column name: 1 to 300 characters",
        "line 3, column code: letters, digits, '.', '-' and '_', at most 32",
        "line 3, column name: 1 to 300 characters",
    ]
    assert len(problems(HEAD, *["!,x,,,,,"] * 500)) == 100
    with pytest.raises(BadCatalogError) as caught:
        taken(f"{HEAD}\nA,,,,,,\n".encode())
    assert "line 2, column name" in str(caught.value)
    assert "dòng 2, cột name" in caught.value.vi()


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00c", b'code,name\n"A\x00,x', "code,name\nA,B".encode("utf-16")]
)
def test_what_is_no_text_is_refused_with_its_line(content: bytes) -> None:
    _, found = parse(content)
    assert found
    assert found[0].vi
