"""The catalog of procedures on a page: another list whole or not at all, and the present one to take home."""

import pytest
from sim_form import said
from sim_staff import Caller, SimStaff

from appliance.procedures import store, table
from appliance.sockets.procedures import Procedure

PAGE = "/settings/procedures"
HEAD = ",".join(table.COLUMNS)
FIRST = Procedure(code="1.001193", name="Đăng ký khai sinh", documents=("Tờ khai", "Giấy chứng sinh"))
LIST = f"{HEAD}\n1.001193,Đăng ký khai sinh,Tờ khai|Giấy chứng sinh,,,,\n".encode()


def send(caller: Caller, content: bytes | None, token: str | None = None, name: str = "thu-tuc.csv"):
    files = {} if content is None else {"list": (name, content, "text/csv")}
    data = {"csrf": caller.token(PAGE) if token is None else token}
    # Without a file, a form of this kind still is one.
    parts = files or {"other": ("", b"", "text/plain")}
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
    return caller.http.post(f"{PAGE}?lang=en", data=data, files=parts, headers=headers)


@pytest.fixture(params=["supervisor", "technician"])
def leader(request, staff: SimStaff) -> Caller:
    return staff.client(request.param)


def test_a_list_is_taken_over_and_shown(staff: SimStaff, leader: Caller) -> None:
    assert "No procedure yet" in said(leader.page(f"{PAGE}?lang=en"))
    answer = send(leader, LIST)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=taken")
    assert store.procedures(staff.parts.folder) == (FIRST,)
    text = said(leader.page(f"{PAGE}?done=taken&lang=en"))
    assert "1 procedure is in the catalog" in text
    assert "1.001193 Đăng ký khai sinh" in text
    assert "Danh mục có 1 thủ tục" in said(leader.page(f"{PAGE}?done=taken&lang=vi"))


def test_the_present_list_can_be_taken_home_and_sent_again(staff: SimStaff, leader: Caller) -> None:
    empty = leader.http.get(f"{PAGE}/list")
    assert empty.content.decode("utf-8-sig").strip() == HEAD
    send(leader, LIST)
    answer = leader.http.get(f"{PAGE}/list")
    assert "thu-tuc.csv" in answer.headers["content-disposition"]
    assert send(leader, answer.content).status_code == 303
    assert store.procedures(staff.parts.folder) == (FIRST,)


def test_a_list_with_mistakes_changes_nothing_and_says_where_they_are(
    staff: SimStaff, leader: Caller
) -> None:
    send(leader, LIST)
    wrong = LIST + b"x y,Hai,,,,,\nVD-2,,,,,,\n" + b"VD 9,Chin,,,,,\n" * 40
    answer = send(leader, wrong)
    assert answer.status_code == 422
    text = said(answer.text)
    assert "problems in the list: 42" in text
    assert "line 3, column code:" in text
    assert "line 4, column name: 1 to 300 characters" in text
    assert "and 12 more problems" in text
    assert store.procedures(staff.parts.folder) == (FIRST,)
    answer = send(leader, "mã".encode("utf-16"))
    assert "line 1: it is not UTF-8" in said(answer.text)


def test_no_file_is_said(staff: SimStaff, leader: Caller) -> None:
    answer = send(leader, None)
    assert answer.status_code == 422
    assert "choose the file with the list first" in said(answer.text)
    assert send(leader, b"", name="").status_code == 422
    assert store.procedures(staff.parts.folder) == ()


def test_a_long_list_is_taken_and_one_that_is_too_long_is_not_read(staff: SimStaff, leader: Caller) -> None:
    rows = "".join(f"VD-{number},Thủ tục {number} {'dài ' * 60},,,,,\n" for number in range(550))
    content = f"{HEAD}\n{rows}".encode()
    assert len(content) > 131_072  # more than any other form may bring
    assert send(leader, content).status_code == 303
    assert len(store.procedures(staff.parts.folder)) == 550
    assert "and 500 more procedures" in said(leader.page(f"{PAGE}?lang=en"))
    assert send(leader, b"x" * (5 << 20)).status_code == 413
    assert len(store.procedures(staff.parts.folder)) == 550


def test_a_forged_form_and_a_stranger_bring_nothing(staff: SimStaff) -> None:
    technician = staff.client("technician")
    assert send(technician, LIST, "made-up").status_code == 403
    officer = staff.client("officer")
    assert send(officer, LIST, "x").status_code == 403
    assert officer.http.get(f"{PAGE}/list").status_code == 403
    assert store.procedures(staff.parts.folder) == ()


def test_a_catalog_that_cannot_be_used_is_said(staff: SimStaff, leader: Caller) -> None:
    (staff.parts.folder / store.FILE_NAME).write_bytes(b"no database at all, and long enough to be one" * 100)
    page = leader.http.get(f"{PAGE}?lang=en", headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "the catalog cannot be used" in said(page.text)
    assert send(leader, LIST).status_code == 503
