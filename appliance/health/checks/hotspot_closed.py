"""Guests are kept out: the gate could not apply its rules, or did not take the settings."""

from appliance.health.facts import Facts, Issue


def check(facts: Facts) -> Issue | None:
    """Return an issue when the gate said why it lets nobody through."""
    wifi = facts.wifi
    if wifi is None or wifi.fault is None:
        return None
    return Issue(
        "hotspot_closed",
        "",
        f"guests of the public WiFi are kept out ({wifi.fault}): look at the settings of the WiFi, then "
        "switch the box off and on",
        f"WiFi công cộng đang không cho ai vào ({wifi.fault_vi}): xem lại cài đặt WiFi, sau đó tắt rồi bật "
        "lại thiết bị",
    )
