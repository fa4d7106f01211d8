"""The strangers' app over an office in memory: what a phone is shown, and what it may send."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from memory_office import KNOWN, OTHER, TOKEN, InMemoryOffice, like
from starlette.testclient import TestClient

from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.public.app import create
from appliance.public.notice import Notice
from appliance.sockets.door import Named
from appliance.sockets.known import FILE

ASSETS = Assets.open()
RENDERER = Renderer.open(ASSETS)
Q2 = Named(vi="Quầy 2", en="Counter 2")


@pytest.fixture
def office() -> InMemoryOffice:
    return InMemoryOffice()


@pytest.fixture
def phone(office: InMemoryOffice, tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / FILE).write_bytes(KNOWN.line())
    public = create(
        office, lambda: office.is_up, Notice(tmp_path), b"s" * 32, assets=ASSETS, renderer=RENDERER
    )
    with TestClient(public.app, base_url="http://10.77.0.1", follow_redirects=False) as client:
        yield client


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page)[:2])


@pytest.mark.parametrize(
    ("changes", "vi", "en"),
    [
        ({}, "người phía trước quý vị", "people ahead of you"),
        ({"ahead": 1}, "người phía trước quý vị", "person ahead of you"),
        ({"ahead": 0}, "Quý vị là người tiếp theo", "You are next in this line"),
        ({}, "Dự kiến chờ: 10–15 phút", "Expected wait: 10–15 min"),
        ({"low_ms": None, "high_ms": None}, "Chưa đủ thông tin", "too early to say"),
        ({"low_ms": None, "high_ms": None, "counters_open": 0}, "chưa có quầy nào", "No counter for this"),
        ({"state": "CALLED", "counter": Q2, "calls": 1}, "đến Quầy 2 ngay", "go to Counter 2 now"),
        ({"state": "CALLED", "counter": Q2, "calls": 3}, "Đã gọi 3 lần", "Called 3 times"),
        ({"state": "SERVING", "counter": Q2}, "Đang phục vụ", "Being served"),
        ({"state": "ON_HOLD"}, "Tạm dừng", "On hold"),
        (
            {"state": "NO_SHOW", "counter": Q2},
            "đến Quầy 2 nhưng chưa có mặt",
            "called to Counter 2, but nobody",
        ),
        ({"state": "SERVED", "can_rate": True}, "hài lòng đến mức nào", "How satisfied are you"),
        ({"state": "SERVED", "rated": True}, "Đánh giá đã được ghi nhận", "rating has been recorded"),
        ({"state": "CANCELLED", "can_leave": False}, "Số không còn hiệu lực", "No longer valid"),
    ],
)
def test_each_state_has_its_words_in_both_languages(office, phone, changes, vi, en):
    office.views[TOKEN] = like(**changes)
    page = phone.get(f"/t/{TOKEN}", headers={"accept-language": "vi"}).text
    assert vi in page
    assert '<html lang="vi"' in page
    english = phone.get(f"/t/{TOKEN}?lang=en").text
    assert en in english
    assert '<html lang="en"' in english


def test_a_form_appears_only_for_what_may_be_done(office, phone):
    office.views[TOKEN] = like(can_leave=False)
    page = phone.get(f"/t/{TOKEN}").text
    assert "<form" not in page
    assert "/leave" not in page
    back = phone.get(f"/t/{TOKEN}/leave")
    assert (back.status_code, back.headers["location"]) == (303, f"/t/{TOKEN}")
    assert phone.get(f"/t/{TOKEN}/rate").headers["location"] == f"/t/{TOKEN}"


def test_what_was_pressed_is_never_shown_again(office, phone):
    office.views[TOKEN] = like(state="SERVED", rated=True)
    page = phone.get(f"/t/{TOKEN}").text
    assert all(rung.name.vi not in page for rung in KNOWN.levels)


def test_a_request_id_is_the_offices_business_and_is_passed_on(office, phone):
    data = form_of(phone.get(f"/t/{TOKEN}/leave").text)
    for _ in range(2):
        assert phone.post(f"/t/{TOKEN}/leave", data=data).status_code == 303
    assert office.asked == [("leave", TOKEN, data["request"])]


def test_a_refusal_is_said_on_the_ticket(office, phone):
    data = form_of(phone.get(f"/t/{TOKEN}/leave").text)
    answer = phone.post(f"/t/{TOKEN}/rate", data={**data, "level": "2"})
    assert answer.status_code == 409
    assert "Chưa được" in answer.text
    assert "A012" in answer.text


@pytest.mark.parametrize("fields", [{"request": ""}, {"request": "a b"}, {"request": "x" * 99}])
def test_fields_that_are_none_do_not_reach_the_office(office, phone, fields):
    data = form_of(phone.get(f"/t/{TOKEN}/leave").text)
    assert phone.post(f"/t/{TOKEN}/leave", data={**data, **fields}).status_code == 403
    assert office.asked == []


def test_a_ticket_that_does_not_exist_never_comes_near_a_command(office, phone):
    data = form_of(phone.get(f"/t/{TOKEN}/leave").text)
    assert phone.post(f"/t/{OTHER}/leave", data=data).status_code == 404
    assert phone.post("/t/nonsense/leave", data=data).status_code == 404
    assert office.asked == []
    assert all("nonsense" not in tokens for tokens in office.looked)


def test_every_answer_carries_the_policy_and_no_store(phone):
    for path in (f"/t/{TOKEN}", "/", "/t/x", "/nothing", f"/api/v1/tickets/{TOKEN}"):
        headers = phone.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
    assert "immutable" in phone.get(ASSETS.url("phone.js")).headers["cache-control"]


def test_nothing_is_inline(office, phone):
    office.views[TOKEN] = like(state="SERVED", can_rate=True)
    for path in (f"/t/{TOKEN}", f"/t/{TOKEN}/leave", "/", "/t/x"):
        page = phone.get(path).text
        assert not re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", page)


def test_the_cookie_is_the_browsers_own_and_survives_links_from_elsewhere(phone):
    answer = phone.get(f"/t/{TOKEN}")
    cookie = answer.headers["set-cookie"]
    assert "motcua-visit=" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "set-cookie" not in phone.get(f"/t/{TOKEN}").headers


def test_a_cookie_of_somebodys_making_is_replaced(phone):
    phone.cookies.set("motcua-visit", "x" * 500)
    assert "motcua-visit=" in phone.get("/").headers["set-cookie"]


def test_without_a_notice_there_is_still_a_page(office, tmp_path):
    public = create(office, lambda: True, Notice(tmp_path), b"s" * 32, assets=ASSETS, renderer=RENDERER)
    office.views[TOKEN] = like(state="SERVED", can_rate=True)
    with TestClient(public.app) as phone:
        page = phone.get(f"/t/{TOKEN}").text
    assert "Bộ phận Một cửa" in page
    assert 'name="level"' not in page


def test_the_api_describes_itself(phone):
    described = phone.get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/v1/tickets/{token}",
        "/api/v1/tickets/{token}/leave",
        "/api/v1/tickets/{token}/rate",
        "/api/v1/tickets/{token}/reason",
    }


def test_a_wrong_method_is_a_problem(phone):
    answer = phone.put(f"/api/v1/tickets/{TOKEN}", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
