"""A program behind the public WiFi that does not run, or that the gate starts again and again."""

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("wifi_engines", "WiFi: programs", "WiFi: chương trình nền")
MANY_RESTARTS = 3
"""Since the gate began; now and then one is started again, and nobody notices."""


def check(box: Box) -> Finding:
    """Look at hostapd, dnsmasq and radvd as the gate sees them."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    counts = box.wifi.counts
    if counts is None:
        return CONDITION.skipped(wifi.SILENT)
    down = [each.name for each in counts.engines if each.standing == "failed"]
    if down:
        names = ", ".join(down)
        return CONDITION.broken(
            Both(f"not running: {names}", f"không chạy: {names}"),
            Both(
                "plug the radio in again and look at the settings of the WiFi; then: "
                "journalctl -u motcua-hotspot -n 50",
                "cắm lại bộ phát WiFi, xem lại cài đặt WiFi; rồi xem: journalctl -u motcua-hotspot -n 50",
            ),
        )
    restless = [
        f"{each.name} ({each.restarts})"
        for each in counts.engines
        if each.standing == "restarting" or each.restarts >= MANY_RESTARTS
    ]
    if restless:
        names = ", ".join(restless)
        return CONDITION.warning(
            Both(f"started again and again: {names}", f"phải khởi động lại nhiều lần: {names}"),
            Both(
                "use another power supply or another radio; if it goes on, send in a support bundle",
                "thay bộ nguồn hoặc bộ phát WiFi; nếu vẫn vậy thì gửi gói hỗ trợ về tỉnh",
            ),
        )
    if not counts.engines:
        return CONDITION.skipped(Both("none is started", "chưa khởi động chương trình nào"))
    count = len(counts.engines)
    return CONDITION.well(Both(f"{count} running", f"{count} chương trình đang chạy"))
