"""A citizen's phone, from the square code to the last word, against a real office."""

import json

import pytest
from sim_phone import SimPhone

from appliance.queueing import commands

pytestmark = pytest.mark.integration


def test_a_ticket_is_followed_from_the_line_to_the_counter(subject: SimPhone) -> None:
    subject.ticket()
    key, token = subject.ticket()
    phone = subject.browser()

    page = phone.page(f"/t/{token}")
    assert "A002" in page
    assert "Hộ tịch – Chứng thực" in page
    assert ">1</span> người phía trước quý vị" in page
    assert "Hiện chưa có quầy nào phục vụ dịch vụ này." in page
    assert key not in page

    subject.staff.open()
    subject.staff.call()
    subject.until(lambda: "Quý vị là người tiếp theo" in phone.page(f"/t/{token}"))
    subject.staff.call()
    subject.until(lambda: "Mời quý vị đến Quầy 1 ngay" in phone.page(f"/t/{token}"))
    page = phone.page(f"/t/{token}?lang=en")
    assert "Please go to Counter 1 now" in page
    assert '<html lang="en"' in page
    assert "Please go to Counter 1 now" in phone.page(f"/t/{token}")
    assert 'class="phone phone-CALLED"' in page


def test_who_did_not_come_is_told_where_to_go(subject: SimPhone) -> None:
    _, token = subject.ticket()
    subject.staff.open()
    subject.staff.call()
    subject.staff.ask(commands.MarkNoShow(counter="q1"))
    assert "Xin đến quầy ngay và đưa số này cho cán bộ." in subject.browser().page(f"/t/{token}")


def test_leaving_needs_a_second_word(subject: SimPhone) -> None:
    key, token = subject.ticket()
    phone = subject.browser()
    page = phone.page(f"/t/{token}")
    assert f'href="/t/{token}/leave"' in page
    assert "Không, tôi vẫn chờ" in phone.page(f"/t/{token}/leave")
    answer = phone.submit(f"/t/{token}/leave", f"/t/{token}/leave")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/t/{token}")
    assert subject.staff.box.desk.state.hall.tickets[key].state.value == "CANCELLED"
    assert "Số không còn hiệu lực" in phone.page(f"/t/{token}")


def test_the_same_form_sent_twice_is_one_leave(subject: SimPhone) -> None:
    _, token = subject.ticket()
    phone = subject.browser()
    data = phone.fields(phone.page(f"/t/{token}/leave"))
    first = phone.http.post(f"/t/{token}/leave", data=data)
    seq = subject.staff.box.desk.state.seq
    again = phone.http.post(f"/t/{token}/leave", data=data)
    assert (first.status_code, again.status_code) == (303, 303)
    assert subject.staff.box.desk.state.seq == seq


def test_one_evaluation_with_a_correction_and_a_reason(subject: SimPhone) -> None:
    key, token = subject.served()
    phone = subject.browser()
    page = phone.page(f"/t/{token}")
    assert page.index("Rất hài lòng") < page.index("Không hài lòng")
    assert phone.submit(f"/t/{token}/rate", f"/t/{token}", level="1").status_code == 303
    subject.until(lambda: "Đánh giá đã được ghi nhận" in phone.page(f"/t/{token}"))
    first = subject.staff.box.desk.state.bindings.evaluations["q1", key]
    assert "Bấm nhầm?" in phone.page(f"/t/{token}")

    subject.staff.box.time.advance(3_000)
    assert phone.submit(f"/t/{token}/rate", f"/t/{token}", level="3").status_code == 303
    corrected = subject.staff.box.desk.state.bindings.evaluations["q1", key]
    assert corrected.seq > first.seq
    assert corrected.first_ms == first.first_ms

    subject.staff.box.time.advance(3_000)
    subject.until(lambda: "Quý vị muốn góp ý về điều gì?" in phone.page(f"/t/{token}"))
    page = phone.page(f"/t/{token}")
    assert 'name="level"' not in page
    fields = phone.fields(page)
    late = phone.http.post(f"/t/{token}/rate", data={**fields, "level": "2"})
    assert late.status_code == 409
    assert "đã được đánh giá" in late.text
    assert subject.staff.box.desk.state.bindings.evaluations["q1", key] == corrected

    said = phone.submit(f"/t/{token}/reason", f"/t/{token}", reason="cho-lau")
    assert said.status_code == 303
    assert 'name="reason"' not in phone.page(f"/t/{token}")
    repeated = phone.http.post(f"/t/{token}/reason", data={**fields, "reason": "thai-do"})
    assert repeated.status_code == 409


