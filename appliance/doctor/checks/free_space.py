"""Free space on the data partition."""

import os

from appliance.config.machine import Journal
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("free_space", "free space", "dung lượng trống")
LEAST_MIB = 16
"""Below this the office may stop recording within a day."""
_TODO = Both(
    "remove foreign files from the data partition, or change to a larger card",
    "xóa tệp lạ trên phân vùng dữ liệu hoặc thay thẻ nhớ lớn hơn",
)


def check(box: Box) -> Finding:
    """Look at what is free where the journal is."""
    if not box.folder.is_dir():
        return CONDITION.skipped(Both("no data directory", "không có thư mục dữ liệu"))
    found = os.statvfs(box.folder)
    wanted = (Journal() if box.settings is None else box.settings.journal).warn_free_mib
    return judge(found.f_bavail * found.f_frsize >> 20, found.f_blocks * found.f_frsize >> 20, wanted)


def judge(free_mib: int, total_mib: int, wanted_mib: int) -> Finding:
    """Return how so much free space stands."""
    said = Both(f"{free_mib} of {total_mib} MiB free", f"trống {free_mib}/{total_mib} MiB")
    if free_mib < LEAST_MIB:
        return CONDITION.broken(said, _TODO)
    if free_mib < wanted_mib:
        return CONDITION.warning(said, _TODO)
    return CONDITION.well(said)
