"""The second step to the center: its port takes a connection."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("center_port", "center 2: connection", "đến tỉnh 2: kết nối")


def check(box: Box) -> Finding:
    """Look whether the center's port can be reached."""
    line = box.line
    if line is None or line.lookup_error is not None:
        return CONDITION.skipped(Both("not reached", "chưa tới bước này"))
    if line.connect_error is not None:
        return CONDITION.warning(
            Both(
                f"port {line.port}: {line.connect_error}",
                f"cổng {line.port}: không kết nối được ({line.connect_error})",
            ),
            Both(
                f"a firewall on the way or the center is down: ask whether port {line.port} is open outwards",
                f"bị tường lửa chặn hoặc máy chủ tỉnh ngừng: hỏi xem cổng {line.port} có được mở không",
            ),
        )
    return CONDITION.well(Both(f"port {line.port} answers", f"cổng {line.port} trả lời"))
