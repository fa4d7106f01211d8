from typing import Any

import pytest

from appliance.health.rounds import RECORDED
from appliance.uplink.port import Issue
from appliance.wire.event import Event
from appliance.wire.kinds import RATING_FLAGS
from provisioning.demo.picture import FLAGS
from provisioning.demo.words import FLAG_WORDS, ISSUES, Names, duration, issue_words, news_of

NAMES = Names({"quay-1": "Quầy 1"}, {"ho-tich": "Hộ tịch"}, ("Không hài lòng", "Hài lòng", "Rất hài lòng"))
TICKET = "2026-11-22/A/12"
AT_COUNTER = {"ticket": TICKET, "counter": "quay-1", "officer": None}
RATING = {"counter": "quay-1", "level": 3, "levels": 3, "ticket": TICKET, "flags": [], "corrects": None}


def said(kind: str, **data: Any) -> tuple[str, str]:
    event = Event(1, "e", kind, "2026-11-22T02:31:02.000000Z", "synced", "b", 1, data, "p")
    news = news_of(event, NAMES)
    assert news.at == "09:31:02"
    return news.vi, news.en


@pytest.mark.parametrize(
    ("kind", "data", "vi", "en"),
    [
        ("ticket.issued", {"label": "A012", "service": "ho-tich"}, "A012 lấy số: Hộ tịch", "took a number"),
        ("ticket.called", AT_COUNTER, "A012 được gọi đến Quầy 1", "called"),
        ("ticket.served", AT_COUNTER, "A012 hoàn tất ở Quầy 1", "served"),
        ("ticket.returned", {**AT_COUNTER, "counter": None}, "A012 trở lại hàng chờ", "back in line"),
        (
            "ticket.transferred",
            {**AT_COUNTER, "to_service": "ho-tich"},
            "A012 chuyển sang Hộ tịch",
            "transferred",
        ),
        (
            "ticket.transferred",
            {**AT_COUNTER, "to_counter": "quay-1"},
            "A012 chuyển sang Quầy 1",
            "transferred",
        ),
        ("ticket.printed", {"ticket": TICKET, "result": "paper"}, "A012 in phiếu: paper", "printed"),
        ("rating.given", RATING, "Quầy 1: Rất hài lòng (A012)", "rated 3/3"),
        (
            "rating.given",
            {**RATING, "level": 1, "ticket": None, "flags": ["unbound"], "corrects": 7},
            "Quầy 1: Không hài lòng, chưa gắn, sửa",
            "rated 1/3, unbound, corrects",
        ),
        ("rating.given", {**RATING, "level": 4, "levels": 5}, "Quầy 1: mức 4 (A012)", "rated 4/5"),
        ("counter.opened", {"counter": "quay-9"}, "quay-9 mở quầy", "opened"),
        (
            "device.fault",
            {"issue": "panel_offline", "subject": "quay-1"},
            "Lỗi: bảng LED không trả lời (quay-1)",
            "panel does not answer",
        ),
        ("device.cleared", {"issue": "bus_offline", "subject": None}, "Hết lỗi: mất đường truyền", "cleared"),
        ("a.new_kind", {}, "a.new_kind", "a.new_kind"),
    ],
)
def test_an_event_is_told_in_plain_words(kind: str, data: dict[str, Any], vi: str, en: str) -> None:
    assert said(kind, **data) == (vi, en)


def test_every_issue_of_the_office_has_words() -> None:
    assert {*RECORDED, *(issue.value for issue in Issue)} <= ISSUES.keys()


def test_every_flag_has_words() -> None:
    assert {*RATING_FLAGS, "corrected"} == set(FLAGS) == FLAG_WORDS.keys()


def test_an_unknown_issue_keeps_its_key() -> None:
    assert issue_words("new_trouble", "x") == "new_trouble (x)"


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (187, "3:07"), (3723, "1:02:03"), (-1, "0:00")])
def test_durations_are_read_as_a_clock(seconds: int, words: str) -> None:
    assert duration(seconds) == words
