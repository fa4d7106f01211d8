"""Sessions of the public WiFi are not recorded though the province's policy asks for it."""

from appliance.health.facts import Facts, Issue


def check(facts: Facts) -> Issue | None:
    """Return an issue when the gate said that it writes no records."""
    if facts.wifi is None or not facts.wifi.is_record_faulty:
        return None
    return Issue(
        "hotspot_records",
        "",
        "sessions of the public WiFi are not recorded though the settings name a policy for it: it may be "
        "invalid or over, or there is no room (journalctl -u motcua-hotspot). The WiFi goes on",
        "Phiên WiFi công cộng chưa được ghi lại dù cài đặt có nêu quy định lưu: tệp quy định có thể sai hoặc "
        "hết hạn, hoặc hết chỗ ghi (xem journalctl -u motcua-hotspot). WiFi vẫn hoạt động",
        recorded=False,
    )
