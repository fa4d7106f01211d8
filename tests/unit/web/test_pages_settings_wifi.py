"""The public WiFi as supervisor and technician set it: in force at once, in words that keep secrets."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from sim_form import Form, fields_of, said
from sim_staff import TOML, SimStaff

from appliance.config import loads
from appliance.web.wifi import Link, WifiLook

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


# --- on or off, and the radio

OFF = """
[hotspot]
enabled = false  # chưa có bộ phát
ssid = "WiFi Muong Te"
"""
BUILTIN = Link("wlan0", is_radio=True)
USB = Link("wlan1", is_radio=True, is_usb=True)
CABLE = Link("eth0", is_radio=False, is_connected=True)
SPARE = Link("eth1", is_radio=False)


@dataclass(frozen=True)
class Counted:
    """As much of what a gate counts as the page looks at."""

    open: int


class BusyGate(NoGate):
    """A gate with guests."""

    def look(self):
        return WifiLook(is_up=True, silent_s=0.0, counts=Counted(open=7))


@pytest.fixture
def closed(tmp_path: Path):
    """A box whose public WiFi is off, with two radios and two ports."""
    subject = SimStaff(tmp_path, OFF, NoGate(), links=(CABLE, SPARE, BUILTIN, USB))
    yield subject
    subject.close()


@pytest.mark.parametrize("who", ["supervisor", "technician"])
def test_it_is_turned_on_and_off_on_its_page(closed, who):
    caller = closed.client(who)
    form = Form(caller, "wifi")
    assert "Public WiFi: off" in said(form.text)
    assert form.get("enabled") == ["off"]
    form.set("enabled", "on")
    form.press()
    text = said(form.text)
    assert "Public WiFi before: Off then: On" in text
    assert "The WiFi starts as soon as this is applied" in text
    assert "Phones see the network WiFi Muong Te within a minute" in text
    answer = form.press(path="/settings/wifi/apply")
    assert answer.headers["location"] == "/settings?done=wifi-on"
    assert closed.settings.hotspot.enabled
    assert "enabled = true  # chưa có bộ phát" in closed.file.read_text(encoding="utf-8")
    page = caller.page("/settings?done=wifi-on")
    assert "The public WiFi is starting" in said(page)
    assert 'href="/wifi"' in page
    assert "off – turn on" not in said(page)
    assert caller.get("/wifi").status_code == 200
    form = Form(caller, "wifi")
    assert "Public WiFi: on" in said(form.text)
    form.set("enabled", "off")
    form.press()
    assert "Guests are cut off as soon as this is applied" in said(form.text)
    answer = form.press(path="/settings/wifi/apply")
    assert answer.headers["location"] == "/settings?done=wifi-off"
    assert "The public WiFi is off" in said(caller.page("/settings?done=wifi-off"))
    assert caller.get("/wifi").status_code == 404
    assert not closed.settings.hotspot.enabled


def test_a_box_without_the_table_is_turned_on_as_well(tmp_path):
    house = SimStaff(tmp_path, "", NoGate())
    try:
        form = Form(house.client("technician"), "wifi")
        form.set("enabled", "on")
        form.apply()
        assert wanted(house) == {"enabled": True}
        assert house.file.read_text(encoding="utf-8").startswith(TOML)
    finally:
        house.close()


def test_it_is_undone_by_whoever_may_do_it(closed):
    caller = closed.client("supervisor")
    form = Form(caller, "wifi")
    form.set("enabled", "on")
    form.apply()
    form = Form.__new__(Form)
    form.caller, form.section = caller, ""
    form.pairs = fields_of(caller.page("/settings?done=wifi-on"))
    assert form.press(path="/settings/undo").status_code == 303
    assert not closed.settings.hotspot.enabled


def test_who_turns_it_off_is_told_how_many_are_online(tmp_path):
    house = SimStaff(tmp_path, ON, BusyGate())
    try:
        form = Form(house.client("supervisor"), "wifi")
        form.set("enabled", "off")
        form.press()
        assert "7 devices are online now. Phones do not see the network any more" in said(form.text)
    finally:
        house.close()


def test_a_technician_chooses_among_what_is_there(closed):
    form = Form(closed.client("technician"), "wifi")
    for words in (
        "eth0 – cable, plugged in",
        "eth1 – cable, nothing plugged in",
        "wlan0 – Built-in radio",
        "wlan1 – USB radio",
    ):
        assert words in said(form.text)
    form.set("enabled", "on")
    form.set("radio", "usb")
    form.set("interface", "wlan1")
    form.set("channel", "36")
    form.set("country", "vn")
    form.press()
    text = said(form.text)
    assert "What guests join before: Built-in radio then: USB radio" in text
    assert "Radio, or port of the access points before: wlan0 then: wlan1" in text
    assert "Channel of the radio before: 6 then: 36" in text
    assert "Technical setting" not in text
    form.press(path="/settings/wifi/apply")
    hotspot = closed.settings.hotspot
    assert (hotspot.radio, hotspot.interface, hotspot.channel, hotspot.country) == ("usb", "wlan1", 36, "VN")
    assert "country" not in wanted(closed)


def test_access_points_of_the_offices_own_on_a_vlan(closed):
    form = Form(closed.client("technician"), "wifi")
    form.set("enabled", "on")
    form.set("radio", "external")
    form.set("interface", "eth0")
    form.set("vlan", "20")
    form.apply()
    hotspot = closed.settings.hotspot
    assert (hotspot.radio, hotspot.interface, hotspot.vlan, hotspot.wan) == ("external", "eth0", 20, "eth0")
    form = Form(closed.client("technician"), "wifi")
    form.set("interface", "eth1")
    form.set("vlan", "")
    form.press()
    assert "Guests are offline for a moment" in said(form.text)
    assert "VLAN of the guests before: 20 then: none" in said(form.text)
    form.press(path="/settings/wifi/apply")
    assert closed.settings.hotspot.vlan is None
    assert "vlan" not in wanted(closed)


@pytest.mark.parametrize(
    ("field", "value", "words", "in_vietnamese"),
    [
        ("interface", "eth1", "This is a port for a cable and no radio", "không phải bộ phát"),
        ("interface", "", "must be the name of a network interface", "Phải là tên giao diện mạng"),
        ("radio", "external", "This is a radio: choose the port", "hãy chọn cổng cáp"),
        ("radio", "moon", "", ""),
        ("wan", "wlan0", "Guests and the Internet cannot be at one port", "không được chung một cổng"),
        ("wan", "a b", "ust be the name of a network interface", "Phải là tên giao diện mạng"),
        ("vlan", "20", "A VLAN goes with the office's own access points alone", "hãy để trống"),
        ("vlan", "two", "Write a whole number", "số nguyên"),
        ("channel", "", "Write a whole number", "số nguyên"),
        ("channel", "170", "at most 165", "165"),
        ("country", "V1", "two capital letters", "hai chữ cái in hoa"),
    ],
)
def test_what_is_wrong_with_the_radio_stands_beside_its_field(closed, field, value, words, in_vietnamese):
    for lang, sentence in (("en", words), ("vi", in_vietnamese)):
        form = Form(closed.client("technician"), "wifi")
        form.caller.page(f"/settings/wifi?lang={lang}")
        form.set("enabled", "on")
        form.set(field, value)
        form.set("session_min", "77")
        form.press()
        assert form.status == 422
        assert sentence.lower() in said(form.text).lower()
        assert 'aria-invalid="true"' in form.text
        # Nothing that was typed is lost.
        assert (form.get("enabled"), form.get("session_min")) == (["on"], ["77"])
        if field != "radio":
            assert form.get(field) == [value]
        assert wanted(closed) == {"enabled": False, "ssid": "WiFi Muong Te"}


@pytest.mark.parametrize("who", ["supervisor", "technician"])
def test_the_radio_towards_the_province_is_not_taken_away_from_it(tmp_path, who):
    joined = Link("wlan0", is_radio=True, is_connected=True)
    house = SimStaff(tmp_path, OFF, NoGate(), links=(CABLE, joined))
    try:
        form = Form(house.client(who), "wifi")
        form.set("enabled", "on")
        form.press()
        assert form.status == 422
        assert "The box reaches the province by this radio at the moment" in said(form.text)
        assert 'class="error"' in form.text
    finally:
        house.close()


def test_what_is_not_plugged_in_is_said_before(tmp_path):
    house = SimStaff(tmp_path, OFF, NoGate(), links=(CABLE,))
    try:
        form = Form(house.client("technician"), "wifi")
        assert "wlan0 – not there now" in said(form.text)
        form.set("enabled", "on")
        form.press()
        assert "There is no interface wlan0 at the moment" in said(form.text)
        assert "There is no interface eth0" not in said(form.text)
    finally:
        house.close()


def test_where_the_links_are_not_known_names_are_written(house):
    form = Form(house.client("technician"), "wifi")
    assert re.search(r'<input type="text" value="wlan0" id="f-interface"', form.text)
    form.set("wan", "eth7")
    form.apply()
    assert house.settings.hotspot.wan == "eth7"


def test_a_supervisor_sees_the_radio_and_cannot_change_it(closed):
    form = Form(closed.client("supervisor"), "wifi")
    assert "Built-in radio: wlan0. Internet by eth0. A technician changes that." in said(form.text)
    assert not form.get("interface")
    form.set("interface", "wlan1")
    form.set("radio", "usb")
    form.press()
    assert "Nothing would change" in form.text
    assert closed.settings.hotspot.interface == "wlan0"


def test_a_form_that_says_nothing_of_the_switch_leaves_it(house):
    form = Form(house.client("supervisor"), "wifi")
    form.pairs = [pair for pair in form.pairs if pair[0] != "enabled"]
    form.set("ssid", "WiFi xã")
    form.apply()
    assert house.settings.hotspot.enabled
