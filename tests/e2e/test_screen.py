"""The box's own HDMI screen in real Chromium: it shows what the settings say, also when they have changed."""

import pytest
from browsers import chromium, open_context
from house import House

pytestmark = pytest.mark.e2e

CHOSEN = '[display]\npage = "rating"\ncounter = "quay-3"\n'


@pytest.fixture
def house(tmp_path):
    subject = House(tmp_path / "house")
    yield subject
    subject.close()


@pytest.mark.timeout(180)
def test_it_goes_where_new_settings_want_it_and_other_browsers_stay(house: House):
    with chromium() as browser:
        own = open_context(browser, house.own).new_page()
        own.goto("/screen")
        own.wait_for_url(lambda url: url.endswith("/display#screen"))
        other = open_context(browser, house.own).new_page()
        other.goto("/display")
        for page in (own, other):
            page.wait_for_selector("#r-board")
        before = other.get_attribute("#screen", "data-shell")
        house.kill("office")
        house.config.write_text(house.config.read_text("utf-8") + CHOSEN, encoding="utf-8")
        house.start("office")
        own.wait_for_url(lambda url: url.endswith("/rate/quay-3#screen"), timeout=60_000)
        other.wait_for_selector(f"#screen:not([data-shell='{before}'])", state="attached", timeout=60_000)
        assert other.url.endswith("/display")
