"""The hand-over test as a technician does it: presses tick the page, a restart forgets nothing, it prints."""

import tarfile

import pytest
from browsers import OVERFLOWS, Look, chromium, open_context, sign_in, violations
from house import House, until

pytestmark = pytest.mark.e2e

TICKED = "li.step-passed"


@pytest.fixture
def house(tmp_path):
    subject = House(tmp_path / "house")
    yield subject
    subject.close()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_technician_without_a_shell_looks_the_box_over(house: House, tmp_path, *, scripts: bool):
    with chromium() as browser:
        context = open_context(browser, house.own, Look(360, scripts=scripts))
        page = sign_in(context, "tuan")
        page.goto("/bench")
        page.click("a[href='/bench/doctor']")
        page.click("#b-look")
        page.wait_for_selector("#c-office_answers.found-well", timeout=60_000)
        assert page.locator("#c-journal.found-well").count() == 1
        with page.expect_download() as download:
            page.click("#b-bundle")
        download.value.save_as(tmp_path / "bundle.tar.gz")
        with tarfile.open(tmp_path / "bundle.tar.gz") as archive:
            assert "motcua-support/doctor.json" in archive.getnames()
        page.click("#b-card")
        page.wait_for_selector("text=đo thẻ nhớ làm chậm các lượt bấm")
        page.check("[name=confirmed]")
        page.click("#b-card")
        page.wait_for_selector("#card .stats", timeout=60_000)
        if scripts:
            assert violations(page) == []
            assert not page.evaluate(OVERFLOWS)


@pytest.mark.timeout(180)
def test_a_box_is_handed_over(house: House, tmp_path):
    with chromium() as browser:
        page = sign_in(open_context(browser, house.own, Look(1024)), "tuan")
        page.goto("/bench")
        page.click("a[href='/bench/handover']")
        page.click("#b-begin")
        page.wait_for_selector("#b-end")
        for button, step in (("issue.1", "Bấm nút lấy số: Hộ tịch"), ("issue.2", "Bấm nút lấy số: Đất đai")):
            house.press(button)
            page.wait_for_selector(f"{TICKED}:has-text('{step}')")
        house.press("rating.1.3")
        page.wait_for_selector(f"{TICKED}:has-text('Rất hài lòng')")
        page.click("#s-lamp-thanks-1-try")
        page.wait_for_selector("#s-lamp-thanks-1-passed")
        page.click("#s-lamp-thanks-1-passed")
        page.wait_for_selector(f"{TICKED}:has-text('Đèn cảm ơn')")
        assert "A001, B001" in page.inner_text("#r-progress")
        assert violations(page) == []

        kept = house.data / "handover.json"
        until(lambda: "lamp:thanks.1" in kept.read_text("utf-8"), "the file of the run")
        house.kill("office")
        house.start("office")
        page.goto("/bench/handover")
        assert page.locator(TICKED).count() >= 4
        page.click("#b-begin")
        page.click("#b-cancel")
        page.wait_for_selector("#b-cancel", state="detached")
        cancelled = [
            event["data"]["ticket"] for event in house.events() if event["kind"] == "ticket.cancelled"
        ]
        assert [key.partition("/")[2] for key in cancelled] == ["A/1", "B/1"]
        tested = [event["data"] for event in house.events() if event["kind"] == "hardware.tested"]
        assert {"subject": "button:issue.1", "result": "passed", "by": "tuan"} in tested
        assert {"subject": "lamp:thanks.1", "result": "passed", "by": "tuan"} in tested

        house.do("counters/quay-1/open", officer="lan")
        page.wait_for_selector("text=Đang có quầy mở")

        page.goto("/bench/handover/sheet")
        assert page.is_visible("[data-print]")
        assert not page.evaluate(OVERFLOWS)
        page.emulate_media(media="print")
        assert not page.is_visible("header.top")
        assert not page.is_visible("[data-print]")
        assert "Bên nhận" in page.inner_text("article.sheet")
        page.pdf(path=tmp_path / "sheet.pdf", format="A4")
        assert (tmp_path / "sheet.pdf").stat().st_size > 10_000
