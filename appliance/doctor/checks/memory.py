"""Memory that runs out, and programs that the kernel had to end for it."""

import re

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("memory", "memory", "bộ nhớ RAM")
SCARCE_MIB = 48
"""Less than the office and one page load together may need for a moment."""


def check(box: Box) -> Finding:
    """Look at what is available, and at what was killed since the start."""
    text = box.machine.text("/proc/meminfo") or ""
    found = {name: int(kib) // 1024 for name, kib in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    if "MemAvailable" not in found:
        return CONDITION.unknown(Both("the kernel does not tell", "hệ điều hành không cho biết"))
    free, total = found["MemAvailable"], found.get("MemTotal", 0)
    kills = re.search(r"^oom_kill (\d+)$", box.machine.text("/proc/vmstat") or "", re.MULTILINE)
    killed = int(kills.group(1)) if kills else 0
    said = Both(f"{free} of {total} MiB available", f"còn {free}/{total} MiB")
    todo = Both(
        "restart the box; if it comes again, make a support bundle and send it in",
        "khởi động lại thiết bị; nếu lặp lại, tạo gói hỗ trợ rồi gửi về tỉnh",
    )
    if killed:
        more = Both(
            f"{said.en}; {killed} programs ended for lack of it", f"{said.vi}; đã mất {killed} tiến trình"
        )
        return CONDITION.warning(more, todo)
    if free < SCARCE_MIB:
        return CONDITION.warning(said, todo)
    return CONDITION.well(said)
