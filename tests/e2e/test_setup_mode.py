"""Setup mode in real Chromium: a hall screen and a phone read it and follow it."""

from pathlib import Path

import pytest
from browsers import FEW_LOOKS, OVERFLOWS, Look, chromium, open_context, violations, watch
from house import House

from appliance.config import ConfigError, load
from appliance.config.machine import Api
from appliance.config.web import Web
from appliance.setup_mode import SetupMode
from appliance.setup_notice import FILE_NAME, Mistake, SetupNotice

pytestmark = pytest.mark.e2e

LONG = "hãy ghi đúng địa chỉ mà trung tâm tỉnh đã cấp cho văn phòng; " * 3


@pytest.fixture
def data(tmp_path):
    places = ("center.url", "site.commune", "device.id", "network.gateway")
    mistakes = tuple(Mistake(f'motcua.toml: {place} = "x"', "is wrong", LONG) for place in places)
    (tmp_path / FILE_NAME).write_bytes(SetupNotice(is_set_up=False, mistakes=mistakes).to_bytes())
    return tmp_path


@pytest.fixture
def subject(data: Path):
    with pytest.raises(ConfigError) as caught:
        load(data / "office.toml")
    api, web = Api(socket=data / "s"), Web(port=0, loopback_port=0)
    running = SetupMode.open(data / "office.toml", data, caught.value, api=api, web=web)
    yield running
    running.close()


@pytest.fixture
def base(subject):
    return f"http://127.0.0.1:{subject.ports[0]}"


@pytest.mark.timeout(120)
def test_it_is_sound_and_follows_what_is_written(base, data):
    with chromium() as browser:
        for look in (*FEW_LOOKS, Look(1024, scripts=False)):
            page = open_context(browser, base, look).new_page()
            complaints = watch(page)
            page.goto("/display")
            page.wait_for_selector(".mistakes")
            assert [each for each in complaints if "503" not in each] == []
            assert not look.scripts or (not page.evaluate(OVERFLOWS) and violations(page) == [])
        page = open_context(browser, base).new_page()
        page.goto("/display")
        fresh = SetupNotice(
            is_set_up=False, mistakes=(Mistake("motcua.toml", "is missing", "không có tệp này"),)
        )
        (data / FILE_NAME).write_bytes(fresh.to_bytes())
        page.wait_for_selector("text=không có tệp này")


@pytest.mark.timeout(120)
def test_the_screen_finds_the_office_that_opens_in_its_place(base, subject, tmp_path):
    """The screen asked for /display; that is what it shows when an office answers at the same port."""
    with chromium() as browser:
        page = open_context(browser, base).new_page()
        page.goto("/display")
        page.wait_for_selector(".mistakes")
        subject.close()
        page.wait_for_selector("#stale:not([hidden])")
        house = House(tmp_path / "house", own_port=subject.ports[0])
        try:
            page.wait_for_selector("[data-live^='/display/live']", state="attached", timeout=60_000)
        finally:
            house.close()
