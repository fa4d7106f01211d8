"""Procedures in real Chromium, by the portal's name before a guest agrees: sound, light, by keyboard too."""

import pytest
from browsers import FEW_LOOKS, OVERFLOWS, Look, open_context, violations, watch
from guests import BASE, SimGuests, guest_chromium, show

from appliance.procedures.table import taken
from appliance.sockets.procedures import FILE, Catalog
from provisioning.demo.scene import PROCEDURES

pytestmark = pytest.mark.e2e

MOST_BYTES = 30_000
PATHS = (
    "/procedures",
    "/procedures?q=dat+dai",
    "/procedures?q=khong+co",
    "/procedures/VD-05",
    "/procedures/X",
)


@pytest.fixture(scope="module")
def guests(tmp_path_factory):
    subject = SimGuests(tmp_path_factory.mktemp("guests") / "run")
    catalog = Catalog(procedures=taken(PROCEDURES.read_bytes()))
    (subject.link / FILE).write_bytes(catalog.line())
    show(subject, "offline")
    yield subject
    subject.close()


@pytest.fixture(scope="module")
def chromium(guests):
    with guest_chromium(guests) as browser:
        yield browser


@pytest.mark.timeout(120)
@pytest.mark.parametrize("look", FEW_LOOKS, ids=lambda look: f"{look.width}-{look.theme}-{look.lang}")
@pytest.mark.parametrize("path", PATHS)
def test_each_page_is_sound(chromium, path, look: Look):
    context = open_context(chromium, BASE, look)
    page = context.new_page()
    complaints = watch(page)
    page.goto(path)
    page.wait_for_selector("main h1")
    # As for the portal: over plain HTTP Chromium says that it leaves this header alone, and a 404 is one.
    known = ("Cross-Origin-Opener-Policy", "404")
    assert [each for each in complaints if not any(word in each for word in known)] == []
    assert not page.evaluate(OVERFLOWS), f"{path} is wider than {look.width} px"
    assert page.get_attribute("html", "lang") == look.lang
    assert violations(page) == []
    context.close()


def test_by_keyboard_alone_and_without_script_from_the_portal_to_a_procedure(chromium):
    context = chromium.new_context(
        java_script_enabled=False, locale="vi", viewport={"width": 360, "height": 640}
    )
    page = context.new_page()
    page.goto(f"{BASE}/wifi")
    page.focus('a[href^="/procedures"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/procedures?lang=vi")
    page.focus("#q")
    page.keyboard.type("khai sinh")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=khai+sinh**")
    assert page.inner_text("#found") == "Tìm thấy 1 thủ tục"
    page.focus(".list a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/procedures/VD-01?lang=vi")
    assert "Giấy chứng sinh" in page.inner_text("main")
    assert context.cookies() == []
    page.click(".lang")
    assert "What to bring" in page.inner_text("main")
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_all_that_a_phone_loads_is_below_thirty_kilobytes(chromium, path):
    context = chromium.new_context(viewport={"width": 360, "height": 640}, locale="vi")
    page = context.new_page()
    loaded: dict[str, int] = {}
    page.on("response", lambda response: loaded.update({response.url: len(response.body())}))
    page.goto(f"{BASE}{path}")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(BASE) for url in loaded), loaded
    assert len(loaded) == 2, loaded
    assert sum(loaded.values()) < MOST_BYTES, loaded
    context.close()
