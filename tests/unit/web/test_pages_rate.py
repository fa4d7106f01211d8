"""The rating screen: every press counts, every level is thanked for alike, a second press corrects."""

import re
from typing import Any

import pytest
from sim_follower import first_look
from sim_staff import SimStaff

from appliance.pages.palette import ink_on
from appliance.web.faces import faces, mouth
from appliance.web.names import Name


def ratings(staff: SimStaff, kind: str = "rating.given") -> list[dict[str, Any]]:
    return [event.data for event in staff.box.events() if event.kind == kind]


def press(staff: SimStaff, level: str, who: str = "box", request: str = "p1") -> Any:
    return staff.client(who, "rate:q1").submit("/rate/q1", "/rate/q1", level=level, request=request)


@pytest.mark.parametrize(("who", "level"), [("box", 1), ("screen", 3)])
def test_a_press_is_recorded_for_who_was_called(staff: SimStaff, who: str, level: int) -> None:
    key = staff.issue()
    staff.open()
    staff.call()
    staff.box.time.advance(21_000)
    assert press(staff, str(level), who).status_code == 303
    (rating,) = ratings(staff)
    assert (rating["level"], rating["source"], rating["ticket"]) == (level, "web", key)


def test_the_thanks_do_not_tell_which_key_it_was(staff: SimStaff) -> None:
    seen = set()
    for level in ("1", "2", "3"):
        caller = staff.client("box")
        answer = caller.submit("/rate/q1", "/rate/q1", level=level, request=f"p{level}")
        page = caller.page(answer.headers["location"])
        seen.add(re.sub(r'(name="(request|csrf|rating)" value=")[^"]*', r"\1", page))
        staff.box.time.advance(30_000)
    assert len(seen) == 1
    assert "Xin cảm ơn!" in seen.pop()


def test_a_second_press_within_the_window_corrects(staff: SimStaff) -> None:
    caller = staff.client("box")
    first = caller.submit("/rate/q1", "/rate/q1", level="3", request="p1").headers["location"]
    page = caller.page(first)
    assert page.count('class="face"') == 3
    assert "Nếu bấm nhầm, xin bấm lại trong 5 giây." in page
    staff.box.time.advance(2_000)
    caller.submit("/rate/q1", first, level="1", request="p2")
    given = ratings(staff)
    assert [each["level"] for each in given] == [3, 1]
    assert given[1]["corrects"] is not None


def test_a_double_tap_is_one_press_and_another_face_is_another(staff: SimStaff) -> None:
    caller = staff.client("box")
    for level in ("3", "3", "1"):
        caller.submit("/rate/q1", "/rate/q1", level=level, request="same")
    assert [each["level"] for each in ratings(staff)] == [3, 1]


def test_a_reason_may_be_given_and_need_not(staff: SimStaff) -> None:
    caller = staff.client("box")
    thanks = caller.submit("/rate/q1", "/rate/q1", level="1", request="p1").headers["location"]
    page = caller.page(thanks)
    assert "Chờ lâu" in page
    assert "Không, xin cảm ơn" in page
    rating = re.findall(r'name="rating" value="(\d+)"', page)[0]
    answer = caller.submit("/rate/q1/reason", thanks, rating=rating, reason="cho-lau", request="w1")
    assert answer.headers["location"] == "/rate/q1/thanks"
    assert "Chờ lâu" not in caller.page("/rate/q1/thanks")
    (reason,) = ratings(staff, "rating.reason")
    assert (reason["rating"], reason["reason"]) == (int(rating), "cho-lau")


@pytest.mark.parametrize("level", ["", "0", "4", "x", "²", "99999999999", "-1"])
def test_a_level_that_is_none_leads_back_to_the_page(staff: SimStaff, level: str) -> None:
    answer = press(staff, level)
    assert answer.status_code in {409, 422}
    assert answer.text.count('class="face"') == 3
    assert not ratings(staff)


@pytest.mark.parametrize(
    ("rating", "reason"), [("", "cho-lau"), ("999", "cho-lau"), ("x", "cho-lau"), ("1", "unheard-of")]
)
def test_a_reason_for_nothing_leads_back_to_the_page(staff: SimStaff, rating: str, reason: str) -> None:
    caller = staff.client("box")
    answer = caller.submit("/rate/q1/reason", "/rate/q1", rating=rating, reason=reason, request="w")
    assert answer.status_code in {404, 409, 422}
    assert 'class="face"' in answer.text
    assert not ratings(staff, "rating.reason")


@pytest.mark.parametrize("who", ["nobody", "officer", "supervisor", "technician"])
def test_nobody_but_a_screen_presses(staff: SimStaff, who: str) -> None:
    page = staff.client(who).page("/rate/q1")
    assert "Màn hình này chỉ để xem" in page
    assert page.count(" disabled>") == 3
    assert press(staff, "3", who).status_code in {303, 403}
    assert not ratings(staff)


def test_a_screen_of_another_counter_does_not_press_here(staff: SimStaff) -> None:
    for path, fields in (
        ("/rate/q1", {"level": "3"}),
        ("/rate/q1/reason", {"rating": "1", "reason": "cho-lau"}),
    ):
        answer = staff.client("screen", "rate:q2").submit(path, "/rate/q1", request="p", **fields)
        assert answer.status_code == 403
    assert not ratings(staff)


def test_a_counter_that_does_not_exist_is_told(staff: SimStaff) -> None:
    for path in ("/rate/q9", "/rate/q9/thanks"):
        answer = staff.client("box").get(path)
        assert (answer.status_code, "Không có quầy q9" in answer.text) == (404, True)


def test_the_page_names_the_counter_and_nobody(staff: SimStaff) -> None:
    staff.issue()
    staff.open()
    staff.call()
    page = staff.client("box").page("/rate/q1")
    assert "Quầy 1" in page
    assert "A001" not in page
    assert "lan<" not in page.casefold()


def test_labels_are_in_both_languages_and_never_color_alone(staff: SimStaff) -> None:
    assert "Rất hài lòng" in staff.client("box").page("/rate/q1")
    page = staff.client("box").page("/rate/q1?lang=en")
    assert page.index("Very satisfied") < page.index("Not satisfied")
    assert len(set(re.findall(r'<path d="(M30[^"]+)"', page))) == 3


def test_the_stream_carries_nothing_of_the_hall(staff: SimStaff) -> None:
    staff.issue()
    look = first_look(staff, staff.client("box"), "/rate/q1/live")
    assert look["regions"] == {}
    assert list(look["facts"]) == ["shell"]


@pytest.mark.parametrize("levels", [2, 3, 4, 5])
def test_every_level_has_a_mouth_of_its_own(levels: int) -> None:
    drawn = faces([Name(str(level), None) for level in range(1, levels + 1)], ["#c62828"] * levels)
    assert [face.level for face in drawn] == list(range(levels, 0, -1))
    assert len({face.mouth for face in drawn}) == levels
    assert mouth(1, levels) != mouth(levels, levels)


@pytest.mark.parametrize(
    ("color", "ink"), [("#c62828", "#fff"), ("#f9a825", "#000"), ("#2e7d32", "#fff"), ("#ffffff", "#000")]
)
def test_eyes_and_mouth_are_seen_on_the_face(color: str, ink: str) -> None:
    assert ink_on(color) == ink
