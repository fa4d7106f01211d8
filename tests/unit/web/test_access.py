"""Every row of the table of access, by every kind of caller; and forms that were not meant."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request
from sim_staff import LAN, OWN_SCREEN, Caller, SimStaff

from appliance.errors import MotcuaError
from appliance.web.access import TABLE, Who, check, routes_of
from appliance.web.errors import ForbiddenError, SignInNeededError, UnlistedRouteError
from appliance.web.guard import Guard
from provisioning.access_page import access_page

ROOT = Path(__file__).parents[3]
CALLERS = {
    "nobody": Who.NOBODY,
    "screen": Who.SCREEN,
    "box": Who.SCREEN,
    "officer": Who.OFFICER,
    "supervisor": Who.SUPERVISOR,
    "technician": Who.TECHNICIAN,
}
SIGNS_IN = {"nobody", "box"}
"""Who is led to signing in; a paired screen keeps to its purpose."""
ROWS = sorted(TABLE, key=lambda row: (row[1], row[0]))
CHANGES = [row for row in ROWS if row[0] == "POST"]
VALUES = {"{counter}": "q1", "{officer}": "lan", "{screen}": "nothing", "{name:path}": "base.css"}
SECTIONS = "office"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimStaff]:
    subject = SimStaff(tmp_path_factory.mktemp("staff"))
    yield subject
    subject.close()


def path_of(staff: SimStaff, row: tuple[str, str]) -> str:
    path = row[1].replace("{section}", SECTIONS)
    for name, value in VALUES.items():
        path = path.replace(name, value)
    return path.replace("{token}", staff.parts.token_of(staff.issue())) if "{token}" in path else path


def caller_of(staff: SimStaff, who: str, row: tuple[str, str]) -> Caller:
    return staff.client(who, purpose="rate:q1" if "rat" in row[1] else "kiosk")


def is_program(row: tuple[str, str]) -> bool:
    return row[1].startswith("/api/")


def is_endless(row: tuple[str, str]) -> bool:
    return row[1].endswith("/live") or row[1] == "/api/v1/events"


def is_allowed(row: tuple[str, str], who: str) -> bool:
    return bool({CALLERS[who], Who.NOBODY} & TABLE[row])


def call(caller: Caller, method: str, path: str, token: str, **headers: str) -> Any:
    """Ask as a page's script does where a program is answered, else as a browser does."""
    if path.startswith("/api/"):
        said = {"accept": "application/json", "x-csrf-token": token, **headers}
        return caller.http.request(method, path, headers=said, json={} if method == "POST" else None)
    said = {"accept": "text/html", **headers}
    form = {"csrf": token, "role": "officer"} if method == "POST" else None
    return caller.http.request(method, path, headers=said, data=form)


def guarded(staff: SimStaff, caller: Caller, who: str, row: tuple[str, str]) -> MotcuaError | None:
    """Ask the guard alone, for an answer that never ends."""
    cookies = "; ".join(f"{name}={value}" for name, value in caller.http.cookies.items())
    scope = {
        "type": "http",
        "method": row[0],
        "scheme": "https",
        "path": path_of(staff, row),
        "query_string": b"",
        "headers": [(b"host", b"192.168.1.2"), (b"cookie", cookies.encode())],
        "client": OWN_SCREEN if who == "box" else LAN,
        "route": SimpleNamespace(path=row[1]),
    }
    try:
        asyncio.run(Guard(staff.parts)(Request(scope)))
    except MotcuaError as error:
        return error
    return None


def test_every_row_has_a_route_and_every_route_a_row(shared: SimStaff) -> None:
    assert set(routes_of(shared.app)) == set(TABLE)


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_a_row_holds_for_every_caller(shared: SimStaff, row: tuple[str, str]) -> None:
    for who in CALLERS:
        caller = caller_of(shared, who, row)
        if is_endless(row):
            refusal = guarded(shared, caller, who, row)
            expected = SignInNeededError if who in SIGNS_IN else ForbiddenError
            assert refusal is None if is_allowed(row, who) else isinstance(refusal, expected), who
            continue
        token = caller.token() if row[0] == "POST" else ""
        path, before = path_of(shared, row), shared.box.desk.state.seq
        answer = call(caller, row[0], path, token)
        to = answer.headers.get("location", "")
        if is_allowed(row, who):
            assert answer.status_code not in {401, 403}, (who, answer.text)
            assert not to.startswith("/sign-in?next="), who
            continue
        assert shared.box.desk.state.seq == before
        if is_program(row):
            assert answer.status_code == (401 if who in SIGNS_IN else 403), who
            assert answer.headers["content-type"] == "application/problem+json"
        elif who in SIGNS_IN:
            seen = f"?next={path}" if ("GET", row[1]) in TABLE else ""
            assert (answer.status_code, to) == (303, f"/sign-in{seen}")
        else:
            assert answer.status_code == 403, who
            assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("row", CHANGES, ids=" ".join)
