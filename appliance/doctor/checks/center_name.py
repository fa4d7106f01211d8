"""The first step to the center: its name has an address."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("center_name", "center 1: name", "đến tỉnh 1: tên miền")


def check(box: Box) -> Finding:
    """Look the center's name up."""
    line = box.line
    if line is None:
        return CONDITION.skipped(Both("no settings", "không có cài đặt"))
    if line.lookup_error is not None:
        return CONDITION.warning(
            Both(f"{line.host}: {line.lookup_error}", f"{line.host}: không tìm thấy ({line.lookup_error})"),
            Both(
                "the line or its DNS is down, or uplink.center is misspelled: try the router first",
                "mất mạng hoặc lỗi DNS, hoặc uplink.center viết sai: xem modem trước",
            ),
        )
    return CONDITION.well(Both(f"{line.host} found", f"tìm thấy {line.host}"))
