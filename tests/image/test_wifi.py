"""The public WiFi in the machine: hostapd on a radio of the kernel; a phone joins, agrees and is online.

Another phone is there, and the two are kept apart. hostapd is killed, the clock is set, the gate is killed,
the plug is pulled: who was online still is, without being asked again.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cards
import pytest
from guest_presses import HALL
from inside import Visitor
from life import Box, new_box, until
from province import Province

from appliance.doctor.gate_test.trial import CONDITIONS
from appliance.hotspot.links import TRACKED

pytestmark = pytest.mark.soak

SSID = "WiFi xã Hòa Bình"
WIFI = f"""
[hotspot]
radio = "builtin"
interface = "wlan0"
wan = "wan0"
ssid = "{SSID}"
line_check_names = []
"""
AGENT = Path(__file__).parents[1] / "integration" / "hotspot" / "guest_agent.py"
VISITOR = Visitor((AGENT, Path(__file__).with_name("visitor.py")), (SSID,))
RADIOS = ("modules_load=mac80211_hwsim", "mac80211_hwsim.radios=3")
PATIENCE_S = 900.0
MEMORY_MIB = 90
KEYS = {each.key for each in CONDITIONS}
MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)


@pytest.fixture(scope="module")
def box(image: Path, folder: Path, province: Province) -> Iterator[Box]:
    subject = new_box(province, image, folder / "wifi", HALL + WIFI)
    yield subject
    subject.pull_the_plug()


def test_the_wifi_is_switched_on_and_a_phone_joins_agrees_and_is_online(
    box: Box, figures: dict[str, Any]
) -> None:
    guest = box.switch_on(kernel=RADIOS, visitor=VISITOR)
    guest.said("snapshot")
    # The box has no shell: a technician switches it on from its page.
    staff = box.staff()
    staff.set_up(box.code)
    staff.change("wifi", enabled="on")
    staff.close()
    guest.said("wifi.joined", PATIENCE_S)
    assert str(guest.said("wifi.address", PATIENCE_S)).startswith("10.77.")
    before = guest.said("wifi.before")
    assert before["probe"] == [302, "http://wifi.motcua.internal/wifi"]
    assert before["names"] == {"own": "10.77.0.1", "other": "denied"}
    assert before["reached"] == dict.fromkeys(("https", "office", "lan"), "reset")
    assert guest.said("wifi.ticket") == {"help": 200, "page": 200, "shows": True}
    agreed = guest.said("wifi.agreed")
    assert (agreed["page"], agreed["posted"], agreed["online"]) == (200, 303, True)
    assert guest.said("wifi.after") == {"https": "internet", "office": "reset", "lan": "reset"}
    assert [each for each in guest.said("wifi.ipv6") if each.startswith("fd77:")]
    # The other phone would answer, and does as soon as the radio hands frames from phone to phone.
    assert guest.said("wifi.own") == "other"
    assert guest.said("wifi.apart") in {"silent", "refused"}
    assert guest.said("wifi.together") == "other"
    assert guest.said("wifi.again", PATIENCE_S) == ["internet"]
    assert guest.said("wifi.apart-again") in {"silent", "refused"}
    for name in ("tomorrow", "last-year", "today", "restarted"):
        assert guest.said(f"wifi.{name}", PATIENCE_S) == ["internet"], name
    done = guest.said("wifi.done")
    assert done["codes"] == [0] * 10
    # The kernel alone would take fewer on a board of this size than guests may have.
    assert done["tracked"] >= TRACKED
    assert guest.said("failed") == []
    assert not MAC.search(done["log"])
    figures["wifi_memory_mib"] = done["memory"] >> 20
    assert done["memory"] >> 20 < MEMORY_MIB


def test_a_technician_tests_the_gate_from_its_page(box: Box, figures: dict[str, Any]) -> None:
    """In the unit that root lends its rights to; the box has no shell."""
    box.running()
    staff = box.staff()
    staff.sign_in()
    staff.press("/wifi/test")

    def ended() -> str:
        page = staff.page("/wifi/test")
        return page if 'id="b-test"' in page else ""

    page = until(ended, "the test has ended")
    found = {key: level for level, key in re.findall(r'<li class="found-([a-z]+)" id="c-([a-z_]+)"', page)}
    overview = staff.page("/wifi")
    staff.close()
    figures["gate_test"] = found
    assert "Đang bắt sóng" in overview
    assert set(found) == KEYS, page[-4000:]
    # Also over the air: the kernel's radio keeps guests apart, which a chip's firmware does not say.
    assert set(found.values()) == {"well"}, page[-6000:]


def test_after_a_power_cut_a_phone_is_online_without_agreeing_again(box: Box) -> None:
    guest = box.switch_on(kernel=RADIOS, visitor=Visitor(VISITOR.files, ("woken", SSID)))
    assert str(guest.said("wifi.address", PATIENCE_S)).startswith("10.77.")
    assert guest.said("wifi.again") == ["internet"]
    assert guest.said("wifi.after") == {"https": "internet", "office": "reset", "lan": "reset"}
    assert guest.said("wifi.done")["codes"] == [0]
    assert guest.said("failed") == []


def test_a_card_for_wifi_alone_begins_with_its_wifi(province: Province, image: Path, folder: Path) -> None:
    """Nobody set anything but a line of the list of sites."""
    table = cards.make(province, image, folder / "wifi-card", cards.COMMUNES[:1], role="hotspot", ssid=SSID)
    [device] = table.devices
    box = Box.insert(device, table.image(device), folder / "wifi-card" / "box")
    guest = box.switch_on(kernel=RADIOS, visitor=Visitor(VISITOR.files, ("card", SSID)))
    try:
        assert str(guest.said("wifi.address", PATIENCE_S)).startswith("10.77.")
        before = guest.said("wifi.before", PATIENCE_S)
        assert before == {"probe": [302, "http://wifi.motcua.internal/wifi"], "names": "denied", "page": 200}
        assert guest.said("wifi.done")["codes"] == [0]
        assert guest.said("failed") == []
    finally:
        box.pull_the_plug()
