"""A radio that takes fewer phones at once than the settings count on."""

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("wifi_clients", "WiFi: number of devices", "WiFi: số máy cùng lúc")


def check(box: Box) -> Finding:
    """Compare the settings with what the radio takes."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    hotspot = box.wifi.settings.hotspot
    wanted = hotspot.max_clients
    if hotspot.radio == "external":
        return CONDITION.skipped(Both("the access points decide", "do điểm phát riêng quyết định"))
    radio = box.wifi.radio
    if radio is None or radio.clients is None:
        return CONDITION.unknown(Both("the radio does not say", "bộ phát không cho biết"))
    # Only what somebody wrote is a promise; the default stands for "as many as the radio takes".
    if wanted > radio.clients and "max_clients" in hotspot.model_fields_set:
        return CONDITION.warning(
            Both(
                f"the settings want {wanted}, the radio takes {radio.clients} at once",
                f"cài đặt {wanted} máy, bộ phát chỉ nhận {radio.clients} máy cùng lúc",
            ),
            Both(
                "use a USB radio or access points where more phones wait at once",
                "nơi nhiều máy dùng cùng lúc hãy dùng bộ phát USB hay điểm phát riêng",
            ),
        )
    most = min(wanted, radio.clients)
    return CONDITION.well(Both(f"up to {most} at once", f"tối đa {most} máy cùng lúc"))
