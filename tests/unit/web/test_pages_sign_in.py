"""Signing in and out, the first account, the reset with the setup code, the clock."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sim_desk import DAY_MS
from sim_staff import PASSWORD, PEOPLE, SimStaff

from appliance.web.pages_clock import told_time
from appliance.wire.moment import Quality

NEW = "Ruong-bac-thang-9"


def sign_in(staff: SimStaff, officer: str, password: str = PASSWORD, **fields: str):
    caller = staff.client()
    return caller, caller.submit("/sign-in", officer=officer, password=password, **fields)


def empty(staff: SimStaff) -> None:
    """Let nobody be left who may manage accounts, as on a new box."""
    with staff.accounts._store.lock:
        staff.accounts._store.accounts.clear()
        staff.accounts._store.sessions.clear()


@pytest.mark.parametrize(
    ("role", "home"), [("officer", "/counters"), ("supervisor", "/supervisor"), ("technician", "/health")]
)
def test_each_role_goes_to_its_own_work(staff: SimStaff, role: str, home: str) -> None:
    caller, answer = sign_in(staff, PEOPLE[role])
    assert (answer.status_code, answer.headers["location"]) == (303, home)
    assert PEOPLE[role] in caller.page("/me")


@pytest.mark.parametrize(
    ("role", "home"), [("officer", "/"), ("supervisor", "/health"), ("technician", "/health")]
)
def test_without_a_hall_nobody_goes_to_a_counter(staff: SimStaff, role: str, home: str) -> None:
    office = staff.settings.office.model_copy(update={"role": "hotspot"})
    staff.settings = staff.settings.model_copy(update={"office": office})
    assert sign_in(staff, PEOPLE[role])[1].headers["location"] == home


def test_the_page_that_was_asked_for_comes_next(staff: SimStaff) -> None:
    wanted = staff.client().get("/me")
    assert wanted.headers["location"] == "/sign-in?next=/me"
    assert 'name="next" value="/me"' in staff.client().page(wanted.headers["location"])
    assert sign_in(staff, "lan", next="/me")[1].headers["location"] == "/me"


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "me", "/\n/x"]
)
def test_no_other_site_comes_next(staff: SimStaff, path: str) -> None:
    assert sign_in(staff, "lan", next=path)[1].headers["location"] == "/counters"


def test_the_sessions_cookie_is_for_this_box_only(staff: SimStaff) -> None:
    cookies = sign_in(staff, "lan")[1].headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-motcua="))
    assert "HttpOnly" in session
    assert "Secure" in session
    assert "SameSite=strict" in session
    assert "Max-Age" not in session


def test_a_form_token_from_before_signing_in_is_worth_nothing_after(staff: SimStaff) -> None:
    caller = staff.client()
    planted = caller.token()
    caller.submit("/sign-in", officer="lan", password=PASSWORD)
    answer = caller.http.post("/sign-out", data={"csrf": planted}, headers={"accept": "text/html"})
    assert answer.status_code == 403
    caller.page("/me")


@pytest.mark.parametrize(("officer", "password"), [("lan", "wrong-one"), ("nobody", PASSWORD), ("", "")])
def test_a_refusal_never_says_which_of_the_two_is_wrong(staff: SimStaff, officer: str, password: str) -> None:
    _, answer = sign_in(staff, officer, password)
    assert answer.status_code == 422
    assert "Mã cán bộ hoặc mật khẩu không đúng." in answer.text
    assert f'value="{officer}"' in answer.text
    assert not password or f'value="{password}"' not in answer.text
    assert "__Host-motcua=" not in answer.headers.get("set-cookie", "")


def test_too_many_tries_say_how_long_to_wait(staff: SimStaff) -> None:
    for _ in range(5):
        sign_in(staff, "lan", "wrong-one")
    _, answer = sign_in(staff, "lan")
    assert answer.status_code == 429
    wait_s = int(answer.headers["retry-after"])
    assert f"Hãy thử lại sau {wait_s} giây." in answer.text
    staff.box.time.advance(wait_s * 1_000)
    assert sign_in(staff, "lan")[1].status_code == 303


def test_the_page_speaks_english(staff: SimStaff) -> None:
    caller = staff.client()
    caller.page("/sign-in?lang=en")
    answer = caller.submit("/sign-in", officer="lan", password="wrong-one")  # noqa: S106 - nobody's
    assert "the name or the password is wrong" in answer.text
    assert '<html lang="en"' in answer.text


def test_signing_in_ends_the_session_before(staff: SimStaff) -> None:
    caller, _ = sign_in(staff, "lan")
    before = caller.http.cookies["__Host-motcua"]
    caller.submit("/sign-in", officer="minh", password=PASSWORD)
    assert staff.accounts.session(before) is None
    assert "minh" in caller.page("/me")


def test_only_a_form_signs_out(staff: SimStaff) -> None:
    caller, _ = sign_in(staff, "lan")
    token = caller.http.cookies["__Host-motcua"]
    assert caller.get("/sign-out").status_code in {404, 405}
    caller.page("/me")
    answer = caller.submit("/sign-out", page="/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert staff.accounts.session(token) is None
    assert caller.get("/me").headers["location"].startswith("/sign-in")


def test_a_screen_that_signs_out_stays_a_screen(staff: SimStaff) -> None:
    screen = staff.client("screen")
    screen.submit("/sign-out")
    assert staff.accounts.session(screen.http.cookies["__Host-motcua"]) is not None


def test_a_screen_is_told_before_somebody_signs_in_there(staff: SimStaff) -> None:
    assert "Trình duyệt này đang là màn hình của sảnh" in staff.client("screen").page("/sign-in")
    assert "đang là màn hình" not in staff.client("box").page("/sign-in")


# --- the first account


def test_a_new_box_leads_to_the_first_account(staff: SimStaff) -> None:
    empty(staff)
    caller = staff.client()
    assert caller.get("/sign-in").headers["location"] == "/setup"
    answer = caller.submit(
        "/setup", page="/setup", code=staff.setup_code.lower().replace("-", " "), officer="hoa", name="Hoà",
        password=NEW, again=NEW,
    )  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    assert [(p.officer, p.role.value) for p in staff.accounts.people()] == [("hoa", "technician")]
    assert "hoa" in caller.page("/me")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "0000-0000-0000"}, "Mã cài đặt không đúng"),
        ({"again": "something-else"}, "hai lần nhập không giống nhau"),
        ({"password": "12345678", "again": "12345678"}, "quá phổ biến"),
        ({"officer": "Hoà"}, "Mã cán bộ gồm"),
        ({"name": ""}, "Họ tên gồm"),
    ],
)
def test_a_first_account_is_refused_in_words(staff: SimStaff, change: dict[str, str], sentence: str) -> None:
    empty(staff)
    good = {"code": staff.setup_code, "officer": "hoa", "name": "Hoà", "password": NEW, "again": NEW}
    answer = staff.client().submit("/setup", page="/setup", **{**good, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert NEW not in answer.text
    assert staff.accounts.people() == ()


def test_there_is_only_one_first_account(staff: SimStaff) -> None:
    fields = {"code": staff.setup_code, "officer": "hoa", "name": "Hoà", "password": NEW, "again": NEW}
    answer = staff.client().submit("/setup", page="/setup", **fields)
    assert answer.status_code == 422
    assert "Thiết bị đã có tài khoản" in answer.text
    assert staff.accounts.person("hoa") is None


def test_the_code_gives_a_new_password(staff: SimStaff) -> None:
    page = staff.client().page("/setup")
    assert 'action="/setup/reset"' in page
    assert 'name="name"' not in page
    fields = {"code": staff.setup_code, "officer": "lan", "password": NEW, "again": NEW}
    answer = staff.client().submit("/setup/reset", page="/setup", **fields)
    assert answer.headers["location"] == "/sign-in?done=password"
    assert "Đã đổi mật khẩu" in staff.client().page("/sign-in?done=password")
    assert sign_in(staff, "lan", NEW)[1].status_code == 303
    assert sign_in(staff, "lan")[1].status_code == 422


def test_a_wrong_code_changes_nothing_and_is_throttled(staff: SimStaff) -> None:
    fields = {"code": "0000-0000-0000", "officer": "lan", "password": NEW, "again": NEW}
    answers = [staff.client().submit("/setup/reset", page="/setup", **fields) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "retry-after" in answers[-1].headers
    assert sign_in(staff, "lan")[1].status_code == 303


def test_a_box_without_a_code_says_how_to_make_one(staff: SimStaff) -> None:
    staff.accounts._setup_file.path.unlink()
    page = staff.client().page("/setup")
    assert "motcua accounts setup-code" in page
    assert 'name="code"' not in page


# --- the clock


def untrusted(staff: SimStaff) -> None:
    """Let the box lose whatever vouched for its time."""
    staff.box.time.synced = False
    staff.box.time.advance(2 * DAY_MS)
    assert staff.box.clock.now().quality is Quality.UNSYNCED


def test_who_signs_in_confirms_a_clock_that_nobody_vouches_for(staff: SimStaff) -> None:
    untrusted(staff)
    caller, answer = sign_in(staff, "lan", next="/me")
    to = urlsplit(answer.headers["location"])
    assert (to.path, parse_qs(to.query)) == ("/clock", {"next": ["/me"]})
    assert "Thiết bị chưa biết giờ đúng" in caller.page(answer.headers["location"])
    told = {"date": "2026-12-01", "time": "07:45:30", "next": "/me"}
    done = caller.submit("/clock", page="/clock", **told)
    assert (done.status_code, done.headers["location"]) == (303, "/me")
    moment = staff.box.clock.now()
    assert (moment.local_day(), moment.local_minutes()) == ("2026-12-01", 7 * 60 + 45)
    assert moment.trusted
    assert "Giờ của thiết bị đúng" in caller.page("/clock")
    assert sign_in(staff, "lan", next="/me")[1].headers["location"] == "/me"


@pytest.mark.parametrize(
    ("day", "time"),
    [
        ("2024-12-31", "08:00"),
        ("2100-01-02", "08:00"),
        ("", ""),
        ("2026-13-01", "08:00"),
        ("2026-11-25", "x"),
    ],
)
def test_a_slip_of_the_hand_is_no_time(staff: SimStaff, day: str, time: str) -> None:
    caller = staff.client("officer")
    before = staff.box.clock.now().at_us
    answer = caller.submit("/clock", page="/clock", date=day, time=time, next="/me")
    assert answer.status_code == 422
    assert "Thiết bị không nhận ngày giờ này" in answer.text
    assert 'name="next" value="/me"' in answer.text
    assert staff.box.clock.now().at_us - before < 1_000_000


def test_a_time_is_that_of_hanoi_to_the_minute_or_the_second() -> None:
    told = told_time("2026-11-25", "08:31")
    assert told is not None
    assert told.at.utctimetuple()[:5] == (2026, 11, 25, 1, 31)
    assert told_time("2026-11-25", "08:31:05") is not None
    assert told_time("2026-11-25", "08:31:05+09:00") is None
