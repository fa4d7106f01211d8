"""A country whose radio rules the kernel does not have, or a channel that it forbids."""

import re

from appliance.config.hotspot import Hotspot
from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("wifi_country", "WiFi: country and channel", "WiFi: quốc gia và kênh")
DATABASE = "/lib/firmware/regulatory.db"


def check(box: Box) -> Finding:
    """Look whether the rules are there, whose are in force, and what they say of the channel."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    hotspot = box.wifi.settings.hotspot
    if hotspot.radio == "external":
        return CONDITION.skipped(Both("the access points decide", "do điểm phát riêng quyết định"))
    if not box.machine.at(DATABASE).exists():
        return CONDITION.warning(
            Both("the rules of all countries are missing", "thiếu tệp quy định vô tuyến của các nước"),
            Both(
                "install wireless-regdb and switch the box off and on",
                "cài wireless-regdb rồi tắt, bật lại thiết bị",
            ),
        )
    if (forbidden := _forbidden(box.wifi.phy or "", hotspot.channel)) is not None:
        return CONDITION.broken(
            Both(
                f"channel {hotspot.channel} is forbidden ({forbidden})",
                f"kênh {hotspot.channel} không được phép phát ({forbidden})",
            ),
            Both("set hotspot.channel to 1, 6 or 11", "đặt hotspot.channel là 1, 6 hoặc 11"),
        )
    return _in_force(box.machine.programs.run("iw", "reg", "get") or "", hotspot)


def _in_force(said: str, hotspot: Hotspot) -> Finding:
    found = re.search(r"^country (\w\w):", said, re.MULTILINE)
    if found is None:
        return CONDITION.unknown(Both("iw does not say", "iw không cho biết"))
    if found[1] != hotspot.country:
        return CONDITION.warning(
            Both(
                f"{found[1]} is in force, not {hotspot.country}",
                f"đang theo quy định của {found[1]}, không phải {hotspot.country}",
            ),
            Both(
                "correct hotspot.country; it is in force once hostapd runs",
                "sửa hotspot.country; có hiệu lực khi hostapd chạy",
            ),
        )
    return CONDITION.well(
        Both(f"{found[1]}, channel {hotspot.channel}", f"{found[1]}, kênh {hotspot.channel}")
    )


def _forbidden(phy: str, channel: int) -> str | None:
    """Return why nothing may be sent on a channel first; None if it may, or is not told."""
    line = re.search(rf"^\s*\* [\d.]+ MHz \[{channel}\] (.*)$", phy, re.MULTILINE)
    found = None if line is None else re.search(r"disabled|no IR", line[1])
    return None if found is None else found[0]
