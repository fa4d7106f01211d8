"""A public WiFi that is wanted, and whose gate does not run, does not answer or keeps everybody out."""

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("wifi_gate", "WiFi: gate", "WiFi: bộ phận canh cổng")
_RESTART = Both(
    "sudo systemctl restart motcua-hotspot; then: journalctl -u motcua-hotspot -n 50",
    "sudo systemctl restart motcua-hotspot; rồi xem: journalctl -u motcua-hotspot -n 50",
)


def check(box: Box) -> Finding:
    """Ask the gate."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    counts = box.wifi.counts
    if counts is None:
        if not box.wifi.socket.exists():
            return CONDITION.broken(Both("it does not run", "không chạy"), _RESTART)
        return CONDITION.broken(Both("it does not answer", "không trả lời"), _RESTART)
    if counts.fault is not None:
        return CONDITION.broken(
            Both(
                f"no guest is let in: {counts.fault}",
                f"không cho ai vào: {counts.fault_vi or counts.fault}",
            ),
            Both(
                "correct the settings of the WiFi; then switch the box off and on",
                "sửa cài đặt WiFi, rồi tắt và bật lại thiết bị",
            ),
        )
    return CONDITION.well(
        Both(
            f"answers; devices online: {counts.open}, joined: {counts.joined}",
            f"trả lời; đang dùng Internet: {counts.open} máy, đang nối: {counts.joined} máy",
        )
    )
