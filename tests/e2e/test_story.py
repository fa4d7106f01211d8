"""A day in the hall, as its people live it: real Chromium, real processes, no reload by anybody."""

import re

import pytest
from browsers import Look, chromium, open_context, sign_in
from house import House, until
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

NOT_RELOADED = "window.motcuaMark === 7"
IS_KEPT = """async () => {
  const shell = await (await caches.open("motcua-shells")).match("/display");
  const kept = (await (await caches.open("motcua-files")).keys()).map((each) => each.url);
  const named = [...document.querySelectorAll("link[rel=stylesheet], script[src]")];
  const files = named.map((each) => each.href || each.src);
  return Boolean(shell) && files.length > 0 && files.every((each) => kept.includes(each));
}"""
RATED = "dt:has-text('Tỷ lệ đánh giá') + dd"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    subject = House(tmp_path_factory.mktemp("house"))
    yield subject
    subject.close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as subject:
        yield subject


@pytest.fixture
def own(house, browser):
    """The box's own screen."""
    context = open_context(browser, house.own)
    yield context
    context.close()


@pytest.fixture
def lan(house, browser):
    """An officer's computer on the office LAN, over TLS."""
    context = open_context(browser, house.lan)
    yield context
    context.close()


@pytest.fixture
def phone(house, browser):
    """A citizen's phone."""
    context = open_context(browser, house.public, Look(360))
    yield context
    context.close()


@pytest.fixture(autouse=True)
def tidy(house):
    """Leave an empty hall to the next test: nobody waits, every counter is closed."""
    yield
    for counter in ("quay-1", "quay-2", "quay-3"):
        if next(each for each in house.hall()["counters"] if each["counter"] == counter)["state"] != "closed":
            house.do(f"counters/{counter}/close")
    for service in house.hall()["services"]:
        for ticket in service["waiting"]:
            house.do("tickets/cancel", ticket=ticket["ticket"])
    for ticket in house.hall()["held"]:
        house.do("tickets/cancel", ticket=ticket["ticket"])


def mark(*pages):
    for page in pages:
        page.evaluate("window.motcuaMark = 7")


def take(page, service):
    """Take a number at the kiosk; return its label and token."""
    page.goto("/kiosk")
    page.click(f"#s-{service}")
    label = page.locator(".issued-label").inner_text()
    found = re.search(r"/kiosk/tickets/([^?]+)", page.url)
    assert found is not None
    return label, found[1]


def open_counter(page, *counters):
    page.goto("/counters?" + "&".join(f"c={each}" for each in counters))
    for counter in counters:
        page.click(f"#act-{counter}-open")
        expect(page.locator(f"#act-{counter}-pause")).to_be_visible()


def rated(page):
    """The supervisor's response rate, as it is read."""
    return page.locator(RATED).first.inner_text()


def test_from_the_kiosk_to_the_rating(house, own, lan, phone, browser):
    kiosk, display = own.new_page(), own.new_page()
    display.goto("/display")
    label, token = take(kiosk, "ho-tich")
    assert kiosk.locator(".qr svg").count() == 1
    ticket = phone.new_page()
    ticket.goto(f"/t/{token}")
    expect(ticket.locator("h1")).to_contain_text(label)
    officer = sign_in(lan, "lan")
    open_counter(officer, "quay-1")
    chief = open_context(browser, house.lan)
    supervisor = sign_in(chief, "minh")
    supervisor.goto("/supervisor")
    before = rated(supervisor)
    mark(display, ticket, officer, supervisor)

    officer.click("#act-quay-1-call-next")
    expect(display.locator("#call-label")).to_have_text(label)
    expect(display.locator("#call-to")).to_have_text("Quầy 1")
    expect(ticket.locator(".phone-go")).to_contain_text("Quầy 1")
    expect(officer.locator(".console .why")).to_be_visible()

    officer.click("#act-quay-1-start")
    expect(ticket.locator("#r-now .is-serving")).to_be_visible()
    officer.click("#act-quay-1-complete")
    expect(ticket.locator("#r-now .is-served")).to_be_visible()

    house.press("rating.1.3")  # a real button: kernel aside, everything is the real thing
    expect(supervisor.locator(RATED).first).not_to_have_text(before)
    assert "%" in rated(supervisor)
    for page in (display, ticket, officer, supervisor):
        assert page.evaluate(NOT_RELOADED), page.url
    until(lambda: house.health()["uplink"]["unreceipted"] == 0, "the receipt for all of it")
    chief.close()


