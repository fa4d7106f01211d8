"""The one address of the HDMI screen: it leads where the settings say, also when they have changed."""

from typing import Any

import pytest
from sim_staff import TOML, SimStaff

from appliance.config import loads

PAGES = {
    "": "/display#screen",
    '[display]\npage = "kiosk"\n': "/kiosk#screen",
    '[display]\npage = "rating"\ncounter = "q2"\n': "/rate/q2#screen",
}


WITHOUT_HALL = (
    TOML.partition("[[services]]")[0].replace("[office]\n", '[office]\nrole = "hotspot"\n', 1)
    + '[hardware]\nboard = "none"\npin_factory = "none"\n[hotspot]\nenabled = true\n'
)


def answer(staff: SimStaff, who: str = "box") -> Any:
    return staff.client(who).http.get("/screen", headers={"accept": "text/html"})


@pytest.mark.parametrize("more", PAGES, ids=["default", "kiosk", "rating"])
def test_it_leads_to_the_page_of_the_settings(staff: SimStaff, more: str) -> None:
    staff.settings = loads(TOML + more)
    led = answer(staff)
    assert (led.status_code, led.headers["location"]) == (303, PAGES[more])
    page, _, mark = PAGES[more].partition("#")
    assert mark == "screen"
    assert 'id="screen"' in staff.client("box").page(page)


def test_a_box_without_a_hall_leads_to_itself_and_to_no_page_of_a_hall(staff: SimStaff) -> None:
    staff.settings = loads(WITHOUT_HALL)
    assert answer(staff).headers["location"] == "/box"
    for path in ("/kiosk", "/display"):
        assert staff.client("box").get(path).headers["location"] == "/box"
    for role in ("officer", "supervisor", "technician"):
        page = staff.client(role).page("/")
        for path in ("/kiosk", "/display", "/counters", "/supervisor"):
            assert f'href="{path}"' not in page, (role, path)


def test_settings_that_changed_lead_elsewhere_and_let_the_screen_come_again(staff: SimStaff) -> None:
    before = staff.client("box").page("/display")
    staff.settings = loads(TOML + '[display]\npage = "kiosk"\n')
    assert answer(staff).headers["location"] == "/kiosk#screen"
    assert shell(staff.client("box").page("/display")) != shell(before)


def test_the_answer_is_kept_by_nobody(staff: SimStaff) -> None:
    assert answer(staff).headers["cache-control"] == "no-store"


def test_somebody_on_the_office_lan_is_led_to_signing_in(staff: SimStaff) -> None:
    assert answer(staff, "nobody").headers["location"].startswith("/sign-in")
    assert answer(staff, "officer").status_code == 403


def shell(page: str) -> str:
    return page.partition('data-shell="')[2].partition('"')[0]
