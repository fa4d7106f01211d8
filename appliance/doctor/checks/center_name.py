"""The first step to the center: its name has an address."""

import ipaddress

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
    if _is_address(line.host):  # sheets are photographed
        return CONDITION.well(Both("an address, no name", "là địa chỉ, không dùng tên miền"))
    return CONDITION.well(Both(f"{line.host} found", f"tìm thấy {line.host}"))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
