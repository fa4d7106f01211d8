"""One's own password, the staff, and browsers that become screens."""

import asyncio
import re
import threading

import pytest
from sim_staff import PASSWORD, Caller, SimStaff

from appliance.accounts.errors import SignInRefusedError
from appliance.accounts.person import Role
from appliance.web.typed import Once

NEW = "Ruong-bac-thang-9"
NEWCOMER = {"officer": "hoa", "name": "Nguyễn Thị Hoà", "role": "officer", "password": NEW, "again": NEW}


def request_id(caller: Caller) -> str:
    found = re.search(r'name="request" value="([^"]+)"', caller.page("/accounts"))
    assert found is not None
    return found[1]


def session_of(caller: Caller) -> str:
    return str(caller.http.cookies["__Host-motcua"])


# --- one's own


def test_a_new_password_of_ones_own_ends_every_session(staff: SimStaff) -> None:
    caller, elsewhere = staff.client("officer"), staff.client("officer")
    answer = caller.submit("/me/password", page="/me", old=PASSWORD, password=NEW, again=NEW)
    assert answer.headers["location"] == "/sign-in?done=password"
    assert elsewhere.get("/me").headers["location"].startswith("/sign-in")
    assert staff.accounts.sign_in("lan", NEW, "test").person == staff.people["officer"]
    with pytest.raises(SignInRefusedError):
        staff.accounts.sign_in("lan", PASSWORD, "test")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"old": "wrong-one"}, "mật khẩu không đúng"),
        ({"again": "other-one-9"}, "hai lần nhập không giống nhau"),
        ({"password": "short", "again": "short"}, "cần ít nhất 8 ký tự"),
    ],
)
def test_a_new_password_of_ones_own_is_refused_in_words(
    staff: SimStaff, change: dict[str, str], sentence: str
) -> None:
    caller = staff.client("officer")
    fields = {"old": PASSWORD, "password": NEW, "again": NEW, **change}
    answer = caller.submit("/me/password", page="/me", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert PASSWORD not in answer.text
    assert "lan" in caller.page("/me")
    assert "lan" in caller.page("/me/password?lang=en")  # where a refused form leaves the browser


# --- the staff


def test_a_technician_makes_an_account_of_any_role(staff: SimStaff) -> None:
    caller = staff.client("technician")
    for role in ("officer", "supervisor", "technician"):
        answer = caller.submit(
            "/accounts", page="/accounts", **{**NEWCOMER, "officer": role[:3], "role": role}
        )
        assert answer.headers["location"] == "/accounts?done=created"
        made = staff.accounts.person(role[:3])
        assert made is not None
        assert made.role.value == role
    assert "Nguyễn Thị Hoà" in caller.page("/accounts?done=created")


def test_a_supervisor_manages_officers_only(staff: SimStaff) -> None:
    caller = staff.client("supervisor")
    page = caller.page("/accounts")
    assert 'value="officer"' in page
    assert 'value="technician"' not in page
    assert 'href="/accounts/lan"' in page
    assert 'href="/accounts/tuan"' not in page
    assert "<form" not in caller.page("/accounts/tuan").partition("<main")[2]
    for path, fields in (
        ("/accounts", {**NEWCOMER, "role": "technician"}),
        ("/accounts", {**NEWCOMER, "role": "screen"}),
        ("/accounts/tuan", {"do": "deactivate"}),
        ("/accounts/tuan", {"do": "save", "name": "X", "role": "officer"}),
        ("/accounts/lan", {"do": "save", "name": "Lan", "role": "technician"}),
        ("/accounts/tuan/password", {"password": NEW, "again": NEW}),
    ):
        answer = caller.submit(path, page="/accounts", **fields)
        assert answer.status_code == 403, path
        assert "không được quản lý" in answer.text
    assert {each.officer: each.role for each in staff.accounts.people()} == {
        "lan": Role.OFFICER,
        "minh": Role.SUPERVISOR,
        "tuan": Role.TECHNICIAN,
    }
    assert caller.submit("/accounts", page="/accounts", **NEWCOMER).status_code == 303


def test_a_form_that_is_sent_twice_makes_one_account(staff: SimStaff) -> None:
    caller = staff.client("technician")
    fields = {**NEWCOMER, "request": request_id(caller)}
    for _ in range(2):
        answer = caller.submit("/accounts", page="/accounts", **fields)
        assert answer.headers["location"] == "/accounts?done=created"
    again = caller.submit("/accounts", page="/accounts", **{**fields, "request": request_id(caller)})
    assert again.status_code == 422
    assert "Tài khoản hoa đã có" in again.text
    assert 'value="Nguyễn Thị Hoà"' in again.text
    assert NEW not in again.text


def test_a_person_is_renamed_and_gets_another_role(staff: SimStaff) -> None:
    caller = staff.client("technician")
    fields = {"do": "save", "name": "  Lan   Anh ", "role": "supervisor"}
    answer = caller.submit("/accounts/lan", page="/accounts/lan", **fields)
    assert answer.headers["location"] == "/accounts?done=changed"
    person = staff.accounts.person("lan")
    assert person is not None
    assert (person.name, person.role) == ("Lan Anh", Role.SUPERVISOR)


def test_a_name_that_cannot_be_shown_changes_nothing(staff: SimStaff) -> None:
    caller = staff.client("technician")
    fields = {"do": "save", "name": " ", "role": "supervisor"}
    answer = caller.submit("/accounts/lan", page="/accounts/lan", **fields)
    assert answer.status_code == 422
    assert "Họ tên gồm" in answer.text
    person = staff.accounts.person("lan")
    assert person is not None
    assert person.role is Role.OFFICER


def test_who_leaves_is_signed_out_and_may_come_back(staff: SimStaff) -> None:
    caller, gone = staff.client("technician"), staff.client("officer")
    caller.submit("/accounts/lan", page="/accounts/lan", do="deactivate")
    assert gone.get("/me").headers["location"].startswith("/sign-in")
    assert "đã nghỉ" in caller.page("/accounts")
    page = caller.page("/accounts/lan")
    assert 'value="reactivate"' in page
    assert 'value="deactivate"' not in page
    assert "password" not in page.partition("<main")[2]
    caller.submit("/accounts/lan", page="/accounts/lan", do="reactivate")
    assert staff.accounts.sign_in("lan", PASSWORD, "test") is not None


def test_the_last_who_may_manage_accounts_stays(staff: SimStaff) -> None:
    caller = staff.client("technician")
    caller.submit("/accounts/minh", page="/accounts", do="deactivate")
    answer = caller.submit("/accounts/tuan", page="/accounts", do="deactivate")
    assert answer.status_code == 422
    assert "tuan là lãnh đạo hoặc kỹ thuật viên cuối cùng" in answer.text
    # Nobody is offered to lock himself out.
    assert 'value="deactivate"' not in caller.page("/accounts/tuan")


def test_somebody_elses_password_is_set_anew(staff: SimStaff) -> None:
    caller, other = staff.client("supervisor"), staff.client("officer")
    answer = caller.submit("/accounts/lan/password", page="/accounts/lan", password=NEW, again=NEW)
    assert answer.headers["location"] == "/accounts?done=password"
    assert other.get("/me").headers["location"].startswith("/sign-in")
    assert staff.accounts.sign_in("lan", NEW, "test") is not None
    refused = caller.submit("/accounts/lan/password", page="/accounts/lan", password=NEW, again="other")
    assert refused.status_code == 422
    assert "hai lần nhập không giống nhau" in refused.text


def test_there_is_no_page_of_nobody(staff: SimStaff) -> None:
    caller = staff.client("technician")
    assert caller.get("/accounts/nobody").status_code == 404
    assert caller.submit("/accounts/nobody", page="/accounts", do="deactivate").status_code == 404


def test_names_are_text_and_never_markup(staff: SimStaff) -> None:
    caller = staff.client("technician")
    name = "<script>alert(1)</script>"
    caller.submit("/accounts", page="/accounts", **{**NEWCOMER, "name": name})
    for path in ("/accounts", "/accounts/hoa"):
        assert name not in caller.page(path)
        assert "&lt;script&gt;" in caller.page(path)


# --- screens


@pytest.mark.parametrize(
    ("purpose", "home"), [("kiosk", "/kiosk"), ("display", "/display"), ("rate:q1", "/rate/q1")]
)
def test_a_browser_becomes_a_screen_and_nobody_is_signed_in_there(
    staff: SimStaff, purpose: str, home: str
) -> None:
    caller = staff.client()
    caller.submit("/sign-in", officer="tuan", password=PASSWORD)
    person = session_of(caller)
    answer = caller.submit("/screens", page="/accounts", purpose=purpose)
    assert (answer.status_code, answer.headers["location"]) == (303, home)
    cookies = answer.headers.get_list("set-cookie")
    assert all(f"Max-Age={400 * 86_400}" in cookie for cookie in cookies)
    session = staff.accounts.session(session_of(caller))
    assert session is not None
    assert (session.role, session.purpose) == (Role.SCREEN, purpose)
    assert staff.accounts.session(person) is None
    assert caller.get("/accounts").status_code == 403


@pytest.mark.parametrize("purpose", ["", "rate:", "rate:q9", "everything", "rate:q1/../.."])
def test_a_screen_for_nothing_there_is_is_refused(staff: SimStaff, purpose: str) -> None:
    caller = staff.client("supervisor")
    answer = caller.submit("/screens", page="/accounts", purpose=purpose)
    assert answer.status_code == 422
    assert "Màn hình chỉ có thể là" in answer.text
    assert staff.accounts.screens() == ()
    assert "minh" in caller.page("/screens?lang=en")  # where a refused form leaves the browser


def test_screens_are_listed_and_removed(staff: SimStaff) -> None:
    screen, caller = staff.client("screen", "rate:q1"), staff.client("supervisor")
    (paired,) = staff.accounts.screens()
    page = caller.page("/accounts")
    assert paired.id in page
    assert "Màn hình đánh giá của Quầy 1" in page
    assert "Tuấn ghép nối ngày 23/11/2026" in page
    answer = caller.submit(f"/screens/{paired.id}/unpair", page="/accounts")
    assert answer.headers["location"] == "/accounts?done=unpaired#screens"
    assert staff.accounts.session(session_of(screen)) is None
    assert caller.submit(f"/screens/{paired.id}/unpair", page="/accounts").status_code == 404


def test_both_languages_say_everything(staff: SimStaff) -> None:
    caller = staff.client("technician")
    assert "Cán bộ và màn hình" in caller.page("/accounts")
    page = caller.page("/accounts?lang=en")
    assert "Staff and screens" in page
    assert "Rating screen of Counter 1" in page


# --- once


def test_what_is_done_at_the_same_time_is_done_once() -> None:
    done: list[int] = []
    release = threading.Event()

    async def work() -> int:
        done.append(1)
        await asyncio.to_thread(release.wait, 10)
        return len(done)

    async def both() -> list[int]:
        once = Once()
        first = asyncio.ensure_future(once.do("browser", "r", work))
        second = asyncio.ensure_future(once.do("browser", "r", work))
        await asyncio.sleep(0)
        release.set()
        return [
            await first,
            await second,
            await once.do("other", "r", work),
            await once.do("browser", "", work),
        ]

    assert asyncio.run(both()) == [1, 1, 2, 3]


def test_only_so_many_answers_are_remembered() -> None:
    async def count() -> int:
        once, done = Once(most=2), []

        async def work() -> None:
            done.append(1)

        for name in ("a", "b", "c", "a"):
            await once.do("browser", name, work)
        return len(done)

    assert asyncio.run(count()) == 4
