"""The hand-over page and its sheet: what a technician sees and may say, over a hand-over that remembers."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from sim_staff import SimStaff

from appliance.web.bench import BenchLook, ButtonLook, KeypadLook, LampLook, PanelLook, StationLook
from appliance.web.handover import (
    HallInUseError,
    HandoverLook,
    HandoverOverError,
    Mark,
    Result,
    steps_of,
)
from appliance.web.staff import create_inner_app

AT = datetime(2026, 11, 23, 1, 31, 2, tzinfo=UTC)
KEYPAD = KeypadLook("keypads", 5, "", "", is_online=True, is_seen=False, levels=(1, 2, 2, 3))
FITTED = BenchLook(
    is_emulated=False,
    board="pi4",
    issue=(ButtonLook("button:issue.1", "issue.1", 5, 0),),
    buzzer=LampLook("lamp:buzzer", "buzzer", 11, is_lit=False, times=0),
    stations=(
        StationLook(
            "q1",
            (ButtonLook("button:rating.1.3", "rating.1.3", 20, 3),),
            LampLook("lamp:thanks.1", "thanks.1", 12, is_lit=False, times=0),
            PanelLook("panels", 1, 6, "", is_online=True, is_seen=False),
            KEYPAD,
        ),
        StationLook("q2"),
    ),
)
MARKS = {
    "button:issue.1": Mark(Result.PASSED, AT, "tuan", "A001", "A001"),
    "button:rating.1.3": Mark(Result.PASSED, AT, "tuan", "refused"),
    "lamp:thanks.1": Mark(Result.FAILED, AT, "tuan"),
    "panel:q1": Mark(Result.SKIPPED, AT, "tuan"),
    "center:enrolled": Mark(Result.FAILED, AT, "tuan", "the center refuses", "Trung tâm từ chối"),
}
LOOK = HandoverLook(
    steps=tuple((step, MARKS.get(step.subject)) for step in steps_of(FITTED)),
    is_on=True,
    begun_at=AT,
    by="tuan",
    tickets=("A001", "B003"),
)


@dataclass
class ScriptedHandover:
    """Shows what it is told to and remembers what was asked of it."""

    look_now: HandoverLook = LOOK
    asked: list[tuple[str, ...]] = field(default_factory=list)
    error: Exception | None = None

    def look(self) -> HandoverLook:
        return self.look_now

    def begin(self, by: str, *, is_anew: bool) -> None:
        self._asked("begin", by, str(is_anew))

    def end(self) -> None:
        self._asked("end")

    def attempt(self, subject: str, by: str) -> None:
        self._asked("attempt", subject, by)

    def mark(self, subject: str, result: Result, by: str) -> None:
        self._asked("mark", subject, result.value, by)

    def measure(self, by: str) -> None:
        self._asked("measure", by)

    def cancel_tickets(self, by: str) -> int:
        self._asked("cancel", by)
        return 2

    def _asked(self, *what: str) -> None:
        if self.error is not None:
            raise self.error
        self.asked.append(what)


@pytest.fixture
def handover(staff: SimStaff) -> ScriptedHandover:
    subject = ScriptedHandover()
    staff.parts = replace(staff.parts, handover=subject)
    staff.app = create_inner_app(staff.parts)
    return subject


def test_every_step_is_told_where_it_is(staff: SimStaff, handover: ScriptedHandover) -> None:
    page = staff.client("technician").page("/bench/handover")
    for words in (
        "Trên tường", "Quầy 1", "Bấm nút lấy số: Hộ tịch – Chứng thực", "Bấm nút: Rất hài lòng", "A001, B003",
        "Bộ đánh giá: bấm phím 4", "Bảng LED: cho hiện số 8", "giờ này không nhận", "Trung tâm từ chối",
        "xin tỉnh mã đăng ký mới", "Hủy các số vừa thử", "Biên bản bàn giao để ký", "/display", "2 bước đạt",
    ):  # fmt: skip
        assert words in page, words
    english = staff.client("technician").page("/bench/handover?lang=en")
    assert "Press the button: take a number, Civil status" in english
    assert "reached the box; refused at this hour" in english


def test_only_a_press_ticks_a_button(staff: SimStaff, handover: ScriptedHandover) -> None:
    page = staff.client("technician").page("/bench/handover")
    assert 'value="try lamp:thanks.1"' in page
    assert 'value="passed lamp:thanks.1"' in page
    assert 'value="passed button:rating.1.3"' not in page
    assert 'value="passed center:receipt"' not in page
    assert 'value="failed center:receipt"' not in page
    assert 'value="skipped center:receipt"' in page
    assert 'value="skipped center:enrolled"' in page


@pytest.mark.parametrize(
    ("look", "has", "lacks"),
    [
        (replace(LOOK, is_on=False), 'value="begin"', 'value="try'),
        (replace(LOOK, is_on=False, begun_at=None), 'value="begin"', "/bench/handover/sheet"),
        (replace(LOOK, is_on=False, is_hall_in_use=True), "Đang có quầy mở", 'value="begin"'),
        (HandoverLook(()), "không có gì để thử", "Hủy các số"),
    ],
)
def test_what_can_be_done_depends_on_how_it_stands(
    staff: SimStaff, handover: ScriptedHandover, look: HandoverLook, has: str, lacks: str
) -> None:
    handover.look_now = look
    page = staff.client("technician").page("/bench/handover")
    assert has in page
    assert lacks not in page


@pytest.mark.parametrize(
    ("do", "asked"),
    [
        ("begin", [("begin", "tuan", "False"), ("measure", "tuan")]),
        ("anew", [("begin", "tuan", "True"), ("measure", "tuan")]),
        ("end", [("end",)]),
        ("measure", [("measure", "tuan")]),
        ("try lamp:thanks.1", [("attempt", "lamp:thanks.1", "tuan")]),
        ("passed lamp:thanks.1", [("mark", "lamp:thanks.1", "passed", "tuan")]),
        ("skipped panel:q1", [("mark", "panel:q1", "skipped", "tuan")]),
        ("cancel", [("cancel", "tuan")]),
        ("nonsense", []),
    ],
)
def test_a_form_does_what_its_button_says(
    staff: SimStaff, handover: ScriptedHandover, do: str, asked: list[tuple[str, ...]]
) -> None:
    answer = staff.client("technician").submit("/bench/handover", page="/bench/handover", do=do)
    assert (answer.status_code, answer.headers["location"]) == (303, "/bench/handover")
    assert handover.asked == asked


def test_a_refusal_is_said_on_the_page(staff: SimStaff, handover: ScriptedHandover) -> None:
    handover.error = HallInUseError()
    answer = staff.client("technician").submit("/bench/handover", page="/bench/handover", do="begin")
    assert answer.status_code == 409
    assert "hãy đóng hết các quầy" in answer.text


def test_the_sheet_has_everything_that_is_signed(staff: SimStaff, handover: ScriptedHandover) -> None:
    page = staff.client("technician").page("/bench/handover/sheet")
    for words in (
        "Biên bản bàn giao", "Xã Mường Tè", "muong-te-01", "motcua ", "23/11/2026", "Bên giao", "Bên nhận",
        "Ký, ghi rõ họ tên", "Không đạt", "Chưa thử", "08:31",
    ):  # fmt: skip
        assert words in page, words
    assert "csrf" not in page.partition("<article")[2]
    assert 'style="' not in page


def test_a_box_without_one_says_so(staff: SimStaff) -> None:
    caller = staff.client("technician")
    assert "không có gì để thử" in caller.page("/bench/handover")
    answer = caller.submit("/bench/handover", page="/bench/handover", do="begin")
    assert answer.status_code == 409
    assert HandoverOverError().vi() in answer.text


@pytest.mark.parametrize("who", ["nobody", "screen", "box", "officer", "supervisor"])
def test_nobody_else_hands_over(staff: SimStaff, handover: ScriptedHandover, who: str) -> None:
    caller = staff.client(who)
    assert caller.get("/bench/handover").status_code in {303, 403}
    assert caller.submit("/bench/handover", do="begin").status_code in {303, 403}
    assert handover.asked == []


def test_what_is_pushed_holds_no_form_token(staff: SimStaff, handover: ScriptedHandover) -> None:
    page = staff.client("technician").page("/bench/handover")
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    assert token
    assert token not in page.partition('data-region="progress"')[2].partition("</form>")[0]
