"""What ``iw phy`` says, and what of it may be promised."""

import re

import pytest

from appliance.hotspot.capabilities import line_report, radio_of, report
from appliance.hotspot.policy.plan import BUILTIN_CLIENTS


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


def test_a_soft_radio_can_what_it_says():
    found = radio_of("wlan1", "mt76x2u", USB)
    assert (found.has_ap, found.clients, found.owe, found.has_sae, found.isolates) == (
        True,
        64,
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    "text", ["", "Wiphy phy0\n\tSupported interface modes:\n\t\t * managed\n\tBand 1:\n"]
)
def test_what_is_not_said_is_not_there(text):
    found = radio_of("wlan1", "x", text)
    assert not found.has_ap
    assert not found.owe
    assert found.clients is None


def test_the_report_says_what_only_a_test_can_tell():
    rows = {what: (answer, vi) for what, answer, vi in report(radio_of("wlan0", "brcmfmac", PI))}
    assert rows["guests kept apart"] == (
        "unknown: try with two phones",
        "chưa rõ: hãy thử bằng hai điện thoại",
    )
    assert rows["encrypted open network (OWE)"] == ("no", "không")
    assert rows["clients"] == ("8", "8")


def test_the_report_says_what_the_line_is_shared_with_and_where_that_is_not_known():
    rows = {found: line_report(found) for found in ("cake", "fq_codel", "sfq", "htb", "none", None)}
    assert rows["cake"] == ("sharing the line", "cake", "cake")
    assert rows["none"][1].startswith("no:")
    assert rows[None][1] == "unknown: ask as root"
    assert len({answer for _, answer, _ in rows.values()}) == len(rows)
    assert len({vi for _, _, vi in rows.values()}) == len(rows)
