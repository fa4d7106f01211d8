"""Reads and writes that the card refused, as the kernel logged them since the start."""

import re

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("card_errors", "card errors", "lỗi thẻ nhớ")


def check(box: Box) -> Finding:
    """Look for I/O errors of the data directory's card."""
    log = box.machine.kernel_log
    if box.disk is None or log is None:
        return CONDITION.unknown(
            Both("no card or no kernel log here", "không có thẻ nhớ hoặc không đọc được nhật ký máy")
        )
    name = re.escape(box.disk.name)
    count = len(re.findall(rf"I/O error, dev {name}\b|\b{name}: error -\d+", log))
    if count:
        return CONDITION.broken(
            Both(f"{count} I/O errors of {box.disk.name}", f"{box.disk.name}: {count} lỗi đọc ghi"),
            Both(
                "push the card in firmly and restart; if they come again, change the card",
                "cắm chặt lại thẻ nhớ rồi khởi động lại; nếu lặp lại, hãy thay thẻ",
            ),
        )
    return CONDITION.well(
        Both(f"none of {box.disk.name} since the start", f"{box.disk.name} không lỗi từ khi bật máy")
    )
