"""Errors that ext4 has counted on the data partition since it was last repaired."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("file_system_errors", "file system", "hệ thống tệp")


def check(box: Box) -> Finding:
    """Look at ext4's own counter."""
    if box.mount is None or box.disk is None or box.mount.kind != "ext4":
        return CONDITION.unknown(Both("no ext4 on a card here", "không phải ext4 trên thẻ nhớ"))
    count = box.machine.number(f"/sys/fs/ext4/{box.disk.part}/errors_count")
    if count is None:
        return CONDITION.unknown(Both("ext4 does not tell", "hệ thống tệp không cho biết"))
    if count:
        return CONDITION.broken(
            Both(f"{count} errors on {box.disk.part}", f"{count} lỗi trên {box.disk.part}"),
            Both("change the card soon", "thay thẻ nhớ sớm"),
        )
    return CONDITION.well(Both(f"no error on {box.disk.part}", f"{box.disk.part} không có lỗi"))
