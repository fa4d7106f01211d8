"""The bench page: what a technician sees, presses and tests, with a bench that remembers."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from sim_staff import SimStaff

from appliance.config import loads
from appliance.web.bench import (
    MEANINGLESS,
    REFUSED,
    TAKEN,
    BenchLook,
    ButtonLook,
    ByHandError,
    HeardLook,
    KeypadLook,
    LampLook,
    LineLook,
    PanelLook,
    StationLook,
    UnknownDeviceError,
)
from appliance.web.staff import create_inner_app

AT = datetime(2026, 11, 23, 1, 31, 2, tzinfo=UTC)
LOOK = BenchLook(
    is_emulated=True,
    board="pi4",
    issue=(ButtonLook("button:issue.1", "issue.1", 5, 0),),
    buzzer=LampLook("lamp:buzzer", "buzzer", 11, is_lit=True, times=3),
    stations=(
        StationLook(
            "q1",
            tuple(ButtonLook(f"button:rating.1.{at}", f"rating.1.{at}", 20 + at, at) for at in (1, 2, 3)),
            LampLook("lamp:thanks.1", "thanks.1", 12, is_lit=False, times=0),
            PanelLook("panels", 1, 6, "A012 1", is_online=False, is_seen=True),
            KeypadLook(
                "keypads",
                5,
                "  3",
                "012",
                is_online=True,
                is_seen=True,
                levels=(1, 2, 2, 3),
                acks=2,
                last_key="call",
            ),
        ),
        StationLook("q2"),
        StationLook("q3"),
    ),
    lines=(LineLook("keypads", "/dev/ttyUSB0", "ff68", is_online=False),),
    heard=(
        HeardLook("keypad:q1:transfer.2", AT, result=MEANINGLESS),
        HeardLook("evaluator:@7:3", AT, result=MEANINGLESS),
        HeardLook("button:rating.1.3", AT, edges=4, held_ms=1_234, result=TAKEN),
        HeardLook("button:issue.1", AT, edges=1, result=REFUSED, said="closed today", said_vi="hôm nay nghỉ"),
    ),
)


@dataclass
class ScriptedBench:
    """A bench that shows what it is told to and remembers what was done."""

    look_now: BenchLook = LOOK
    pressed: list[tuple[str, int]] = field(default_factory=list)
    tested: list[tuple[str, str]] = field(default_factory=list)

    def look(self) -> BenchLook:
        return self.look_now

    def press(self, device: str, held_ms: int) -> None:
        if not self.look_now.is_emulated:
            raise ByHandError(device=device)
        if device != "button:issue.1":
            raise UnknownDeviceError(device=device)
        self.pressed.append((device, held_ms))

    def test(self, device: str, by: str) -> None:
        self.tested.append((device, by))


@pytest.fixture
def bench(staff: SimStaff) -> ScriptedBench:
    subject = ScriptedBench()
    text = (
        staff.configuration.text()
        .replace(
            'services = ["ho-tich", "tra-ket-qua"]',
            'services = ["ho-tich", "tra-ket-qua"]\nrating_buttons = 1',
        )
        .replace(
            'board = "none"\npin_factory = "none"',
            'pin_factory = "mock"\n[hardware.issue_buttons]\n"issue.1" = "ho-tich"',
        )
    )
    staff.settings = loads(text)
    staff.parts = replace(staff.parts, bench=subject)
    staff.app = create_inner_app(staff.parts)
    return subject


def test_the_page_shows_everything_with_a_wire(staff: SimStaff, bench: ScriptedBench) -> None:
    page = staff.client("technician").page("/bench")
    assert 'aria-label="Bảng LED: A012 1"' in page
    assert "không trả lời" in page
    assert 'value="button:issue.1"' in page
    assert 'value="button:rating.1.3"' in page
    assert 'value="keypad:q1:transfer.2"' in page
    assert 'value="evaluator:q1:3"' in page
    assert "Rất hài lòng" in page
    assert "đã rút" in page
    assert 'class="lamp is-lit"' in page
    assert "không nối thiết bị nào" in page
    assert 'style="' not in page


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "vi",
            ("Quầy 1: Chuyển sang Đất đai", "Địa chỉ 7, không thuộc quầy nào: phím 4", "nghỉ", "08:31:02"),
        ),
        (
            "en",
            ("Counter 1: Send on to Land", "Address 7, at no counter: evaluator key 4", "closed", "1,234 ms"),
        ),
    ],
)
def test_what_the_box_heard_is_told_in_words(
    staff: SimStaff, bench: ScriptedBench, lang: str, words: tuple[str, ...]
) -> None:
    page = staff.client("technician").page(f"/bench?lang={lang}")
    for word in words:
        assert word in page


@pytest.mark.parametrize(
    ("held", "ms"), [("touch", 120), ("long", 2_000), ("stuck", 12_000), ("", 120), ("99", 120)]
)
def test_a_form_presses_for_so_long(staff: SimStaff, bench: ScriptedBench, held: str, ms: int) -> None:
    caller = staff.client("technician")
    answer = caller.submit("/bench/press", page="/bench", device="button:issue.1", held=held)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/bench")
    assert bench.pressed == [("button:issue.1", ms)]
    assert 'value="long" checked' not in caller.page(answer.headers["location"]) or held == "long"


def test_a_script_presses_without_a_page(staff: SimStaff, bench: ScriptedBench) -> None:
    caller = staff.client("technician")
    headers = {"x-csrf-token": caller.token("/bench"), "accept": "application/json"}
    answer = caller.http.post("/bench/press", data={"device": "button:issue.1"}, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    refused = caller.http.post("/bench/press", data={"device": "button:x"}, headers=headers)
    assert refused.status_code == 404
    assert refused.json()["title"] == "bench.unknown_device"


def test_a_lamp_is_tested_in_the_technicians_name(staff: SimStaff, bench: ScriptedBench) -> None:
    answer = staff.client("technician").submit("/bench/press", page="/bench", test="lamp:thanks.1")
    assert answer.status_code == 303
    assert bench.tested == [("lamp:thanks.1", "tuan")]
    assert bench.pressed == []


def test_a_real_box_is_watched_and_tells_to_press_by_hand(staff: SimStaff, bench: ScriptedBench) -> None:
    keypad = LOOK.stations[0].keypad
    assert keypad is not None
    real = replace(LOOK.stations[0], keypad=replace(keypad, is_seen=False, acks=None))
    bench.look_now = replace(LOOK, is_emulated=False, stations=(real, *LOOK.stations[1:]))
    caller = staff.client("technician")
    page = caller.page("/bench")
    assert 'name="device"' not in page
    assert 'name="test" value="lamp:thanks.1"' in page
    assert "Hãy bấm trực tiếp" in page
    answer = caller.submit("/bench/press", page="/bench", device="button:issue.1", held="long")
    assert answer.status_code == 409
    assert "hãy bấm bằng tay" in answer.text


def test_without_devices_the_page_is_there_and_nothing_can_be_pressed(staff: SimStaff) -> None:
    caller = staff.client("technician")
    assert "Chưa nối nút lấy số nào" in caller.page("/bench")
    assert caller.submit("/bench/press", page="/bench", device="button:issue.1").status_code == 404


def test_held_down_and_stuck_are_words_too(staff: SimStaff, bench: ScriptedBench) -> None:
    down = replace(LOOK.issue[0], is_down=True)
    bench.look_now = replace(LOOK, issue=(down, replace(down, device="b", name="issue.2", is_stuck=True)))
    page = staff.client("technician").page("/bench?lang=en")
    assert "Held down" in page
    assert "Stuck</strong>" in page


@pytest.mark.parametrize("who", ["nobody", "screen", "officer", "supervisor"])
def test_nobody_else_may_press(staff: SimStaff, bench: ScriptedBench, who: str) -> None:
    caller = staff.client(who)
    assert caller.get("/bench").status_code in {303, 403}
    assert caller.submit("/bench/press", device="button:issue.1").status_code in {303, 403}
    assert bench.pressed == []


def test_a_forged_form_presses_nothing(staff: SimStaff, bench: ScriptedBench) -> None:
    caller = staff.client("technician")
    answer = caller.http.post("/bench/press", data={"device": "button:issue.1", "csrf": "x"})
    assert answer.status_code == 403
    assert bench.pressed == []


def test_what_is_pushed_to_everybody_holds_no_form_token(staff: SimStaff, bench: ScriptedBench) -> None:
    page = staff.client("technician").page("/bench")
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    assert token
    for region in ("bench", "heard"):
        assert token not in page.partition(f'data-region="{region}"')[2].partition("</form>")[0]