def test_a_phone_rates_once_and_corrects_and_says_why(house, own, phone):
    kiosk, ticket = own.new_page(), phone.new_page()
    _, token = take(kiosk, "ho-tich")
    ticket.goto(f"/t/{token}")
    house.do("counters/quay-1/open", officer="lan")
    for verb in ("call-next", "start", "complete"):
        house.do(f"counters/quay-1/{verb}")
    ticket.click("button[name=level][value='3']")
    expect(ticket.locator(".phone-thanks")).to_be_visible()
    ticket.click("button[name=level][value='2']")  # a slip of the finger, put right
    expect(ticket.locator(".phone-thanks")).to_be_visible()
    ticket.click("button[name=reason][value='cho-lau']", timeout=30_000)
    expect(ticket.locator("button[name=reason]")).to_have_count(0)
    given = [event["data"] for event in house.events() if event["kind"] == "rating.given"]
    assert [each["level"] for each in given[-2:]] == [3, 2]
    assert given[-1]["corrects"] is not None
    assert {each["source"] for each in given[-2:]} == {"phone"}
    assert [event for event in house.events() if event["kind"] == "rating.reason"][-1]["data"][
        "reason"
    ] == "cho-lau"


def test_two_officers_race_for_the_last_ticket(house, own, browser):
    officers = {}
    for officer, counter in (("lan", "quay-1"), ("minh", "quay-2")):
        context = open_context(browser, house.lan)
        officers[counter] = sign_in(context, officer)
        open_counter(officers[counter], counter)
    label, _ = take(own.new_page(), "ho-tich")
    for counter, page in officers.items():
        expect(page.locator(f"#act-{counter}-call-next")).to_contain_text(label)
    # At one instant of the machine's clock: a page that hears of the other's call first is no race any more.
    at_ms = next(iter(officers.values())).evaluate("Date.now()") + 1500
    for counter, page in officers.items():
        click = f"document.getElementById('act-{counter}-call-next').click()"
        page.evaluate(f"setTimeout(() => {click}, {at_ms} - Date.now())")
    hall = until(
        lambda: any(each["ticket"] for each in house.hall()["counters"]) and house.hall(), "one of them calls"
    )
    holders = [each["counter"] for each in hall["counters"] if each["ticket"]]
    assert len(holders) == 1
    loser = next(page for counter, page in officers.items() if counter != holders[0])
    expect(loser.locator("#told")).to_contain_text("quầy khác đã gọi trước")
    assert [event["data"]["ticket"] for event in house.events()[-3:] if event["kind"] == "ticket.called"]
    for page in officers.values():
        page.context.close()


def test_the_office_is_killed_and_every_page_recovers_by_itself(house, own, lan, phone):
    kiosk, display, ticket = own.new_page(), own.new_page(), phone.new_page()
    label, token = take(own.new_page(), "ho-tich")
    kiosk.goto("/kiosk")
    display.goto("/display")
    ticket.goto(f"/t/{token}")
    officer = sign_in(lan, "lan")
    open_counter(officer, "quay-1")
    pages = (kiosk, display, officer)
    mark(*pages, ticket)
    house.kill("office")
    for page in pages:
        expect(page.locator("#stale")).to_be_visible()
    house.start("office")
    for page in pages:
        expect(page.locator("#stale")).to_be_hidden()
    officer.click("#act-quay-1-call-next")  # the session survived, the form token too
    expect(display.locator("#call-label")).to_have_text(label)
    expect(ticket.locator(".phone-go")).to_contain_text("Quầy 1")
    for page in (*pages, ticket):
        assert page.evaluate(NOT_RELOADED), page.url


def test_a_display_that_is_loaded_while_the_office_is_away_recovers(house, own):
    display = own.new_page()
    display.goto("/display")
    # Asked from outside: the page's own policy lets nobody evaluate a text in it again and again.
    until(lambda: display.evaluate(IS_KEPT), "the copy of the page and of its files")
    house.kill("office")
    display.reload()
    expect(display.locator("#stale")).to_be_visible()
    house.start("office")
    expect(display.locator("#stale")).to_be_hidden()
    expect(display.locator("#call")).to_be_visible()


def test_a_phone_that_slept_through_its_call_shows_it_when_it_wakes(house, own, phone):
    _, token = take(own.new_page(), "ho-tich")
    ticket = phone.new_page()
    ticket.goto(f"/t/{token}")
    expect(ticket.locator("#r-now .is-waiting")).to_be_visible()
    mark(ticket)
    phone.set_offline(True)
    house.do("counters/quay-1/open", officer="lan")
    house.do("counters/quay-1/call-next")
    phone.set_offline(False)
    expect(ticket.locator(".phone-go")).to_contain_text("Quầy 1")
    assert ticket.evaluate(NOT_RELOADED)


