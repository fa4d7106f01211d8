"""A program behind the public WiFi that keeps dying, or was given up."""

from appliance.health.facts import Facts, Issue

SHAPER = "shaper"
"""No program but the queues of the line, which the gate names beside its programs."""
MOST_DEATHS = 3
"""Within an hour; now and then one is started again, and nobody notices."""


def check(facts: Facts) -> Issue | None:
    """Return an issue about the engine that is worst off."""
    wifi = facts.wifi
    if wifi is None:
        return None
    if wifi.failed:
        name = wifi.failed[0]
        if name == SHAPER:
            return Issue(
                "hotspot_engine",
                name,
                "guests of the public WiFi are held back, but the office does not go first on the line: look "
                "at the interfaces in the settings, restart the box",
                "Khách dùng WiFi vẫn bị giới hạn, nhưng văn phòng chưa được ưu tiên đường truyền: xem lại "
                "giao diện mạng trong cài đặt, khởi động lại thiết bị",
            )
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
    if worst == SHAPER:
        return Issue(
            "hotspot_engine",
            worst,
            f"the queues in which the office goes before guests were taken away {times} times within an "
            "hour: another program on the box changes them",
            f"Hàng đợi ưu tiên văn phòng bị gỡ {times} lần trong một giờ: có chương trình khác trên thiết "
            "bị đang thay đổi",
        )
    return Issue(
        "hotspot_engine",
        worst,
        f"{worst} of the public WiFi was started again {times} times within an hour: use another power "
        "supply or another radio",
        f"{worst} của WiFi công cộng phải khởi động lại {times} lần trong một giờ: hãy thay bộ nguồn hoặc bộ "
        "phát WiFi",
    )
