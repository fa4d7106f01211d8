"""The public WiFi as supervisor and technician set it: in force at once, in words that keep secrets."""

import tomllib
from pathlib import Path

import pytest
from sim_form import Form, fields_of, said
from sim_staff import TOML, SimStaff

from appliance.config import loads
from appliance.web.wifi import WifiLook

ON = """
[hotspot]
enabled = true
ssid = "WiFi Muong Te"
"""


class NoGate:
    """A gate that is not there."""

    def look(self):
        return WifiLook(is_up=False, silent_s=0.0)


@pytest.fixture
def house(tmp_path: Path):
    subject = SimStaff(tmp_path, ON, NoGate())
    yield subject
    subject.close()


def wanted(house):
    return tomllib.loads(house.file.read_text(encoding="utf-8"))["hotspot"]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("who", ["supervisor", "technician"])
def test_the_page_is_there_in_both_languages(house, who, lang):
    page = house.client(who).page(f"/settings/wifi?lang={lang}")
    assert ("WiFi công cộng" if lang == "vi" else "Public WiFi") in said(page)
    assert "WiFi Muong Te" in house.client(who).page("/settings")


def test_a_form_that_is_sent_as_it_came_changes_nothing(house):
    form = Form(house.client("supervisor"), "wifi")
    form.press()
    assert "Nothing would change" in form.text
    assert house.file.read_text(encoding="utf-8") == TOML + ON


def test_name_passphrase_hours_and_speeds_are_in_force_at_once(house):
    caller = house.client("supervisor")
    form = Form(caller, "wifi")
    form.set("ssid", "WiFi xã")
    form.set("security", "psk")
    form.set("passphrase", "hoa ban trang")
    form.set("session_min", "120")
    form.set("sun", "")
    form.set("mon", "07:00-19:00")
    form.set("classes.0.down_kbps", "8000")
    form.press("add:classes")
    form.set("classes.1.name", "Chậm lại")
    form.set("classes.1.down_kbps", "500")
    form.set("classes.1.up_kbps", "250")
    form.press()
    text = said(form.text)
    for words in (
        "Name of the WiFi before: WiFi Muong Te then: WiFi xã",
        "Who may join the WiFi before: Open to everybody then: With a passphrase",
        "Passphrase of the WiFi before: none then: ••••••••",
        "Minutes after which a guest agrees anew before: 240 then: 120",
        "WiFi on Monday before: 00:00-24:00 then: 07:00-19:00",
        "WiFi on Sunday before: 00:00-24:00 then: No WiFi",
        "Speed basic before: 5,000 / 2,000 kbit/s then: 8,000 / 2,000 kbit/s",
        "Speed cham-lai then: 500 / 250 kbit/s",
    ):
        assert words in text
    assert "hoa ban trang" not in text
    answer = form.press(path="/settings/wifi/apply")
    assert answer.headers["location"] == "/settings?done=applied"
    hotspot = house.settings.hotspot
    assert (hotspot.ssid, hotspot.passphrase, hotspot.session_min) == ("WiFi xã", "hoa ban trang", 120)
    assert [each.id for each in hotspot.classes] == ["basic", "cham-lai"]
    assert hotspot.hours.sun == ()
    assert loads(house.file.read_text(encoding="utf-8")).hotspot == hotspot
    assert "hoa ban trang" not in caller.page("/settings/history")


def test_a_slower_speed_after_the_quota_is_chosen_among_those_there_are(house):
    form = Form(house.client("supervisor"), "wifi")
    form.set("quota_class", "basic")
    form.apply()
    assert wanted(house)["quota_class"] == "basic"
    form = Form(house.client("supervisor"), "wifi")
    form.set("quota_class", "")
    form.apply()
    assert "quota_class" not in wanted(house)


def test_the_line_is_measured_shared_and_forgotten(house):
    form = Form(house.client("supervisor"), "wifi")
    form.set("line_down_kbps", "80000")
    form.set("line_up_kbps", "40000")
    form.set("office_share_percent", "60")
    form.set("all_up_kbps", "9000")
    form.press()
    text = said(form.text)
    assert "What the line brings, kbit/s before: not set then: 80,000" in text
    assert "Percent of the line that guests never get before: 50 then: 60" in text
    form.press(path="/settings/wifi/apply")
    hotspot = house.settings.hotspot
    assert (hotspot.line_down_kbps, hotspot.line_up_kbps) == (80_000, 40_000)
    assert hotspot.office_share_percent == 60
    assert (hotspot.all_down_kbps, hotspot.all_up_kbps) == (None, 9_000)
    form = Form(house.client("supervisor"), "wifi")
    form.set("line_down_kbps", "")
    form.apply()
    assert "line_down_kbps" not in wanted(house)
    assert house.settings.hotspot.line_up_kbps == 40_000


def test_who_takes_the_speed_after_the_quota_away_sees_what_follows(house):
    form = Form(house.client("supervisor"), "wifi")
    form.press("add:classes")
    form.set("classes.1.name", "cham")
    form.set("classes.1.down_kbps", "500")
    form.set("classes.1.up_kbps", "250")
    form.apply()
    form = Form(house.client("supervisor"), "wifi")
    form.set("quota_class", "cham")
    form.apply()
    form = Form(house.client("supervisor"), "wifi")
    form.press("remove:classes:1")
    form.press()
    text = said(form.text)
    assert "Speed after the day's quota before: cham then: offline until the next day" in text
    assert "Speed cham before: 500 / 250 kbit/s" in text
    form.set("quota_class", "cham")
    form.press()
    assert form.status == 422
    assert "Quota_class names none of these classes" in said(form.text)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("ssid", "", "visible text"),
        ("ssid", "Trung tâm hành chính công xã", "at most 32 bytes"),
        ("passphrase", "short", "8 to 63 letters"),
        ("security", "psk", "needs a passphrase"),
        ("session_min", "soon", "Write a whole number"),
        ("quota_mib", "", "Write a whole number"),
        ("idle_min", "0", "at least 1"),
        ("classes.0.up_kbps", "1", "at least 64"),
        ("line_up_kbps", "10", "at least 1000"),
        ("line_down_kbps", "fast", "Write a whole number"),
        ("office_share_percent", "", "Write a whole number"),
        ("classes.0.down_kbps", "", "Write a whole number"),
        ("tue", "7-19", "Write it like"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(house, field, value, words):
    form = Form(house.client("supervisor"), "wifi")
    form.set(field, value)
    form.press()
    assert form.status == 422
    assert words in said(form.text)
    assert 'aria-invalid="true"' in form.text
    assert wanted(house) == {"enabled": True, "ssid": "WiFi Muong Te"}


def test_the_last_speed_stays(house):
    form = Form(house.client("supervisor"), "wifi")
    form.press("remove:classes:0")
    form.press()
    assert "Keep at least one speed" in said(form.text)


def test_where_the_radio_is_only_a_technician_changes(house):
    house.configuration.apply(
        house.file.read_text(encoding="utf-8").replace("true", 'true\nwan = "eth1"'), "tuan"
    )
    assert house.settings.hotspot.wan == "eth1"
    for who, status in (("supervisor", 422), ("technician", 303)):
        caller = house.client(who)
        form = Form.__new__(Form)
        form.caller, form.section = caller, ""
        page = caller.page("/settings/history")
        form.pairs = fields_of(page)
        form.set("number", "1")
        answer = form.press(path="/settings/undo")
        assert answer.status_code == status, who
    assert house.settings.hotspot.wan == "eth0"
