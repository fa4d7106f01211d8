"""What ``iw phy`` says, and what of it may be promised."""

import asyncio
import ctypes
import fcntl
import re
import struct

import pytest

from appliance.config.hotspot import Hotspot
from appliance.hotspot import capabilities
from appliance.hotspot.capabilities import line_report, radio_of, report
from appliance.hotspot.capability_file import PHONES, POINTS, UNASKED, UNTRIED, leave, look_at
from appliance.hotspot.errors import EngineError
from appliance.hotspot.firmware import firmware_of
from appliance.hotspot.policy.plan import BUILTIN_CLIENTS, Abilities
from appliance.sockets.abilities import FILE, Capabilities


def tabbed(text):
    """The text with the tabs that ``iw`` indents by."""
    return re.sub(r"^(?:  )+", lambda found: "\t" * (len(found[0]) // 2), text, flags=re.MULTILINE)


PI = tabbed("""Wiphy phy0
  max # scan SSIDs: 10
  Supported Ciphers:
    * WEP40 (00-0f-ac:1)
    * TKIP (00-0f-ac:2)
    * CCMP-128 (00-0f-ac:4)
    * CMAC (00-0f-ac:6)
  Supported interface modes:
     * IBSS
     * managed
     * AP
     * P2P-client
  Band 1:
    Frequencies:
      * 2412 MHz [1] (20.0 dBm)
  Band 2:
    Frequencies:
      * 5180 MHz [36] (20.0 dBm)
      * 5260 MHz [52] (20.0 dBm) (no IR, radar detection)
  Supported extended features:
    * [ SAE_OFFLOAD ]: SAE offload support
""")
USB = tabbed("""Wiphy phy1
  Supported Ciphers:
    * CCMP-128 (00-0f-ac:4)
    * GCMP-128 (00-0f-ac:8)
    * CMAC (00-0f-ac:6)
  Supported interface modes:
     * managed
     * AP
     * monitor
  Band 1:
    Frequencies:
      * 2412.0 MHz [1] (20.0 dBm)
      * 2484.0 MHz [14] (disabled)
  Band 2:
    Frequencies:
      * 5180.0 MHz [36] (disabled)
  Band 4:
    Frequencies:
      * 5955.0 MHz [1] (disabled)
      * 6115.0 MHz [33] (12.0 dBm)
  Device supports SAE with AUTHENTICATE command
  Maximum associated stations in AP mode: 64
""")


def test_the_pi_s_own_radio_is_promised_nothing_that_its_firmware_breaks():
    found = radio_of("wlan0", "brcmfmac", PI)
    assert (found.has_ap, found.clients, found.owe, found.has_sae, found.isolates) == (
        True,
        BUILTIN_CLIENTS,
        False,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("firmware", "clients", "is_known"),
    [
        ("01-5209c09", 18, True),
        ("01-703fd60", 8, True),
        ("01-996384e2", BUILTIN_CLIENTS, False),
        (None, BUILTIN_CLIENTS, False),
    ],
    ids=["minimal", "usual", "never measured", "not said"],
)
def test_the_pi_s_own_radio_takes_what_its_firmware_was_measured_to_take(firmware, clients, is_known):
    found = radio_of("wlan0", "brcmfmac", PI, firmware)
    assert (found.clients, found.is_limit_known) == (clients, is_known)
    rows = {what: (answer, vi) for what, answer, vi in report(found)}
    assert rows["firmware"] == ((firmware, firmware) if firmware else ("not said", "không rõ"))
    if not is_known:
        assert rows["clients"] == (
            "8, as most of its kind: this firmware was never tried",
            "8, như phần lớn cùng loại: bản firmware này chưa ai thử",
        )


def test_the_kernel_is_asked_for_the_firmware_of_an_interface(monkeypatch):
    assert firmware_of("lo") is None
    assert firmware_of("missing0") is None
    assert firmware_of("a-name-longer-than-any") is None
    asked = []

    def answer(_line, request, place):
        name, at = struct.unpack("16sP16x", place)
        asked.append((request, name.rstrip(b"\0")))
        told = (ctypes.c_char * 196).from_address(at)
        assert told[:4] == struct.pack("I", 3)
        told[68:100] = builds[len(asked) - 1][0].ljust(32, b"\0")

    monkeypatch.setattr(fcntl, "ioctl", answer)
    builds = (
        (b"01-703fd60", "01-703fd60"),
        (b"", None),
        (b"7.45 (r1/x)", "7.45_r1_x_"),
        (b"x" * 32, "x" * 32),
    )
    assert [firmware_of("wlan0") for _ in builds] == [read for _, read in builds]
    assert asked == [(0x8946, b"wlan0")] * len(builds)


def test_a_soft_radio_can_what_it_says():
    found = radio_of("wlan1", "mt76x2u", USB)
    assert (found.has_ap, found.clients, found.owe, found.has_sae, found.isolates) == (
        True,
        64,
        True,
        True,
        True,
    )


def test_a_band_is_one_with_a_channel_on_which_it_may_send():
    assert radio_of("wlan0", "brcmfmac", PI).bands == ("2.4", "5")
    assert radio_of("wlan1", "mt76x2u", USB).bands == ("2.4", "6")


@pytest.mark.parametrize(
    "text", ["", "Wiphy phy0\n\tSupported interface modes:\n\t\t * managed\n\tBand 1:\n"]
)
def test_what_is_not_said_is_not_there(text):
    found = radio_of("wlan1", "x", text)
    assert not found.has_ap
    assert not found.owe
    assert found.clients is None
    assert found.bands == ()


def test_the_report_says_what_only_a_test_can_tell():
    rows = {what: (answer, vi) for what, answer, vi in report(radio_of("wlan0", "brcmfmac", PI))}
    assert rows["guests kept apart"] == (
        "unknown: try with two phones",
        "chưa rõ: hãy thử bằng hai điện thoại",
    )
    assert rows["encrypted open network (OWE)"] == ("no", "không")
    assert rows["clients"][0].startswith("8, as most")


# --- what is left for the office

AT = "2026-11-23T01:00:00.000000Z"


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A box whose programs and radios say what a test wants; returns how to look at it."""
    said = {"radvd": "Version: 2.20", "phy": {}, "firmware": None}

    async def output(words):
        if words[0] == "radvd":
            return said["radvd"]
        if words[2] not in said["phy"]:
            raise EngineError(engine="iw", reason="not installed")
        return said["phy"][words[2]]

    async def line_shaper():
        return "fq_codel"

    monkeypatch.setattr(capabilities, "output", output)
    monkeypatch.setattr(capabilities, "line_shaper", line_shaper)
    monkeypatch.setattr(capabilities, "DRIVERS", tmp_path)
    monkeypatch.setattr(capabilities, "firmware_of", lambda _interface: said["firmware"])

    def plug(interface, driver=None, phy=None):
        (tmp_path / interface).mkdir()
        if driver is not None:
            (tmp_path / interface / "phy80211").mkdir()
            (tmp_path / interface / "phy80211" / "name").write_text("phy7\n")
            (tmp_path / "drivers" / driver).mkdir(parents=True)
            (tmp_path / interface / "device").mkdir()
            (tmp_path / interface / "device" / "driver").symlink_to(tmp_path / "drivers" / driver)
        if phy is not None:
            said["phy"]["phy7"] = phy

    def look(**wanted):
        return asyncio.run(look_at(Hotspot.model_validate(wanted, strict=False), AT))

    look.plug, look.said = plug, said
    return look


def test_the_radio_that_is_there_is_told_as_it_is(box):
    box.plug("wlan1", "mt76x2u", USB)
    found = box(radio="usb", interface="wlan1")
    assert found.abilities == Abilities(64, owe=True, sae=True, announces_portal=True)
    told = found.capabilities
    assert (told.radio, told.interface, told.driver, told.at) == ("usb", "wlan1", "mt76x2u", AT)
    assert (told.is_there, told.has_ap, told.most_clients, told.bands) == (True, True, 64, ("2.4", "6"))
    assert (told.isolation, told.wpa3, told.owe, told.shaper) == (True, True, True, "fq_codel")
    assert (told.announces_portal, told.notes) == (True, ())


def test_of_the_pi_s_own_radio_only_phones_tell_whether_guests_are_apart(box):
    box.plug("wlan0", "brcmfmac", PI)
    box.said["radvd"] = "Version: 2.19"
    told = box().capabilities
    assert (told.isolation, told.most_clients, told.notes) == (None, BUILTIN_CLIENTS, (PHONES, UNTRIED))
    assert not told.announces_portal


def test_a_firmware_that_was_measured_gives_more_phones_and_one_remark_less(box):
    box.plug("wlan0", "brcmfmac", PI)
    box.said["firmware"] = "01-5209c09"
    found = box()
    assert found.abilities.clients == found.capabilities.most_clients == 18
    assert (found.capabilities.firmware, found.capabilities.notes) == ("01-5209c09", (PHONES,))


@pytest.mark.parametrize(
    ("wanted", "plugged", "is_there", "notes"),
    [
        ({"interface": "wlan9"}, [], False, ()),
        ({"interface": "eth1", "radio": "external"}, [("eth1",)], True, (POINTS,)),
        ({"interface": "eth1"}, [("eth1",)], True, (UNASKED,)),
        ({"interface": "wlan0"}, [("wlan0", "brcmfmac")], True, (UNASKED,)),
    ],
    ids=["missing", "wired", "no radio", "without iw"],
)
def test_of_what_cannot_be_asked_nothing_is_promised(box, wanted, plugged, is_there, notes):
    for each in plugged:
        box.plug(*each)
    found = box(**wanted)
    assert found.abilities == Abilities(announces_portal=True)
    told = found.capabilities
    assert (told.is_there, told.notes) == (is_there, notes)
    nothing = {told.driver, told.has_ap, told.most_clients, told.isolation, told.wpa3, told.owe}
    assert nothing == {None}
    assert told.bands == ()


def test_what_was_found_is_a_file_that_others_read_whole_or_not(box, tmp_path):
    box.plug("wlan1", "mt76x2u", USB)
    told = box(radio="usb", interface="wlan1").capabilities
    path = tmp_path / FILE
    path.write_text("an older one")
    leave(told, path)
    assert Capabilities.of_file(path.read_bytes()) == told
    assert path.stat().st_mode & 0o777 == 0o644
    assert not list(tmp_path.glob("*.new"))


def test_a_file_that_cannot_be_left_stops_nothing(box, tmp_path):
    leave(box().capabilities, tmp_path / "missing" / FILE)
    assert not (tmp_path / "missing").exists()


def test_the_report_says_what_the_line_is_shared_with_and_where_that_is_not_known():
    rows = {found: line_report(found) for found in ("cake", "fq_codel", "sfq", "htb", "none", None)}
    assert rows["cake"] == ("sharing the line", "cake", "cake")
    assert rows["none"][1].startswith("no:")
    assert rows[None][1] == "unknown: ask as root"
    assert len({answer for _, answer, _ in rows.values()}) == len(rows)
    assert len({vi for _, _, vi in rows.values()}) == len(rows)
