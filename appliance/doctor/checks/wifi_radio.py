"""A radio of the public WiFi that is missing, or that can be no access point."""

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.hotspot.capabilities import Radio

CONDITION = Condition("wifi_radio", "WiFi: radio", "WiFi: bộ phát")


def check(box: Box) -> Finding:
    """Look whether the interface is there, and what the radio behind it can be."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    hotspot = box.wifi.settings.hotspot
    name, is_radio = hotspot.interface, hotspot.radio != "external"
    if not box.machine.at(f"/sys/class/net/{name}").exists():
        return CONDITION.broken(
            Both(f"there is no {name}", f"không thấy {name}"),
            Both(
                "plug the radio in, or correct hotspot.interface",
                "cắm bộ phát WiFi, hoặc sửa hotspot.interface",
            ),
        )
    if not is_radio:
        return CONDITION.well(Both(f"{name}: access points of the office", f"{name}: điểm phát riêng"))
    if not box.machine.at(f"/sys/class/net/{name}/phy80211").exists():
        return CONDITION.broken(
            Both(f"{name} is no radio", f"{name} không phải bộ phát WiFi"),
            Both(
                "correct hotspot.interface, or set hotspot.radio to external",
                "sửa hotspot.interface, hoặc đặt hotspot.radio là external",
            ),
        )
    return _can(box.wifi.radio, name)


def _can(radio: Radio | None, name: str) -> Finding:
    if radio is None:
        return CONDITION.unknown(
            Both(f"{name}: iw does not say", f"{name}: iw không cho biết"),
            Both(
                f"look yourself: motcua hotspot capabilities {name}",
                f"tự xem: motcua hotspot capabilities {name}",
            ),
        )
    if not radio.has_ap:
        return CONDITION.broken(
            Both(f"{radio.driver} can be no access point", f"{radio.driver} không làm điểm phát được"),
            Both(
                "use another radio: one whose driver is mt76x2u or mt7921u",
                "dùng bộ phát khác: loại có trình điều khiển mt76x2u hoặc mt7921u",
            ),
        )
    return CONDITION.well(Both(f"{name}, {radio.driver}", f"{name}, {radio.driver}"))
