"""A program behind the public WiFi that keeps dying, or was given up."""

from appliance.health.facts import Facts, Issue

MOST_DEATHS = 3
"""Within an hour; now and then one is started again, and nobody notices."""


def check(facts: Facts) -> Issue | None:
    """Return an issue about the engine that is worst off."""
    wifi = facts.wifi
    if wifi is None:
        return None
    if wifi.failed:
        name = wifi.failed[0]
        return Issue(
            "hotspot_engine",
            name,
            f"{name} of the public WiFi does not start: plug the radio in again, look at its settings",
            f"{name} của WiFi công cộng không chạy được: cắm lại bộ phát WiFi, xem lại cài đặt WiFi",
        )
    worst = max(wifi.deaths, key=lambda name: (wifi.deaths[name], name), default="")
    if not worst or wifi.deaths[worst] < MOST_DEATHS:
        return None
    times = wifi.deaths[worst]
    return Issue(
        "hotspot_engine",
        worst,
        f"{worst} of the public WiFi was started again {times} times within an hour: use another power "
        "supply or another radio",
        f"{worst} của WiFi công cộng phải khởi động lại {times} lần trong một giờ: hãy thay bộ nguồn hoặc bộ "
        "phát WiFi",
    )
