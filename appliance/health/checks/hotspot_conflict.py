"""Two devices of the public WiFi with one hardware address: one may use what the other was granted."""

from appliance.health.facts import Facts, Issue


def check(facts: Facts) -> Issue | None:
    """Return an issue when that was seen within the last hour."""
    if facts.wifi is None or not facts.wifi.conflicts:
        return None
    return Issue(
        "hotspot_conflict",
        "",
        "two devices of the public WiFi use one hardware address; they share one quota. If it goes on, set a "
        "passphrase: nothing else prevents it",
        "Có hai máy trong WiFi công cộng dùng chung một địa chỉ phần cứng (có thể bị giả mạo), hai máy chung "
        "một hạn mức. Nếu còn lặp lại, hãy đặt mật khẩu WiFi: chỉ cách đó mới ngăn được",
    )
