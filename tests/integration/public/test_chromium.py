"""A real browser: a call arrives without a reload and is felt; away and back; what it all weighs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sim_phone import SimPhone

from appliance.queueing import commands

pytestmark = pytest.mark.integration

MOST_BYTES = 60_000
ADDRESS = "10.77.0.1"
"""Of the box, as guests know it."""
VIBRATE = "window.felt = []; navigator.vibrate = function (beats) { window.felt.push(beats); return true; };"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as running:
        args = ["--no-sandbox", f"--host-resolver-rules=MAP {ADDRESS} 127.0.0.1"]
        browser = running.chromium.launch(executable_path="/usr/bin/chromium", args=args)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 360, "height": 720}, locale="vi")
    context.add_init_script(VIBRATE)
    yield context.new_page()
    context.close()


def assert_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []


def test_a_call_is_seen_and_felt_at_once_and_again_when_called_again(subject: SimPhone, page: Page) -> None:
    _, token = subject.ticket()
    page.goto(f"{subject.base}/t/{token}")
    page.click("#sound-button")
    assert "Đã bật âm báo" in page.inner_text("#sound")
    subject.staff.open()
    subject.staff.call()
    page.wait_for_selector("body.phone-CALLED")
    assert "Mời quý vị đến Quầy 1 ngay" in page.inner_text("#r-now")
    assert page.title() == "A001: mời đến Quầy 1 ngay"
    page.wait_for_function("() => window.felt.length === 1")
    assert_accessible(page)
    subject.staff.ask(commands.Recall(counter="q1"))
    page.wait_for_function("() => window.felt.length === 2")
    assert "Đã gọi 2 lần" in page.inner_text("#r-now")


def test_the_whole_visit_with_a_finger(subject: SimPhone, page: Page) -> None:
    _, token = subject.served()
    page.goto(f"{subject.base}/t/{token}")
    assert_accessible(page)
    page.click("[name=level][value='2']")
    page.wait_for_selector(".phone-thanks")
    subject.staff.box.time.advance(6_000)
    page.wait_for_selector("[name=reason]")
    assert_accessible(page)
    page.click("[name=reason] >> nth=0")
    page.wait_for_selector("[name=reason]", state="detached")
    assert page.is_visible(".phone-thanks")


def test_an_office_that_is_away_is_said_and_found_again(subject: SimPhone, page: Page) -> None:
    _, token = subject.ticket()
    page.goto(f"{subject.base}/t/{token}")
    subject.close_door()
    page.wait_for_selector("#stale:not([hidden])")
    subject.staff.open()
    subject.staff.call()
    subject.open_door()
    page.wait_for_selector("body.phone-CALLED")
    page.wait_for_selector("#stale", state="hidden")


def test_a_page_that_was_loaded_while_the_office_was_away_forgets_it(subject: SimPhone, page: Page) -> None:
    _, token = subject.ticket()
    page.goto(f"{subject.base}/t/{token}")
    subject.close_door()
    page.wait_for_selector("#stale:not([hidden])")
    page.reload()
    assert "Mất kết nối" in page.inner_text("main")
    subject.open_door()
    page.wait_for_selector("#was-stale", state="detached")
    assert page.is_hidden("#stale")


def test_without_scripts_it_is_loaded_anew(chromium: Browser, subject: SimPhone) -> None:
    _, token = subject.ticket()
    context = chromium.new_context(java_script_enabled=False, locale="en")
    plain = context.new_page()
    plain.goto(f"{subject.base}/t/{token}")
    refresh = plain.locator("noscript meta, meta[http-equiv=refresh]").first
    assert refresh.get_attribute("content") == f"15;url=/t/{token}"
    plain.click("text=Leave the line")
    plain.click("text=Yes, leave the line")
    assert "No longer valid" in plain.inner_text("main")
    context.close()


def test_a_form_counts_at_an_address_that_is_not_loopback(subject: SimPhone, page: Page) -> None:
    """Plain HTTP at another address: the browser says where a form is from by `Origin` alone."""
    _, token = subject.ticket()
    page.goto(f"http://{ADDRESS}:{subject.app.ports[0]}/t/{token}/leave")
    page.click("[action$='/leave'] button")
    assert "Số không còn hiệu lực" in page.inner_text("main")


def test_all_of_it_is_light_for_a_phone(chromium: Browser, subject: SimPhone) -> None:
    _, token = subject.served()
    context = chromium.new_context(viewport={"width": 360, "height": 720}, locale="vi")
    page = context.new_page()
    weights: dict[str, int] = {}
    session = context.new_cdp_session(page)
    session.send("Network.enable")

    def weigh(event: dict[str, Any]) -> None:
        weights[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.loadingFinished", weigh)
    page.goto(f"{subject.base}/t/{token}")
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.wait_for_load_state("load")
    assert len(weights) >= 6
    assert sum(weights.values()) < MOST_BYTES
    context.close()


def test_the_script_asks_for_no_newer_browser(root: Any) -> None:
    script = (root / "appliance/pages/static/phone.js").read_text("utf-8")
    code = re.sub(r"//.*|\"[^\"\n]*\"", "", script)
    newer = r"=>|`|\b(let|const|class|async|await|fetch|Promise|Object\.keys|forEach|dataset|classList)\b"
    assert re.findall(newer, code) == []
    sheet = (root / "appliance/pages/static/phone.css").read_text("utf-8")
    assert re.findall(r"display: grid|\bgap:", sheet) == []