def test_each_level_is_thanked_for_in_the_same_words(subject: SimPhone) -> None:
    pages = []
    for level in ("1", "3"):
        _, token = subject.ticket()
        if not pages:
            subject.staff.open()
        subject.staff.call()
        subject.staff.ask(commands.Complete(counter="q1"))
        phone = subject.browser()
        phone.submit(f"/t/{token}/rate", f"/t/{token}", level=level)
        subject.staff.box.time.advance(60_000)
        phone.get("/")
        subject.until(lambda phone=phone, token=token: 'name="level"' not in phone.page(f"/t/{token}"))
        page = phone.page(f"/t/{token}")
        start = page.index('class="phone-thanks"')
        pages.append(page[start : page.index("</div>", start)])
    assert pages[0] == pages[1]


def test_a_reason_needs_a_rating_by_the_same_token(subject: SimPhone) -> None:
    _, token = subject.served()
    subject.staff.rate()  # on the buttons at the counter
    _, other = subject.ticket()
    phone = subject.browser()
    fields = phone.fields(phone.page(f"/t/{other}/leave"))
    answer = phone.http.post(f"/t/{token}/reason", data={**fields, "reason": "cho-lau"})
    assert answer.status_code == 409
    assert "Không có lượt đánh giá nào" in answer.text


@pytest.mark.parametrize("verb", ["leave", "rate", "reason"])
def test_a_post_without_the_pages_token_changes_nothing(subject: SimPhone, verb: str) -> None:
    _, token = subject.ticket()
    phone = subject.browser()
    fields = phone.fields(phone.page(f"/t/{token}/leave"))
    seq = subject.staff.box.desk.state.seq
    path = f"/t/{token}/{verb}"
    stranger = subject.browser()
    forged = [
        phone.http.post(path, data={**fields, "csrf": "x"}),
        phone.http.post(path, data={"request": "r1"}),
        phone.http.post(path, data=fields, headers={"sec-fetch-site": "cross-site"}),
        phone.http.post(path, data=fields, headers={"origin": "http://evil.example"}),
        stranger.http.post(path, data=fields),
        phone.http.post(f"/api/v1/tickets/{token}/{verb}", json={"request": "r1"}),
    ]
    assert [each.status_code for each in forged] == [403] * len(forged)
    assert subject.staff.box.desk.state.seq == seq


def test_the_page_gives_a_level_that_is_none_back(subject: SimPhone) -> None:
    _, token = subject.served()
    phone = subject.browser()
    for level in ("", "9", "x", "4"):
        answer = phone.submit(f"/t/{token}/rate", f"/t/{token}", level=level)
        assert answer.status_code in {403, 409}
        assert 'name="level"' in answer.text


def test_tokens_that_are_none_or_of_another_day_are_told_so(subject: SimPhone) -> None:
    _, token = subject.ticket()
    phone = subject.browser()
    assert phone.page(f"/t/{token}")
    forged = f"{token[:-3]}abc"
    for path in (f"/t/{forged}", "/t/x", "/t/%00", f"/t/{token}%0a", "/t/A1-../../../../etc", "/nothing"):
        answer = phone.get(path)
        assert answer.status_code == 404, path
        assert "Không tìm thấy" in answer.text
    api = phone.get(f"/api/v1/tickets/{forged}")
    assert (api.status_code, api.json()["title"]) == (404, "phone.no_ticket")
    subject.staff.box.time.advance(86_400_000)
    subject.staff.ask(commands.IssueTicket(service="dat-dai"))
    subject.until(lambda: phone.get(f"/t/{token}").status_code == 404)


