"""The portal in real Chromium: sound in every state and look, light, and without script and cookies."""

import threading

import pytest
from browsers import FEW_LOOKS, OVERFLOWS, Look, open_context, violations, watch
from guests import BASE, PROBE, STATES, SimGuests, guest_chromium, show

from appliance.public.standings import FRESH_S

pytestmark = pytest.mark.e2e

MOST_BYTES = 30_000


@pytest.fixture(scope="module")
def guests(tmp_path_factory):
    subject = SimGuests(tmp_path_factory.mktemp("guests") / "run")
    yield subject
    subject.close()


@pytest.fixture(scope="module")
def chromium(guests):
    with guest_chromium(guests) as browser:
        yield browser


@pytest.fixture
def shown(guests):
    """Let a state be shown, once what was just told of another is no longer told again."""

    def to(state):
        path = show(guests, state)
        threading.Event().wait(FRESH_S + 0.1)
        return path

    return to


@pytest.mark.timeout(120)
@pytest.mark.parametrize("look", FEW_LOOKS, ids=lambda look: f"{look.width}-{look.theme}-{look.lang}")
@pytest.mark.parametrize("state", STATES)
def test_each_state_is_sound(chromium, shown, state, look: Look):
    path = shown(state)
    context = open_context(chromium, BASE, look)
    page = context.new_page()
    complaints = watch(page)
    page.goto(path)
    page.wait_for_selector("main h1")
    if page.query_selector("details"):
        page.click("summary")
    # Over plain HTTP, and at a name that is not loopback's, Chromium says that it leaves this header alone.
    assert [each for each in complaints if "Cross-Origin-Opener-Policy" not in each] == []
    assert not page.evaluate(OVERFLOWS), f"{state} is wider than {look.width} px"
    assert page.get_attribute("html", "lang") == look.lang
    assert violations(page) == []
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_phone_that_looks_for_a_portal_agrees_and_comes_to_a_new_page(chromium, guests, shown, scripts):
    """As the window does in which a phone shows a portal: from the probe to the page, and one press."""
    shown("new")
    context = chromium.new_context(
        java_script_enabled=scripts, locale="vi", viewport={"width": 360, "height": 640}
    )
    page = context.new_page()
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.goto(f"http://{PROBE}/hotspot-detect.html")
    assert page.url == f"{BASE}/wifi"
    page.click("button")
    page.wait_for_selector(".good")
    assert "Quý vị đã vào mạng" in page.inner_text("main")
    # A whole navigation, not a change of the page: that is when iOS looks again and says "Done".
    assert loads == [f"{BASE}/wifi", f"{BASE}/wifi?lang=vi"]
    assert len(guests.gate.inner.opened) >= 1
    assert context.cookies() == []
    page.reload()
    page.go_back()
    context.close()


def test_what_is_allowed_besides_is_given_and_taken_back_by_hand(chromium, guests, shown):
    shown("asked")
    guests.gate.inner.opened.clear()
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.goto(f"{BASE}/wifi")
    assert not page.is_checked("[name=consent]")
    page.click(".tick")
    page.click("button")
    page.wait_for_selector(".good")
    page.click("text=What I agreed to")
    assert "Invite me to a survey" in page.inner_text("main")
    page.click("text=Take it back")
    page.wait_for_selector(".good")
    assert "Your choice has been recorded" in page.inner_text("main")
    assert "You allow nothing besides" in page.inner_text("main")
    assert [given for *_, given in guests.gate.inner.opened] == [("khao-sat",)]
    assert [given for _, given in guests.gate.inner.agreed.values()] == [()]
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_guest_disconnects_with_one_press(chromium, guests, shown, scripts):
    shown("open")
    guests.gate.inner.closed.clear()
    context = chromium.new_context(java_script_enabled=scripts, locale="en")
    page = context.new_page()
    page.goto(f"{BASE}/wifi")
    page.click("text=Disconnect")
    page.wait_for_url("**/wifi?left=1&lang=en")
    assert len(guests.gate.inner.closed) == 1
    context.close()


def test_all_that_a_phone_loads_is_below_thirty_kilobytes(chromium, shown):
    shown("asked")
    context = chromium.new_context(viewport={"width": 360, "height": 640}, locale="vi")
    page = context.new_page()
    loaded: dict[str, int] = {}

    def weigh(response):
        loaded[response.url] = len(response.body()) if response.status == 200 else 0

    page.on("response", weigh)
    page.goto(f"{BASE}/wifi")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(BASE) for url in loaded), loaded
    assert len(loaded) == 2, loaded
    assert sum(loaded.values()) < MOST_BYTES, loaded
    context.close()


def test_tickets_can_be_looked_at_from_the_portal(chromium, shown):
    shown("new")
    context = chromium.new_context(locale="vi")
    page = context.new_page()
    page.goto(f"{BASE}/wifi")
    page.click("nav .btn")
    page.wait_for_selector(".phone-steps")
    assert page.url == f"{BASE}/wifi/tickets?lang=vi"
    context.close()