def test_a_change_that_no_page_of_ours_asked_for_is_refused(shared: SimStaff, row: tuple[str, str]) -> None:
    who = next(who for who in reversed(CALLERS) if is_allowed(row, who))
    caller, stranger = caller_of(shared, who, row), shared.client()
    path, token = path_of(shared, row), caller.token()
    before, session = shared.box.desk.state.seq, caller.http.cookies.get("__Host-motcua")
    tries = (
        call(caller, "POST", path, ""),
        call(caller, "POST", path, stranger.token()),
        call(caller, "POST", path, token, **{"sec-fetch-site": "cross-site"}),
        call(caller, "POST", path, token, **{"sec-fetch-site": "same-site"}),
        call(caller, "POST", path, token, origin="https://evil.example"),
        call(caller, "POST", path, token, origin="null"),
    )
    assert [answer.status_code for answer in tries] == [403] * len(tries)
    assert shared.box.desk.state.seq == before
    assert caller.http.cookies.get("__Host-motcua") == session


def test_a_token_in_another_kind_of_body_is_none(shared: SimStaff) -> None:
    caller = shared.client("technician")
    body = {"csrf": caller.token(), "purpose": "kiosk"}
    for more in ({"json": body}, {"files": {name: (None, value) for name, value in body.items()}}):
        answer = caller.http.post("/screens", headers={"accept": "text/html"}, **more)
        assert answer.status_code == 403
    assert shared.accounts.session(caller.http.cookies["__Host-motcua"]) is not None


def test_what_is_refused_is_not_recorded_though_its_body_is_right(staff: SimStaff) -> None:
    key = staff.issue()
    before = staff.box.desk.state.seq
    for who in ("nobody", "technician", "screen"):
        answer = staff.client(who).post("/api/v1/tickets/cancel", request=f"r-{who}", ticket=key)
        assert answer.status_code in {401, 403}
    assert staff.box.desk.state.seq == before
    assert (
        staff.client("officer").post("/api/v1/tickets/cancel", request="r-1", ticket=key).status_code == 200
    )
    assert staff.box.desk.state.seq > before


def test_a_screen_does_what_it_was_paired_for_and_nothing_else(staff: SimStaff) -> None:
    staff.open("q1")
    staff.issue()
    staff.call("q1")
    press = {"request": "p-1", "counter": "q1", "level": 3}
    number = {"request": "n-1", "service": "ho-tich"}
    kiosk, rating, display = (staff.client("screen", each) for each in ("kiosk", "rate:q2", "display"))
    for screen, path, body in (
        (kiosk, "/api/v1/ratings", press),
        (rating, "/api/v1/ratings", press),
        (display, "/api/v1/ratings", press),
        (rating, "/api/v1/tickets", number),
        (display, "/api/v1/tickets", number),
    ):
        assert screen.post(path, **body).json()["title"] == "access.another_screen"
    assert kiosk.post("/api/v1/tickets", **number).status_code == 200
    assert staff.client("screen", "rate:q1").post("/api/v1/ratings", **press).status_code == 200


def test_nobody_commands_in_anothers_name(staff: SimStaff) -> None:
    answer = staff.client("supervisor").post("/api/v1/counters/q1/open", request="o-1", officer="lan")
    assert (answer.status_code, answer.json()["title"]) == (403, "access.another_officer")
    assert staff.client("officer").post("/api/v1/counters/q1/open", request="o-2").status_code == 200


def test_signing_in_leads_back_to_the_counters_that_were_asked_for(staff: SimStaff) -> None:
    answer = staff.client().http.get("/counters?c=q1&c=q2", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/sign-in?next=/counters%3Fc%3Dq1%26c%3Dq2"


def test_a_session_that_ended_is_nobody(staff: SimStaff) -> None:
    caller = staff.client("technician")
    caller.page("/me")
    staff.accounts.sign_out(caller.http.cookies["__Host-motcua"])
    assert caller.get("/me").headers["location"] == "/sign-in?next=/me"


def test_a_change_of_role_counts_at_once(staff: SimStaff) -> None:
    caller = staff.client("supervisor")
    caller.page("/accounts")
    staff.accounts.change_role(staff.people["technician"], "minh", staff.people["officer"].role)
    assert caller.get("/accounts").status_code == 403


def test_an_app_with_a_route_that_has_no_row_does_not_start(staff: SimStaff) -> None:
    table = {row: who for row, who in TABLE.items() if row != ("POST", "/accounts")}
    with pytest.raises(UnlistedRouteError, match="POST /accounts"):
        check(staff.app, table)


def test_the_page_about_access_is_up_to_date() -> None:
    assert (ROOT / "docs" / "access.md").read_text(encoding="utf-8") == access_page()
