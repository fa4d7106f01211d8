"""The doctor's page: what it shows of a scripted doctor, the bundle, a card that is not measured by slip."""

import asyncio
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sim_staff import SimStaff

from appliance.doctor.errors import BundleNotWrittenError
from appliance.web.examiner import CardLook, ExaminedLook, FoundLook
from appliance.web.pages_bench_doctor import ADDRESS, Latest
from appliance.web.staff import create_inner_app
from appliance.web.ui import Ui

AT = datetime(2026, 11, 23, 1, 31, 2, tzinfo=UTC)
DISK = FoundLook(
    "free_space",
    "broken",
    ("free space", "dung lượng trống"),
    ("3 MiB", "còn 3 MiB"),
    ("sudo rm things", "xóa <tệp> lạ"),
)
POWER = FoundLook(
    "power", "unknown", ("power", "nguồn điện"), ("cannot tell", "trang này không xem được"), None
)
WELL = FoundLook("memory", "well", ("RAM", "RAM còn"), ("much", "còn nhiều"), None)
EXAMINED = ExaminedLook(AT, (WELL, POWER, DISK), (DISK,), ("Something is broken.", "Có chỗ hỏng."))


@dataclass
class ScriptedDoctor:
    """A doctor who says what he is told to, and counts."""

    asked: list[str] = field(default_factory=list)
    verdict: str = "good"
    threads: set[str] = field(default_factory=set)
    may_pack: bool = True

    def examine(self) -> ExaminedLook:
        self._note("examine")
        return EXAMINED

    def bundle(self) -> bytes:
        self._note("bundle")
        if not self.may_pack:
            raise BundleNotWrittenError(path="x", reason="Permission denied")
        return b"\x1f\x8bpacked"

    def measure_card(self) -> CardLook:
        self._note("card")
        return CardLook(AT, self.verdict, 1_234, 3.25, 12.0, 40.5)

    def _note(self, what: str) -> None:
        self.asked.append(what)
        self.threads.add(threading.current_thread().name)


@pytest.fixture
def doctor(staff: SimStaff) -> ScriptedDoctor:
    subject = ScriptedDoctor()
    staff.parts = replace(staff.parts, examiner=subject)
    staff.app = create_inner_app(staff.parts)
    return subject


def post(staff: SimStaff, path: str, **fields: str) -> Any:
    """Send one of the page's forms as the technician."""
    return staff.client("technician").submit(path, page=ADDRESS, **fields)


def test_nothing_is_looked_at_before_somebody_asks(staff: SimStaff, doctor: ScriptedDoctor) -> None:
    page = staff.client("technician").get("/bench/doctor")
    assert page.status_code == 200
    assert "Kiểm tra ngay" in page.text
    assert doctor.asked == []


def test_everything_is_shown_with_the_worst_first(staff: SimStaff, doctor: ScriptedDoctor) -> None:
    technician = staff.client("technician")
    answer = post(staff, ADDRESS)
    assert (answer.status_code, answer.headers["location"]) == (303, ADDRESS)
    text = technician.page(ADDRESS)
    assert "Có chỗ hỏng." in text
    places = [text.index(f'id="c-{key}"') for key in ("free_space", "power", "memory")]
    assert places == sorted(places)
    assert "Dung lượng trống:</span> xóa &lt;tệp&gt; lạ" in text
    assert "RAM còn" in text
    assert "Không rõ" in text
    assert "08:31" in text
    english = technician.get("/bench/doctor?lang=en").text
    assert "Something is broken." in english
    assert "takes no commands" in english  # a remedy with sudo
    assert "không có chỗ gõ lệnh" not in text
    assert doctor.asked == ["examine"]
    assert not any("MainThread" in name for name in doctor.threads)


def test_two_who_ask_at_once_are_answered_by_one_look(staff: SimStaff, doctor: ScriptedDoctor) -> None:
    latest = Latest(Ui(staff.parts))

    async def ask_twice() -> None:
        await asyncio.gather(latest.examine(), latest.examine())
        assert doctor.asked == ["examine"]
        await latest.examine()

    asyncio.run(ask_twice())
    assert doctor.asked == ["examine", "examine"]


def test_the_bundle_is_a_file_to_keep(staff: SimStaff, doctor: ScriptedDoctor) -> None:
    answer = post(staff, f"{ADDRESS}/bundle")
    assert answer.content == b"\x1f\x8bpacked"
    assert answer.headers["content-type"] == "application/gzip"
    said = answer.headers["content-disposition"]
    assert said.startswith(f'attachment; filename="motcua-{staff.settings.office.device}-2026')
    assert answer.headers["cache-control"] == "no-store"


def test_a_bundle_that_cannot_be_made_says_why_on_the_page(staff: SimStaff, doctor: ScriptedDoctor) -> None:
    doctor.may_pack = False
    answer = post(staff, f"{ADDRESS}/bundle")
    assert answer.status_code >= 400
    assert "Không ghi được gói hỗ trợ" in answer.text


def test_a_card_is_measured_while_the_hall_is_open_only_when_confirmed(
    staff: SimStaff, doctor: ScriptedDoctor
) -> None:
    technician = staff.client("technician")
    assert "Vẫn đo" in technician.get("/bench/doctor").text
    refused = post(staff, f"{ADDRESS}/card")
    assert refused.status_code == 409
    assert "Đang giờ phục vụ: đo thẻ nhớ làm chậm" in refused.text
    assert doctor.asked == []
    assert post(staff, f"{ADDRESS}/card", confirmed="yes").status_code == 303
    text = technician.page(ADDRESS)
    assert doctor.asked == ["card"]
    assert "Thẻ tốt" in text
    assert "99 trong 100 lượt ghi trong" in text
    assert "40,5" in text


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("slow", "Thẻ chậm"), ("change", "Hãy thay thẻ"), ("no_card", "Không kết luận được")],
)
def test_every_verdict_has_its_words(
    staff: SimStaff, doctor: ScriptedDoctor, verdict: str, said: str
) -> None:
    doctor.verdict = verdict
    post(staff, f"{ADDRESS}/card", confirmed="yes")
    assert said in staff.client("technician").page(ADDRESS)


def test_an_office_without_a_doctor_says_so(staff: SimStaff) -> None:
    answer = post(staff, ADDRESS)
    assert answer.status_code == 409
    assert "chạy không kèm lệnh kiểm tra" in answer.text


def test_the_technicians_pages_lead_there(staff: SimStaff, doctor: ScriptedDoctor) -> None:
    assert 'href="/bench/doctor"' in staff.client("technician").get("/bench").text
    assert 'href="/bench/doctor"' in staff.client("technician").get("/health").text
    assert 'href="/bench/doctor"' not in staff.client("supervisor").get("/health").text
