"""The pages of the public WiFi: what they tell whom, blocking, the poster; without WiFi none of it."""

import asyncio
import html
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sim_staff import SimStaff

sys.path.insert(0, str(Path(__file__).parents[1] / "office_gate"))

from sim_gate import CLIENTS, counts

from appliance.config.hotspot import Hotspot
from appliance.desk.commands import Record
from appliance.hotspot.capability_file import POINTS, leave, look_at
from appliance.hotspot.errors import RulesRefusedError
from appliance.sockets import gate
from appliance.sockets.abilities import FILE, Capabilities, Note
from appliance.web.access import TABLE
from appliance.web.examiner import ExaminedLook, FoundLook
from appliance.web.pages_wifi_poster import qr, wifi_text
from appliance.web.wifi import GateAwayError, GateRefusedError, Said, TestLook, TestNotAskedError, WifiLook
from appliance.wire.event import Draft

ON = """
[hotspot]
enabled = true
ssid = "WiFi Mường Tè"
security = "psk"
passphrase = 'cho;hoa:"tuyet'
"""
PAGES = ("/wifi", "/wifi/devices", "/wifi/poster", "/wifi/capabilities", "/wifi/test")
FOUND = Capabilities(
    at="2026-11-23T01:00:00.000000Z", radio="builtin", interface="wlan0", driver="brcmfmac", is_there=True,
    has_ap=True, most_clients=8, bands=("2.4", "5"), isolation=None, wpa3=False, owe=False, shaper="cake",
    announces_portal=True, notes=(Note(en="two phones tell", vi="hãy thử hai điện thoại"),),
)  # fmt: skip


