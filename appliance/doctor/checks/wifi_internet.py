"""A public WiFi without a way to the Internet."""

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.wan import has_wan

CONDITION = Condition("wifi_internet", "WiFi: way to the Internet", "WiFi: đường ra Internet")


def check(box: Box) -> Finding:
    """Look for a link and a default route; nobody outside is asked."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    name = box.wifi.settings.hotspot.wan
    if has_wan(name, box.machine.at("/proc/self/net"), box.machine.at("/sys/class/net")):
        return CONDITION.well(Both(f"by {name}", f"qua {name}"))
    return CONDITION.warning(
        Both(f"none by {name}", f"không có qua {name}"),
        Both(
            "check the cable and the provider's router, or correct hotspot.wan; the portal tells guests",
            "kiểm tra dây mạng và modem, hoặc sửa hotspot.wan; trang chào đã báo cho người dân",
        ),
    )