def test_a_physical_button_shows_its_number_on_the_kiosk(browser, tmp_path):
    # A house of its own: every kiosk that is loaded within seconds shows the number, too.
    house = House(tmp_path)
    try:
        kiosk = open_context(browser, house.own).new_page()
        kiosk.goto("/kiosk")
        house.press("issue.2")
        kiosk.wait_for_url("**/kiosk/tickets/**")
        expect(kiosk.locator(".issued-label")).to_have_text("B001")
        kiosk.context.close()
    finally:
        house.close()


def test_a_double_tap_gives_one_number(house, own):
    kiosk = own.new_page()
    kiosk.goto("/kiosk")
    before = sum(service["issued"] for service in house.hall()["services"])
    kiosk.locator("#s-dat-dai").dblclick(no_wait_after=True)
    kiosk.wait_for_url("**/kiosk/tickets/**")
    assert sum(service["issued"] for service in house.hall()["services"]) == before + 1


def test_a_form_sent_twice_gives_one_number(house, browser):
    """Without scripts the request id of the form alone answers for it."""
    context = open_context(browser, house.own, Look(scripts=False))
    page = context.new_page()
    page.goto("/kiosk")
    form = {
        name: page.locator(f".kiosk-form input[name={name}]").get_attribute("value")
        for name in ("csrf", "request", "priority")
    }
    before = sum(service["issued"] for service in house.hall()["services"])
    answers = [house.post_form(context.cookies(), service="bao-tro", **form) for _ in range(2)]
    assert len(set(answers)) == 1
    assert sum(service["issued"] for service in house.hall()["services"]) == before + 1
    context.close()


def test_the_phone_page_works_without_scripts(house, own, browser):
    _, token = take(own.new_page(), "ho-tich")
    context = open_context(browser, house.public, Look(360, scripts=False))
    page = context.new_page()
    page.goto(f"/t/{token}")
    assert page.locator("noscript").count() >= 1
    assert 'http-equiv="refresh"' in page.content()
    house.do("counters/quay-1/open", officer="lan")
    house.do("counters/quay-1/call-next")
    until(lambda: page.reload() and page.locator(".phone-go").count(), "the call")  # the meta refresh does it
    expect(page.locator(".phone-go")).to_contain_text("Quầy 1")
    house.do("counters/quay-1/start")
    house.do("counters/quay-1/complete")
    until(lambda: page.reload() and page.locator("#r-now .is-served").count(), "the end")
    page.click("button[name=level][value='1']")
    expect(page.locator(".phone-thanks")).to_be_visible()
    context.close()


def test_somebody_leaves_the_queue_without_scripts(house, own, browser):
    label, token = take(own.new_page(), "bao-tro")
    context = open_context(browser, house.public, Look(360, scripts=False))
    page = context.new_page()
    page.goto(f"/t/{token}")
    page.click(".phone-leave a")
    page.click("main form button[type=submit], main form button:not([type])")
    expect(page.locator("#r-now .is-cancelled")).to_be_visible()
    waiting = [each["label"] for service in house.hall()["services"] for each in service["waiting"]]
    assert label not in waiting
    context.close()


def test_the_keyboard_alone_takes_a_number_calls_and_serves(house, own, lan):
    kiosk = own.new_page()
    kiosk.goto("/kiosk")
    for _ in range(40):
        kiosk.keyboard.press("Tab")
        if kiosk.evaluate("document.activeElement.id") == "s-ho-tich":
            break
    ring = "(style => style.outlineStyle + style.boxShadow)(getComputedStyle(document.activeElement))"
    assert kiosk.evaluate(ring) != "nonenone", "focus is to be seen"
    kiosk.keyboard.press("Enter")
    kiosk.wait_for_url("**/kiosk/tickets/**")
    label = kiosk.locator(".issued-label").inner_text()
    officer = sign_in(lan, "lan")
    officer.goto("/counters?c=quay-1")
    for key, shown in (
        ("o", "#act-quay-1-pause"),
        ("n", f".console :text-is('{label}')"),
        ("s", ".console .badge.is-serving"),
    ):
        officer.keyboard.press(key)
        expect(officer.locator(shown).first).to_be_visible()
        officer.wait_for_timeout(800)  # a trembling finger is one press; people are slower than this
    officer.keyboard.press("c")
    expect(officer.locator(".console .now-none")).to_be_visible()
    assert [event["kind"] for event in house.events()[-5:]][-3:] == [
        "ticket.called",
        "ticket.started",
        "ticket.served",
    ]