def test_the_api_shows_and_does_the_same(subject: SimPhone) -> None:
    key, token = subject.ticket()
    phone = subject.browser()
    csrf = {"x-csrf-token": phone.fields(phone.page(f"/t/{token}/leave"))["csrf"]}
    path = f"/api/v1/tickets/{token}"
    seen = phone.get(path).json()
    assert seen["label"] == "A001"
    assert seen["service"] == {"vi": "Hộ tịch – Chứng thực", "en": "Civil status"}
    assert (seen["state"], seen["ahead"], seen["can_leave"], seen["can_rate"]) == ("WAITING", 0, True, False)
    assert key not in json.dumps(seen)
    bad = phone.http.post(f"{path}/rate", json={"request": "r", "level": 9}, headers=csrf)
    assert (bad.status_code, bad.json()["title"]) == (422, "request.invalid")
    early = phone.http.post(f"{path}/rate", json={"request": "r", "level": 2}, headers=csrf)
    assert (early.status_code, early.json()["title"]) == (409, "rating.closed")
    left = phone.http.post(f"{path}/leave", json={"request": "r1"}, headers=csrf)
    again = phone.http.post(f"{path}/leave", json={"request": "r1"}, headers=csrf)
    assert (left.status_code, left.json()["state"]) == (200, "CANCELLED")
    assert again.json()["state"] == "CANCELLED"
    other = phone.http.post(f"{path}/leave", json={"request": "r2"}, headers=csrf)
    assert (other.status_code, other.json()["title"]) == (409, "ticket.wrong_state")


def test_an_office_that_is_away_is_said_and_comes_back(subject: SimPhone) -> None:
    _, token = subject.ticket()
    _, unseen = subject.ticket()
    # Another one looks again and again: the answer comes at once, and a phone is served 60 in a row.
    phone, watcher = subject.browser(), subject.browser("127.0.3.9")
    fields = phone.fields(phone.page(f"/t/{token}/leave"))
    subject.close_door()
    subject.until(
        lambda: "Mất kết nối với bộ phận một cửa" in watcher.get(f"/t/{token}").text.split("<main")[1]
    )
    stale = phone.get(f"/t/{token}")
    assert stale.status_code == 200
    assert "A001" in stale.text
    never = phone.get(f"/t/{unseen}")
    assert never.status_code == 503
    assert 'http-equiv="refresh"' in never.text
    api = phone.get(f"/api/v1/tickets/{token}")
    assert (api.status_code, api.json()["title"], api.headers["retry-after"]) == (
        503,
        "phone.office_away",
        "2",
    )
    refused = phone.http.post(f"/t/{token}/leave", data=fields)
    assert refused.status_code == 503
    assert "Chưa có gì thay đổi" in refused.text
    subject.open_door()
    subject.until(lambda: watcher.get(f"/api/v1/tickets/{token}").status_code == 200)
    assert "Mất kết nối" not in phone.page(f"/t/{token}").split("<main")[1]


def test_other_settings_are_known_at_once(subject: SimPhone) -> None:
    _, token = subject.ticket()
    phone = subject.browser()
    assert "Xã Mường Tè" in phone.page(f"/t/{token}")
    settings = subject.staff.settings
    office = settings.office.model_copy(update={"name": "Xã Pa Vệ Sủ"})
    subject.staff.settings = settings.model_copy(update={"office": office})
    subject.door.settings_changed()
    assert "Xã Pa Vệ Sủ" in phone.page(f"/t/{token}")
    assert (subject.link_dir / "public.json").stat().st_mode & 0o777 == 0o640
    assert (subject.link_dir / "office.sock").stat().st_mode & 0o777 == 0o660
