"""The kiosk: one number a tap, shown large; refusals that a citizen understands; the buttons beside it."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sim_follower import first_look
from sim_staff import SimStaff

from appliance.desk.commands import ApplyRules
from appliance.desk.rules import Rules
from appliance.queueing import commands as queueing
from appliance.queueing.ticket import Ticket
from appliance.wire.event import Draft

SECOND_MS = 1000


def tickets(staff: SimStaff) -> list[Ticket]:
    return sorted(staff.box.desk.state.hall.tickets.values(), key=lambda ticket: ticket.key)


def take(staff: SimStaff, who: str = "box", service: str = "ho-tich", **more: str):
    caller = staff.client(who)
    return caller, caller.submit("/kiosk/tickets", "/kiosk", service=service, **{"request": "tap-1", **more})


def test_a_number_is_shown_large_with_its_place_and_its_code(staff: SimStaff) -> None:
    staff.issue()
    caller, answer = take(staff)
    assert answer.status_code == 303
    page = caller.page(answer.headers["location"])
    assert '<span class="issued-label">A002</span>' in page
    assert "1 người" in page
    assert "Hộ tịch – Chứng thực" in page
    assert "<svg" in page[page.index('class="qr"') :]
    assert "nhìn lên màn hình" in page


def test_the_number_page_returns_by_itself_without_a_script(staff: SimStaff) -> None:
    caller, answer = take(staff)
    page = caller.page(answer.headers["location"])
    assert '<noscript><meta http-equiv="refresh" content="20;url=/kiosk?lang=vi&amp;theme=auto">' in page


def test_no_code_is_drawn_when_phones_cannot_follow(staff: SimStaff) -> None:
    box = replace(staff.parts.box(), public_url=None)
    object.__setattr__(staff.parts, "box", lambda: box)
    caller, answer = take(staff)
    assert 'class="qr"' not in caller.page(answer.headers["location"])


def test_the_wait_is_told_as_a_range_when_it_is_known(staff: SimStaff) -> None:
    staff.open()
    for _ in range(8):
        staff.issue()
    for _ in range(5):
        staff.call()
    caller, answer = take(staff)
    page = caller.page(answer.headers["location"])
    assert "Dự kiến chờ" in page
    assert re.search(r"<dd>(không quá )?[\d–]+ phút</dd>", page)


def test_a_double_tap_gives_one_number(staff: SimStaff) -> None:
    caller = staff.client("box")
    answers = [caller.submit("/kiosk/tickets", "/kiosk", service="ho-tich", request="same") for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(tickets(staff)) == 1


def test_every_page_has_another_request_id(staff: SimStaff) -> None:
    caller = staff.client("box")
    ids = {re.findall(r'name="request" value="([^"]+)"', caller.page("/kiosk"))[0] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("who", "purpose", "source"),
    [("box", "", "kiosk"), ("screen", "kiosk", "kiosk"), ("officer", "", "staff")],
)
def test_who_may_take_a_number_is_recorded_as_what_he_is(
    staff: SimStaff, who: str, purpose: str, source: str
) -> None:
    answer = staff.client(who, purpose).submit("/kiosk/tickets", "/kiosk", service="ho-tich", request="r1")
    assert answer.status_code == 303
    issued = [event for event in staff.box.events() if event.kind == "ticket.issued"]
    assert [event.data["source"] for event in issued] == [source]


def test_a_browser_that_was_not_paired_looks_only(staff: SimStaff) -> None:
    page = staff.client().page("/kiosk")
    assert "Màn hình này chỉ để xem" in page
    assert page.count(" disabled>") == 4
    assert staff.client().submit("/kiosk/tickets", service="ho-tich").status_code == 303
    assert not tickets(staff)


def test_a_screen_that_is_there_for_something_else_gives_no_number(staff: SimStaff) -> None:
    caller = staff.client("screen", "display")
    answer = caller.submit("/kiosk/tickets", "/sign-in", service="ho-tich", request="r1")
    assert answer.status_code == 403
    assert "Chưa lấy được số" in answer.text
    assert not tickets(staff)


def test_priority_is_one_step_and_goes_with_the_number(staff: SimStaff) -> None:
    caller = staff.client("box")
    assert 'href="/kiosk?priority=choose"' in caller.page("/kiosk")
    assert 'href="/kiosk?priority=elderly"' in caller.page("/kiosk?priority=choose")
    page = caller.page("/kiosk?priority=elderly")
    assert '<input type="hidden" name="priority" value="elderly">' in page
    answer = caller.submit("/kiosk/tickets", "/kiosk", service="ho-tich", priority="elderly", request="r1")
    assert "Người cao tuổi" in caller.page(answer.headers["location"])
    assert [ticket.priority for ticket in tickets(staff)] == ["elderly"]


def test_a_class_that_does_not_exist_is_no_priority(staff: SimStaff) -> None:
    page = staff.client("box").page("/kiosk?priority=emperor")
    assert '<input type="hidden" name="priority" value="none">' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"service": "nothing"}, "Không có dịch vụ nothing"),
        ({"service": ""}, "Không có dịch vụ"),
        ({"service": "ho-tich", "priority": "emperor"}, "Không có diện ưu tiên emperor"),
        ({"service": "ho-tich", "request": "with space"}, "Thông tin request chưa hợp lệ"),
    ],
)
def test_wrong_fields_lead_to_a_page_with_a_sentence(
    staff: SimStaff, fields: dict[str, str], sentence: str
) -> None:
    _, answer = take(staff, **fields)
    assert answer.status_code in {404, 409, 422}
    assert sentence in answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert not tickets(staff)


def test_outside_the_hours_the_page_says_when_and_a_press_says_why(staff: SimStaff) -> None:
    staff.box.time.advance(4 * 3_600 * SECOND_MS)  # noon
    caller = staff.client("box")
    assert "Giờ cấp số hôm nay: 07:30–11:30 và 13:30–17:00." in caller.page("/kiosk")
    answer = caller.submit("/kiosk/tickets", "/kiosk", service="ho-tich", request="r1")
    assert (answer.status_code, "07:30" in answer.text) == (409, True)


def test_refusals_are_in_the_language_of_who_presses(staff: SimStaff) -> None:
    staff.ask(queueing.CloseDay())
    caller = staff.client("box")
    caller.page("/kiosk?lang=en")
    answer = caller.submit("/kiosk/tickets", "/kiosk", service="ho-tich", request="r1")
    assert "No number was given out" in answer.text
    assert "The business day" in answer.text


def test_a_full_hall_and_a_spent_service_are_told(staff: SimStaff) -> None:
    hall = staff.rules.hall
    services = tuple(replace(each, daily_limit=1) if each.id == "ho-tich" else each for each in hall.services)
    rules = Rules(replace(hall, services=services, max_waiting=2), staff.rules.ratings)
    staff.box.desk.ask(ApplyRules(rules, Draft("config.applied", {"sha256": "0" * 64, "keys": []})))
    staff.issue()
    _, answer = take(staff)
    assert "đã phát hết 1 số hôm nay" in answer.text
    staff.issue("dat-dai")
    _, answer = take(staff, service="bao-tro")
    assert "Đã có 2 người đang chờ" in answer.text


def test_a_card_that_takes_nothing_is_told_and_the_same_press_can_be_repeated(staff: SimStaff) -> None:
    caller = staff.client("box")
    token = caller.token("/kiosk")
    staff.box.desk.close()
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
    data = {"csrf": token, "service": "ho-tich", "request": "again-1"}
    answer = caller.http.post("/kiosk/tickets", data=data, headers=headers)
    assert answer.status_code == 503
    assert '<input type="hidden" name="request" value="again-1">' in answer.text
    assert 'name="service" value="ho-tich"' in answer.text


@pytest.mark.parametrize("token", ["A1-abcdefghijklmnop", "nonsense", "A2-abcdefghijklmnop"])
def test_a_number_that_is_none_of_today_is_told(staff: SimStaff, token: str) -> None:
    staff.issue()
    answer = staff.client().get(f"/kiosk/tickets/{token}")
    assert answer.status_code == 404
    assert "Số này không phải của hôm nay" in answer.text


def test_a_number_that_is_called_already_says_where_to(staff: SimStaff) -> None:
    key = staff.issue()
    staff.open()
    staff.call()
    page = staff.client().page(f"/kiosk/tickets/{staff.parts.token_of(key)}")
    assert "Đang mời quý vị đến:" in page
    assert "Quầy 1" in page


def test_hall_pages_speak_vietnamese_until_somebody_chooses(staff: SimStaff) -> None:
    caller = staff.client("box")
    wish = {"accept": "text/html", "accept-language": "en-US"}
    for path in ("/kiosk", "/display", "/rate/q1"):
        assert '<html lang="vi"' in caller.http.get(path, headers=wish).text
        assert '<html lang="en"' in caller.http.get(f"{path}?lang=en", headers=wish).text
        caller.http.cookies.delete("lang")


def test_the_live_look_counts_who_waits(staff: SimStaff) -> None:
    for service in ("ho-tich", "ho-tich", "dat-dai"):
        staff.issue(service)
    look = first_look(staff, staff.client("box"), "/kiosk/live?lang=vi")
    counts = re.findall(r'service-count">([^<]+)<', look["regions"]["services"])
    assert counts == ["2 người đang chờ", "1 người đang chờ", "Không có ai đang chờ", "Không có ai đang chờ"]
    english = first_look(staff, staff.client("box"), "/kiosk/live?lang=en")["regions"]["services"]
    assert "2 people are waiting" in english
    assert "1 person is waiting" in english
    assert '<span class="service-name" lang="vi">Trả kết quả</span>' in english


def test_the_live_look_is_what_the_page_began_with(staff: SimStaff) -> None:
    staff.issue()
    caller = staff.client("box")
    page = caller.page("/kiosk")
    look = first_look(staff, caller, "/kiosk/live?lang=vi")
    assert look["regions"]["services"] in page
    assert f'data-shell="{look["facts"]["shell"]}"' in page


def test_numbers_of_the_buttons_are_shown_beside_the_buttons_only(staff: SimStaff) -> None:
    staff.issue("dat-dai", source="kiosk")
    key = staff.issue(source="button")
    shown = first_look(staff, staff.client("box"), "/kiosk/live")["facts"]["buttons"]
    assert [(each["label"], each["token"]) for each in shown] == [("A001", staff.parts.token_of(key))]
    beside = first_look(staff, staff.client("screen", "kiosk"), "/kiosk/live?buttons=1")
    assert beside["facts"]["buttons"] == shown
    for caller in (staff.client("screen", "kiosk"), staff.client(), staff.client("officer")):
        assert "buttons" not in first_look(staff, caller, "/kiosk/live")["facts"]
    assert "buttons" not in first_look(staff, staff.client(), "/kiosk/live?buttons=1")["facts"]


def test_numbers_of_the_buttons_are_not_shown_for_long(staff: SimStaff) -> None:
    staff.issue(source="button")
    staff.box.time.advance(31 * SECOND_MS)
    assert first_look(staff, staff.client("box"), "/kiosk/live")["facts"]["buttons"] == []


def test_a_kiosk_beside_the_buttons_stays_one(staff: SimStaff) -> None:
    caller = staff.client("screen", "kiosk")
    page = caller.page("/kiosk?buttons=1")
    assert 'data-live="/kiosk/live?lang=vi&amp;buttons=1"' in page
    answer = caller.submit("/kiosk/tickets", "/kiosk?buttons=1", service="ho-tich", request="r", buttons="1")
    assert urlsplit(answer.headers["location"]).query == "buttons=1"
    assert 'data-return-to="/kiosk?buttons=1&amp;' in caller.page(answer.headers["location"])
