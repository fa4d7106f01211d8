"""The supervisor's page and the state of the box: what they tell, and what they keep to themselves."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sim_staff import SimStaff

from appliance.figures.cells import BLOCK
from appliance.figures.totals import CounterTotals, RatingTotals, ServiceTotals, Totals
from appliance.queueing import commands as queueing
from appliance.web.pages_supervisor import Supervision
from appliance.web.supervisor_health import HealthNews, shown
from appliance.web.supervisor_view import Report, report
from appliance.web.ui import Ui

FAULTS = (
    *("key_refused", "batch_refused", "center_rewound", "history_unreadable", "not_enrolled"),
    *("journal_damaged", "rolled_back", "restored", "backup_behind"),
    *("button_stuck", "bus_offline", "panel_offline"),
)
ILL = {"key": "disk_space", "subject": "", "vi": "Hãy thay thẻ nhớ", "en": "change the card"}


def serve(staff: SimStaff, people: int, counter: str = "q1", level: int | None = 3) -> None:
    """Serve so many at a counter; each rates as given."""
    for _ in range(people):
        staff.issue("ho-tich")
        staff.call(counter)
        staff.ask(queueing.Start(counter=counter))
        if level is not None:
            staff.rate(counter, level)
        staff.ask(queueing.Complete(counter=counter), wait_ms=61_000)


def of_today(staff: SimStaff, lang: str = "vi") -> Report:
    """Return the report of the running day."""
    return Supervision(Ui(staff.parts)).running(staff.box.desk.state, lang)


# --- figures


def test_an_empty_day_is_shown_without_complaint(staff: SimStaff) -> None:
    for lang in ("vi", "en"):
        page = staff.client("supervisor").page(f"/supervisor?lang={lang}")
        assert "Traceback" not in page
        assert ("Chưa có ai đánh giá." if lang == "vi" else "Nobody has rated yet.") in page


def test_today_tells_who_waits_and_who_sits_where(staff: SimStaff) -> None:
    staff.open("q1", "lan")
    serve(staff, 2, level=None)
    staff.issue("bao-tro")
    found = of_today(staff)
    assert (found.all_services.figures.issued, found.all_services.waiting) == (3, 1)
    assert [(row.name, row.waiting) for row in found.services][:3] == [
        ("Hộ tịch – Chứng thực", 0), ("Đất đai – Xây dựng", 0), ("Bảo trợ xã hội", 1),
    ]  # fmt: skip
    first = found.counters[0]
    assert (first.name, first.state, first.officer, first.figures.served) == ("Quầy 1", "open", "Lan", 2)
    assert (found.staffed, found.counters[1].state) == (1, "closed")
    page = staff.client("supervisor").page("/supervisor")
    assert "lan" in page
    assert 'data-live="/supervisor/live"' in page


def test_the_response_rate_is_live(staff: SimStaff) -> None:
    staff.open("q1")
    serve(staff, 1)
    serve(staff, 1, level=None)
    assert of_today(staff).all_counters.figures.response_rate == 0.5
    serve(staff, 2)
    assert of_today(staff).all_counters.figures.response_rate == 0.75


def test_no_level_is_told_of_fewer_than_a_block(staff: SimStaff) -> None:
    staff.open("q1")
    serve(staff, BLOCK - 1, level=1)
    assert of_today(staff).scales == ()
    page = staff.client("supervisor").page("/supervisor?lang=en")
    assert "Too few ratings to show how people rated: fewer than 5 at each counter." in page
    assert "fewer than 5" in page
    assert 'class="levels"' not in page


def test_a_block_of_ratings_is_shown_by_level_the_best_first(staff: SimStaff) -> None:
    staff.open("q1")
    serve(staff, BLOCK - 1, level=3)
    serve(staff, 2, level=1)
    (levels,) = of_today(staff).scales
    assert [(level.label, level.count) for level in levels] == [
        ("Rất hài lòng", 4), ("Hài lòng", 0), ("Không hài lòng", 1),
    ]  # fmt: skip
    assert of_today(staff).shown == BLOCK
    page = staff.client("supervisor").page("/supervisor")
    assert page.count('<rect class="bar-fill" fill="#') == 3
    assert "80%" in page


def test_what_the_settings_no_longer_know_is_told_last_and_by_its_id(staff: SimStaff) -> None:
    totals = Totals(
        ("2026-11-20",),
        {"old": ServiceTotals(issued=3), "": ServiceTotals(issued=1)},
        {"q9": CounterTotals(ratings=RatingTotals(bound=5, shown={2: (1, 4)}))},
        is_partial=True,
    )
    found = report(totals, staff.settings, "vi", None)
    assert [row.name for row in found.services][-2:] == ["", "old"]
    assert found.counters[-1].name == "q9"
    assert [(level.label, level.number, level.count) for level in found.scales[0]] == [("", 2, 4), ("", 1, 1)]
    page = str(staff.parts.renderer.macro("supervisor/figures.html", "ratings", "vi", found))
    assert "theo thang 2 mức" in page
    assert "Mức 2/2" in page
    services = str(staff.parts.renderer.macro("supervisor/figures.html", "services", "vi", found))
    assert "Không rõ (mất trong nhật ký)" in services
    overview = str(staff.parts.renderer.macro("supervisor/figures.html", "overview", "vi", found))
    assert "Không đọc được toàn bộ dữ liệu" in overview


def test_flags_and_presses_just_before_the_next_call_are_told(staff: SimStaff) -> None:
    ratings = RatingTotals(bound=8, before_call=6, burst=2, stuck=1)
    found = report(
        Totals(("2026-11-20",), {}, {"q1": CounterTotals(served=10, ratings=ratings)}),
        staff.settings, "vi", None,
    )  # fmt: skip
    assert (found.counters[0].flagged, found.all_counters.flagged) == (3, 3)
    assert found.all_counters.figures.ratings.before_call_share == 0.75


@pytest.mark.parametrize("query", ["days=7", "days=30", "day=2026-11-20"])
def test_days_gone_by_are_shown_without_a_stream(staff: SimStaff, query: str) -> None:
    staff.open("q1")
    serve(staff, 1)
    page = staff.client("supervisor").page(f"/supervisor?{query}")
    assert "data-live" not in page
    assert 'data-region="uplink"' not in page


def test_days_together_hold_what_today_holds(staff: SimStaff) -> None:
    staff.open("q1")
    serve(staff, 1)
    page = staff.client("supervisor").page("/supervisor?days=7&lang=en")
    assert "17 Nov 2026 to 23 Nov 2026" in page
    assert "100%" in page


@pytest.mark.parametrize(
    "query", ["days=8", "days=²", "day=tomorrow", "day=", "days=7777777777", "day=0000-00-00"]
)
def test_days_that_make_no_sense_are_today(staff: SimStaff, query: str) -> None:
    assert 'data-live="/supervisor/live"' in staff.client("supervisor").page(f"/supervisor?{query}")


def test_the_future_is_today(staff: SimStaff) -> None:
    assert 'data-live="/supervisor/live"' in staff.client("supervisor").page("/supervisor?day=2031-01-01")


def test_a_live_look_holds_every_region_of_the_page(staff: SimStaff) -> None:
    staff.open("q1")
    serve(staff, BLOCK)
    staff.health["issues"] = [ILL]
    page = staff.client("supervisor").page("/supervisor")
    look = Supervision(Ui(staff.parts)).look("vi", lambda: staff.health)(staff.box.desk.state)
    assert page.count("data-region=") == len(look.regions)
    for name, html in look.regions.items():
        assert html in page, name


@pytest.mark.parametrize("who", ["officer", "technician"])
def test_only_a_supervisor_sees_the_figures(staff: SimStaff, who: str) -> None:
    assert staff.client(who).get("/supervisor").status_code == 403


# --- the state of the box


def test_what_is_wrong_comes_with_what_to_do(staff: SimStaff) -> None:
    staff.health |= {"issues": [ILL], "faults": [["disk_space", ""], ["panel_offline", "q2"]]}
    page = staff.client("technician").page("/health")
    assert "Hãy thay thẻ nhớ" in page
    assert page.count("Thẻ nhớ gần hết chỗ") == 1, "a fault that is an issue is told once"
    assert "Bảng LED không trả lời: q2" in page
    assert "Kiểm tra nguồn và dây của bảng." in page
    assert "change the card" in staff.client("supervisor").page("/health?lang=en")


def test_when_nothing_is_wrong_it_says_so(staff: SimStaff) -> None:
    page = staff.client("technician").page("/health")
    assert "Mọi thứ bình thường" in page
    assert "AB:CD" in page


def test_the_window_of_events_without_a_receipt_is_told(staff: SimStaff) -> None:
    uplink = {"enrolled": True, "unreceipted": 12, "last_success": "2026-11-23T01:10:00.000000Z", "marks": []}
    said = shown({"uplink": uplink, "oldest": "2026-11-23T01:31:00.000000Z"})
    page = str(staff.parts.renderer.macro("supervisor/state.html", "uplink", "vi", said))
    assert "từ 08:31, 23/11/2026" in page
    assert "08:10" in page
    nothing = shown({"uplink": {**uplink, "unreceipted": 0}})
    page = str(staff.parts.renderer.macro("supervisor/state.html", "uplink", "en", nothing))
    assert "The province has a receipt for everything." in page


def test_the_oldest_event_without_a_receipt_is_read_from_the_journal(staff: SimStaff) -> None:
    for _ in range(3):
        staff.issue()
    mark = staff.box.mark(2)
    events = staff.box.events()

    def health() -> dict[str, Any]:
        marks = [{"epoch": mark.epoch, "upto": mark.upto}]
        return {"uplink": {"unreceipted": len(events) - 2, "marks": marks}}

    found = asyncio.run(HealthNews(health, staff.box.folder, lambda: None).fresh())
    assert found["oldest"] == events[2].at


def test_health_is_asked_again_only_when_it_is_old_and_tells_only_of_a_change(staff: SimStaff) -> None:
    said: list[dict[str, Any]] = [{"issues": []}, {"issues": []}, {"issues": [ILL]}]
    changes: list[str] = []

    async def scene() -> None:
        news = HealthNews(lambda: said.pop(0), staff.box.folder, lambda: changes.append("changed"))
        await news.fresh()
        assert news.latest()["issues"] == []
        assert len(said) == 2, "it was asked a moment ago"
        for expected in ([], ["changed"]):
            news._asked_s -= 60.0
            news.latest()
            await _done(news)
            assert changes == expected
        assert news.latest()["issues"] == [ILL]

    asyncio.run(scene())


def test_health_that_cannot_be_asked_leaves_what_was_known(staff: SimStaff) -> None:
    def broken() -> dict[str, Any]:
        raise OSError

    async def scene() -> None:
        news = HealthNews(broken, staff.box.folder, lambda: None)
        assert news.latest() == {}
        await _done(news)
        assert news.latest() == {}

    asyncio.run(scene())


async def _done(news: HealthNews) -> None:
    asking = news._asking
    assert asking is not None
    await asking


@pytest.mark.parametrize("who", ["technician", "supervisor"])
def test_deliver_now_is_asked_once_a_press(staff: SimStaff, who: str) -> None:
    response = staff.client(who).post("/api/v1/uplink/deliver", page="/health")
    assert (response.status_code, staff.delivered) == (202, 1)


def test_without_a_stick_it_is_told_in_words(staff: SimStaff) -> None:
    response = staff.client("technician").post("/api/v1/uplink/stick", page="/health")
    assert response.status_code == 409
    assert response.json()["detail_vi"]


def test_an_officer_does_not_see_the_state_of_the_box(staff: SimStaff) -> None:
    assert staff.client("officer").get("/health").status_code == 403


def test_every_fault_of_the_book_has_its_words_and_its_remedy(staff: SimStaff) -> None:
    macro: Callable[..., object] = staff.parts.renderer.macro
    for key in FAULTS:
        for lang in ("vi", "en"):
            assert key not in str(macro("supervisor/state.html", "fault_word", lang, key))
            assert str(macro("supervisor/state.html", "remedy", lang, key)).strip()


def test_totals_of_another_day_are_not_taken_for_today(staff: SimStaff) -> None:
    staff.open("q1")
    serve(staff, 1)
    state = staff.box.desk.state
    tomorrow = replace(state, hall=state.hall._replace(day="2026-11-24"))
    found = Supervision(Ui(staff.parts)).running(tomorrow, "vi")
    assert found.all_services.figures.issued == 0
