"""Every page in real Chromium: axe finds nothing, nothing overflows, no script or policy complains."""

import re

import pytest
from browsers import FEW_LOOKS, OVERFLOWS, Look, chromium, open_context, sign_in, violations, watch
from house import House
from pages import PAGES, Shown, morning

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    subject = House(tmp_path_factory.mktemp("house"))
    yield subject
    subject.close()


@pytest.fixture(scope="module")
def tokens(house):
    return morning(house)


@pytest.fixture(scope="module")
def people(house):
    """A page of each person's own browser, by person and look; each signs in once."""
    with chromium() as browser:
        opened = {}

        def page_of(who, look):
            if (who, look) not in opened:
                base = house.public if who == "phone" else house.own
                context = open_context(browser, base, look)
                opened[who, look] = context.new_page() if who in {"own", "phone"} else sign_in(context, who)
            return opened[who, look]

        yield page_of


@pytest.mark.timeout(240)
@pytest.mark.parametrize("look", FEW_LOOKS, ids=lambda look: f"{look.width}-{look.theme}-{look.lang}")
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_page_is_sound(house: House, tokens, people, shown: Shown, look: Look):
    page = people(shown.who, look)
    complaints = watch(page)
    page.goto(shown.path.format(**tokens))
    page.wait_for_selector(shown.until)
    page.wait_for_timeout(150)  # a live page has taken its first message
    expected = ["404"] if shown.name in {"not-found", "phone-unknown"} else []
    assert [each for each in complaints if not any(word in each for word in expected)] == []
    assert not page.evaluate(OVERFLOWS), f"{shown.name} is wider than {look.width} px"
    assert page.get_attribute("html", "lang") == look.lang
    assert violations(page) == []
    # A kiosk that nobody touches goes back to Vietnamese, and would take this browser's language with it.
    page.goto("about:blank")


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("size", "box"), [("a4", (595, 842)), ("a6", (298, 420))], ids=lambda each: str(each)[:2]
)
def test_the_poster_of_the_wifi_is_one_sheet_of_its_size(people, size, box):
    page = people("minh", Look(1024))
    page.goto(f"/wifi/poster?size={size}")
    page.wait_for_selector(".poster")
    printed = page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", printed)
    assert [(round(float(width)), round(float(height))) for width, height in sheets] == [box]
