"""A public WiFi whose guests may fill the line, because nobody wrote what it carries."""

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("wifi_line_rate", "WiFi: share of the line", "WiFi: phần đường truyền")
_TODO = Both(
    "set hotspot.line_down_kbps and hotspot.line_up_kbps, also on /settings/wifi: 90 % of what the contract "
    "says or a speed test shows at a quiet hour",
    "đặt hotspot.line_down_kbps và hotspot.line_up_kbps, hoặc ghi ở /settings/wifi: 90 % tốc độ theo hợp "
    "đồng hoặc đo được lúc vắng",
)


def check(box: Box) -> Finding:
    """Look whether the settings hold guests back in both directions."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    hotspot = box.wifi.settings.hotspot
    down, up = hotspot.guests_down_kbps, hotspot.guests_up_kbps
    if down is None and up is None:
        return CONDITION.warning(
            Both("guests may fill the line", "khách có thể chiếm hết đường truyền"), _TODO
        )
    if down is None:
        return CONDITION.warning(
            Both("guests may fill the line downwards", "khách có thể chiếm hết chiều tải về"), _TODO
        )
    if up is None:
        return CONDITION.warning(
            Both("guests may fill the line upwards", "khách có thể chiếm hết chiều gửi đi"), _TODO
        )
    return CONDITION.well(
        Both(
            f"guests get {down} kbit/s down, {up} kbit/s up at most",
            f"khách nhận tối đa {down} kbit/s, gửi tối đa {up} kbit/s",
        )
    )