class ScriptedWifi:
    """A gate that says what it is told to, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.now = WifiLook(is_up=True, silent_s=1.0, counts=counts(), down_bps=18_400_000, up_bps=900_000)
        self.rows: list[gate.Client] = list(CLIENTS)
        self.found: Capabilities | None = FOUND
        self.tested = TestLook(is_running=False)
        self.is_away = False
        self.asked: list[tuple[object, ...]] = []

    def look(self) -> WifiLook:
        return self.now

    def clients(self) -> Sequence[gate.Client]:
        self._check()
        return self.rows

    def block(self, handle: str, minutes: int) -> None:
        self._check()
        if handle not in {each.handle for each in self.rows}:
            raise GateRefusedError(reason="hotspot.no_device", en="no such device", vi="không có máy này")
        self.asked.append(("block", handle, minutes))

    def unblock(self, handle: str) -> None:
        self._check()
        self.asked.append(("unblock", handle))

    def capabilities(self) -> Capabilities | None:
        return self.found

    def test(self) -> TestLook:
        return self.tested

    def ask_for_test(self) -> None:
        if self.is_away:
            raise TestNotAskedError(reason="no folder")
        self.asked.append(("test",))
        self.tested = replace(self.tested, is_running=True, is_overdue=False)

    def _check(self) -> None:
        if self.is_away:
            raise GateAwayError


@pytest.fixture
def wifi() -> ScriptedWifi:
    return ScriptedWifi()


@pytest.fixture
def house(tmp_path: Path, wifi: ScriptedWifi) -> Iterator[SimStaff]:
    subject = SimStaff(tmp_path, ON, wifi)
    yield subject
    subject.close()


def said(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(text)).split())


def record(staff: SimStaff, **data: object) -> None:
    """Let the gate have told of an hour."""
    staff.ask(Record(Draft("hotspot.usage", data)))


def full(hour: str, sessions: int = 12) -> dict[str, object]:
    return {
        "hour": hour, "sessions": sessions, "peak_clients": 7, "refused": 2,
        "bytes_down": 300 * 1024 * 1024, "bytes_up": 3 * 1024 * 1024,
    }  # fmt: skip


# --- without public WiFi


def test_without_public_wifi_there_is_no_page_but_a_way_to_turn_it_on(staff: SimStaff) -> None:
    for who in ("technician", "supervisor"):
        caller = staff.client(who)
        for path in PAGES:
            is_closed = who == "supervisor" and path in set(PAGES) - {"/wifi", "/wifi/poster"}
            expected = 403 if is_closed else 404
            assert caller.get(path).status_code == expected, path
        page = caller.page("/health?lang=vi")
        assert 'href="/wifi"' not in page
        assert ("WiFi công cộng: đang tắt – bật" in said(page)) == (who == "technician")
        assert ('href="/settings/wifi"' in page) == (who == "technician")
        assert "/settings/wifi" in caller.page("/settings")
        assert "It is off: phones see no network" in said(caller.page("/settings?lang=en"))


def test_every_page_has_a_row_and_devices_are_for_technicians() -> None:
    assert {str(who) for who in TABLE["GET", "/wifi/devices"]} == {"technician"}
    assert {str(who) for who in TABLE["POST", "/wifi/devices"]} == {"technician"}
    assert {str(who) for who in TABLE["GET", "/wifi"]} == {"supervisor", "technician"}


# --- how it is now


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_now_is_counted_and_names_nobody(house: SimStaff, lang: str) -> None:
    page = house.client("supervisor").page(f"/wifi?lang={lang}")
    text = said(page)
    assert ("Đang dùng 17" if lang == "vi" else "Online now 17") in text
    assert ("18,4" if lang == "vi" else "18.4") in text
    assert not any(each.handle in page for each in CLIENTS)
    assert "/wifi/devices" not in page
    assert 'href="/wifi"' in house.client("supervisor").page("/health")


def test_the_reasons_of_refusals_are_said(house: SimStaff, wifi: ScriptedWifi) -> None:
    caller = house.client("supervisor")
    assert "Refused because: the day's quota is used up 3 · blocked by a technician 1" in said(
        caller.page("/wifi?lang=en")
    )
    wifi.now = replace(wifi.now, counts=counts(refused_for={}))
    assert "The gate did not say why" in said(caller.page("/wifi?lang=en"))


def test_engines_and_their_deaths_are_shown(house: SimStaff, wifi: ScriptedWifi) -> None:
    engines = [
        gate.Engine(name="hostapd", standing="failed", restarts=9),
        gate.Engine(name="radvd", standing="off", restarts=0),
        gate.Engine(name="dnsmasq", standing="restarting", restarts=1),
    ]
    wifi.now = replace(wifi.now, counts=counts(engines=engines), deaths={"hostapd": 4})
    text = said(house.client("supervisor").page("/wifi?lang=en"))
    assert "Does not start hostapd started again 4 times within the last hour" in text
    assert "Switched off radvd" in text
    assert "Is being started again dnsmasq started again 1 time so far" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_up": False, "counts": None, "silent_s": 90.0}, "does not answer"),
        ({"counts": None}, "its figures come in a moment"),
        ({"refusal": Said("wlan0 cannot do owe", "không hỗ trợ")}, "wlan0 cannot do owe"),
        ({"counts": counts(fault="no rules")}, "Nobody gets online no rules"),
        ({"conflicts": 1}, "Two devices use one hardware address"),
        ({"down_bps": None, "up_bps": None}, "To guests now –"),
    ],
    ids=["silent", "new", "refused", "fault", "conflict", "unmeasured"],
)
def test_what_is_wrong_is_said(
    house: SimStaff, wifi: ScriptedWifi, change: dict[str, object], words: str
) -> None:
    wifi.now = replace(wifi.now, **change)  # type: ignore[arg-type]
    assert words in said(house.client("supervisor").page("/wifi?lang=en"))


def test_why_nobody_gets_online_is_said_in_the_language_of_the_page(
    house: SimStaff, wifi: ScriptedWifi
) -> None:
    fault = RulesRefusedError(reason="Could not process rule: No such file")
    wifi.now = replace(wifi.now, counts=counts(fault=str(fault), fault_vi=fault.vi()))
    caller = house.client("supervisor")
    assert f"Nobody gets online {fault}" in said(caller.page("/wifi?lang=en"))
    page = said(caller.page("/wifi?lang=vi"))
    assert fault.vi() in page
    assert "Could not" not in page


# --- the line that all share


@pytest.mark.parametrize(
    ("settings", "expected", "missing"),
    [
        ("", ["Guests can fill the line No setting"], ["office go first"]),
        (
            "line_down_kbps = 90_000\nline_up_kbps = 36_000\noffice_share_percent = 60\n",
            ["get at most 36.0 Mbit/s", "send at most 14.4 Mbit/s"],
            ["can fill the line"],
        ),
        ("all_down_kbps = 256\nall_up_kbps = 1_000\n", ["0.26 Mbit/s", "1.0 Mbit/s"], ["can fill the line"]),
        (
            "line_down_kbps = 90_000\n",
            ["get at most 45.0 Mbit/s", "fill the line with what they send"],
            ["send at most"],
        ),
        ("all_up_kbps = 5_000\n", ["send at most 5.0 Mbit/s", "with what they download"], ["get at most"]),
    ],
    ids=["nothing", "the line", "guests together", "down alone", "up alone"],
)
def test_whether_the_office_goes_first_is_said_as_the_settings_are(
    tmp_path: Path, wifi: ScriptedWifi, settings: str, expected: list[str], missing: list[str]
) -> None:
    staff = SimStaff(tmp_path, ON + settings, wifi)
    for who in ("supervisor", "technician"):
        page = staff.client(who).page("/wifi?lang=en")
        assert [each for each in expected if each not in said(page)] == []
        assert [each for each in missing if each in said(page)] == []
        # Both may change the settings.
        assert ('href="/settings/wifi#line"' in page) is ("can fill the line" in said(page))
    vietnamese = said(staff.client("supervisor").page("/wifi?lang=vi"))
    assert ("Khách có thể chiếm hết" in vietnamese) is ("can fill the line" in said(page))
    staff.close()


def test_the_link_to_the_speed_of_the_line_leads_to_its_card(house: SimStaff) -> None:
    assert 'id="line"' in house.client("supervisor").page("/settings/wifi")


# --- by the hour


def test_the_hours_of_a_day_come_from_the_journal(house: SimStaff) -> None:
    house.issue()
    record(house, **full("2026-11-22T23"))
    record(house, hour="2026-11-23T06", suppressed=True)
    record(house, **full("2026-11-23T07"))
    record(house, **full("2026-11-23T07", sessions=99))
    caller = house.client("supervisor")
    text = said(caller.page("/wifi?lang=en"))
    assert "06:00 –07:00 few users 07:00 –08:00 12 7 2 300 3.0 Whole day 7 2 300 3.0" in text
    assert "99" not in text
    assert "ít người dùng" in caller.page("/wifi?lang=vi")
    assert "23:00 –24:00 12" in said(caller.page("/wifi?day=2026-11-22&lang=en"))
    assert "Nothing is recorded of this day" in said(caller.page("/wifi?day=2026-11-20&lang=en"))


@pytest.mark.parametrize("day", ["", "nonsense", "2099-01-01"])
def test_a_day_that_makes_no_sense_is_today(house: SimStaff, day: str) -> None:
    assert "By the hour: Monday, 23 November 2026" in said(
        house.client("supervisor").page(f"/wifi?lang=en&day={day}")
    )


# --- devices


def test_devices_are_handles_and_can_be_blocked(house: SimStaff, wifi: ScriptedWifi) -> None:
    caller = house.client("technician")
    text = said(caller.page("/wifi/devices?lang=en"))
    assert "k3fwq2ab Online for 32 min" in text
    assert "p5tzm7qd Online Address in use twice" in text
    assert "c2hxv4jn Blocked" in text
    answer = caller.submit(
        "/wifi/devices", "/wifi/devices", **{"do": "block k3fwq2ab", "minutes-k3fwq2ab": "45"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/wifi/devices?done=blocked")
    answer = caller.submit("/wifi/devices", "/wifi/devices", do="unblock c2hxv4jn")
    assert answer.headers["location"] == "/wifi/devices?done=unblocked"
    assert wifi.asked == [("block", "k3fwq2ab", 45), ("unblock", "c2hxv4jn")]
    assert "The device is blocked" in said(caller.page("/wifi/devices?done=blocked&lang=en"))


@pytest.mark.parametrize("minutes", ["", "0", "1441", "-1", "12a", "99999", "١٢"])
def test_minutes_that_are_none_block_nobody(house: SimStaff, wifi: ScriptedWifi, minutes: str) -> None:
    caller = house.client("technician")
    fields = {"do": "block k3fwq2ab", "minutes-k3fwq2ab": minutes}
    answer = caller.submit("/wifi/devices?lang=en", "/wifi/devices", **fields)
    assert answer.status_code == 422
    assert wifi.asked == []


@pytest.mark.parametrize("handle", ["", "k3fwq2a", "K3FWQ2AB", "k3fwq2ab9", "10.77.0.9", "aaaaaaaa"])
def test_a_handle_that_is_none_blocks_nobody(house: SimStaff, wifi: ScriptedWifi, handle: str) -> None:
    fields = {"do": f"block {handle}", f"minutes-{handle}": "10"}
    answer = house.client("technician").submit("/wifi/devices", "/wifi/devices", **fields)
    assert answer.status_code == 422
    assert wifi.asked == []


def test_a_gate_that_is_away_is_said(house: SimStaff, wifi: ScriptedWifi) -> None:
    caller = house.client("technician")
    token = caller.token("/wifi/devices")
    wifi.is_away = True
    assert "does not answer" in said(caller.page("/wifi/devices?lang=en"))
    data = {"csrf": token, "do": "block k3fwq2ab", "minutes-k3fwq2ab": "10"}
    answer = caller.http.post(
        "/wifi/devices", data=data, headers={"accept": "text/html", "sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 503


def test_a_long_list_is_cut_and_says_so(house: SimStaff, wifi: ScriptedWifi) -> None:
    wifi.rows = [CLIENTS[0]] * 203
    assert "3 more devices" in said(house.client("technician").page("/wifi/devices?lang=en"))
    wifi.rows = []
    assert "Nobody is online" in said(house.client("technician").page("/wifi/devices?lang=en"))


# --- what the radio can do


def test_what_the_radio_can_do_is_said_and_nothing_promised(house: SimStaff, wifi: ScriptedWifi) -> None:
    caller = house.client("technician")
    text = said(caller.page("/wifi/capabilities?lang=en"))
    assert "wlan0 (brcmfmac)" in text
    assert "8 instead of 100" in text
    assert "Keeps guests apart The hardware does not say" in text
    assert "two phones tell" in text
    wifi.found = FOUND.model_copy(update={"is_there": False, "shaper": None, "driver": None, "bands": ()})
    assert "There is no interface wlan0" in said(caller.page("/wifi/capabilities?lang=en"))
    wifi.found = None
    assert "The gate has not looked yet" in said(caller.page("/wifi/capabilities?lang=en"))


def test_what_the_real_gate_leaves_is_what_the_page_shows(
    house: SimStaff, wifi: ScriptedWifi, tmp_path: Path
) -> None:
    radio = Hotspot(interface="wlan9", radio="usb")
    leave(asyncio.run(look_at(radio, FOUND.at)).capabilities, tmp_path / FILE)
    wifi.found = Capabilities.of_file((tmp_path / FILE).read_bytes())
    text = said(house.client("technician").page("/wifi/capabilities?lang=en"))
    assert "There is no interface wlan9" in text
    points = Hotspot(interface="lo", radio="external")
    leave(asyncio.run(look_at(points, FOUND.at)).capabilities, tmp_path / FILE)
    wifi.found = Capabilities.of_file((tmp_path / FILE).read_bytes())
    for lang, words in (("en", POINTS.en), ("vi", POINTS.vi)):
        text = said(house.client("technician").page(f"/wifi/capabilities?lang={lang}"))
        assert words in text


def test_the_file_of_the_capabilities_says_what_it_is() -> None:
    assert Capabilities.of_file(FOUND.line()) == FOUND


def test_a_line_without_internet_is_said(house: SimStaff, wifi: ScriptedWifi) -> None:
    caller = house.client("supervisor")
    for wan, is_said in ((None, False), (True, False), (False, True)):
        wifi.now = replace(wifi.now, counts=counts(wan=wan))
        assert ("The line has no Internet" in said(caller.page("/wifi?lang=en"))) is is_said


@pytest.mark.parametrize(
    ("quality", "shown"),
    [
        ((30, 1, 12, 180), "12 ms 180 ms at worst in ten minutes; 1 of 30 questions for a name unanswered"),
        ((2, 2, None, None), "– ms – ms at worst in ten minutes; 2 of 2 questions for a name unanswered"),
    ],
    ids=["usual", "silent"],
)
def test_staff_see_how_the_line_answered_lately(
    house: SimStaff, wifi: ScriptedWifi, quality: tuple[int, int, int | None, int | None], shown: str
) -> None:
    caller = house.client("technician")
    wifi.now = replace(wifi.now, counts=counts(line_quality=None))
    assert "The line answers in" not in said(caller.page("/wifi?lang=en"))
    rounds, unanswered, usual_ms, worst_ms = quality
    line = gate.LineQuality(rounds=rounds, unanswered=unanswered, usual_ms=usual_ms, worst_ms=worst_ms)
    wifi.now = replace(wifi.now, counts=counts(line_quality=line))
    assert f"The line answers in {shown}" in said(caller.page("/wifi?lang=en"))
    assert "Đường truyền trả lời sau" in said(caller.page("/wifi?lang=vi"))


@pytest.mark.parametrize(
    ("on_air", "shown"),
    [
        ((7, 8), "On the air 7 the radio takes 8"),
        ((8, 8), "On the air 8 the radio takes 8; the next phone cannot join"),
        ((None, None), None),
    ],
    ids=["room", "full", "access points"],
)
def test_staff_see_that_the_radio_is_full(
    house: SimStaff, wifi: ScriptedWifi, on_air: tuple[int | None, int | None], shown: str | None
) -> None:
    joined, most = on_air
    wifi.now = replace(wifi.now, counts=counts(on_air=joined, most_on_air=most))
    page = said(house.client("technician").page("/wifi?lang=en"))
    assert ("On the air" in page) is (shown is not None)
    assert shown is None or shown in page


# --- the gate's own test

TESTED = ExaminedLook(
    datetime(2026, 11, 23, 1, tzinfo=UTC),
    (
        FoundLook("gate", "well", ("gate", "bộ phận canh cổng"), ("answers", "trả lời"), None),
        FoundLook("office", "broken", ("office LAN", "mạng văn phòng"), ("10.0.0.9",) * 2, ("x", "y")),
    ),
    (FoundLook("office", "broken", ("office LAN", "mạng văn phòng"), ("", ""), ("turn it off", "tắt đi")),),
    ("Something is broken.", "Có chỗ hỏng."),
)  # fmt: skip


def test_the_gate_is_tested_from_a_page(house: SimStaff, wifi: ScriptedWifi) -> None:
    caller = house.client("technician")
    page = caller.page("/wifi/test?lang=en")
    assert "Test the gate" in said(page)
    assert 'http-equiv="refresh"' not in page
    answer = caller.submit("/wifi/test", "/wifi/test")
    assert (answer.status_code, answer.headers["location"]) == (303, "/wifi/test")
    assert wifi.asked == [("test",)]
    page = caller.page("/wifi/test?lang=en")
    assert "The test is running" in said(page)
    assert 'http-equiv="refresh"' in page
    assert 'id="b-test"' not in page
    wifi.tested = TestLook(is_running=False, last=TESTED)
    text = said(caller.page("/wifi/test?lang=en"))
    assert "Something is broken." in text
    assert "Office LAN: turn it off" in text
    # What needs a hand comes first, whatever the order it was found in.
    assert text.index("Broken Office LAN 10.0.0.9") < text.index("Good Gate answers")
    assert "Test again" in text
    text = said(caller.page("/wifi/test?lang=vi"))
    assert "Có chỗ hỏng." in text
    assert "Mạng văn phòng: tắt đi" in text


def test_a_test_that_did_not_end_or_cannot_be_asked_for_is_said(house: SimStaff, wifi: ScriptedWifi) -> None:
    caller = house.client("technician")
    wifi.tested = TestLook(is_running=False, is_overdue=True)
    assert "The test did not end" in said(caller.page("/wifi/test?lang=en"))
    wifi.is_away = True
    answer = caller.submit("/wifi/test?lang=en", "/wifi/test")
    assert answer.status_code == 503
    assert "no folder" in said(answer.text)


# --- the poster


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("size", ["a4", "a6", "a3"])
def test_the_poster_speaks_both_languages(house: SimStaff, lang: str, size: str) -> None:
    page = house.client("supervisor").page(f"/wifi/poster?lang={lang}&size={size}")
    text = said(page)
    for words in ("Xã Mường Tè", "Muong Te Commune", "WiFi miễn phí", "Free WiFi", "WiFi Mường Tè"):
        assert words in text
    assert 'cho;hoa:"tuyet' in text
    assert f"poster-{'a6' if size == 'a6' else 'a4'}" in page
    assert str(qr(wifi_text("WiFi Mường Tè", 'cho;hoa:"tuyet'))) in page


@pytest.mark.parametrize(
    ("ssid", "passphrase", "text"),
    [
        ("WiFi Mot cua", None, "WIFI:T:nopass;S:WiFi Mot cua;;"),
        ("WiFi xã", "matkhau123", "WIFI:T:WPA;S:WiFi xã;P:matkhau123;;"),
        ('a;b,c:d"e\\f', '1;2,3:4"5\\6', 'WIFI:T:WPA;S:a\\;b\\,c\\:d\\"e\\\\f;P:1\\;2\\,3\\:4\\"5\\\\6;;'),
        ("CAFE12", "12345678", "WIFI:T:WPA;S:CAFE12;P:12345678;;"),
    ],
    ids=["open", "vietnamese", "special", "hex"],
)
def test_the_code_says_what_phones_read(ssid: str, passphrase: str | None, text: str) -> None:
    assert unescaped(wifi_text(ssid, passphrase)) == (ssid, passphrase)
    # A comma needs no backslash; some write one, and every phone reads both.
    assert wifi_text(ssid, passphrase) == text.replace("\\,", ",")


def unescaped(text: str) -> tuple[str, str | None]:
    """Read a code as a phone does: fields end at a semicolon that no backslash stands before."""
    assert text.startswith("WIFI:")
    fields, name, value, at = {}, "", "", 5
    while at < len(text):
        if text[at] == "\\":
            value += text[at + 1]
            at += 2
        elif text[at] == ";":
            if name:
                fields[name] = value
            name = value = ""
            at += 1
        elif text[at] == ":" and not name:
            name, value = value, ""
            at += 1
        else:
            value += text[at]
            at += 1
    assert fields["T"] == ("WPA" if "P" in fields else "nopass")
    return fields["S"], fields.get("P")


def test_an_open_network_s_poster_has_no_passphrase(tmp_path: Path, wifi: ScriptedWifi) -> None:
    house = SimStaff(tmp_path, ON.replace('"psk"', '"open"'), wifi)
    page = house.client("supervisor").page("/wifi/poster?lang=en")
    house.close()
    assert "không cần mật khẩu" in page
    assert "tuyet" not in page
    assert str(qr(wifi_text("WiFi Mường Tè", None))) in page


# --- records of sessions


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("off", "Không ghi lại phiên truy cập; không có quy định nào yêu cầu."),
        ("on", "Mỗi phiên được ghi lại và niêm phong cho tỉnh"),
        ("faulty", "Chưa ghi lại được phiên truy cập"),
    ],
)
def test_whether_sessions_are_recorded_is_said_in_one_place(
    house: SimStaff, wifi: ScriptedWifi, standing: str, words: str
) -> None:
    wifi.now = replace(wifi.now, counts=counts().model_copy(update={"retention": standing}))
    page = said(house.client("supervisor").get("/wifi").text)
    assert words in page
    assert ("ghi lại và niêm phong" in page) is (standing == "on")
