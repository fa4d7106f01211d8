"""A data partition that the kernel made read-only after an error."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("read_only", "data partition", "phân vùng dữ liệu")


def check(box: Box) -> Finding:
    """Look how the data directory is mounted."""
    mount = box.mount
    if mount is None:
        return CONDITION.unknown(Both("its mount is not listed", "không thấy trong danh sách phân vùng"))
    if "ro" in mount.options:
        return CONDITION.broken(
            Both(f"{mount.point} is READ-ONLY", f"{mount.point} CHỈ ĐỌC"),
            Both(
                "nothing can be recorded: change the card; if this one is new, restart and look again",
                "không ghi được gì: thay thẻ nhớ; nếu thẻ còn mới, khởi động lại rồi kiểm tra lại",
            ),
        )
    return CONDITION.well(
        Both(f"{mount.point} ({mount.kind}) is writable", f"{mount.point} ({mount.kind}) ghi được")
    )
