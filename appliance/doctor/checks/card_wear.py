"""What is written to the card in a day, against what it can take in its life.

Makers of SD cards seldom declare an endurance. Without one a hundred times the capacity is assumed:
a third of what consumer flash (TLC) bears, the rest being lost to small writes that each cost a large block.
"""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.doctor.machine import SECTOR_BYTES

CONDITION = Condition("card_wear", "card budget", "độ mòn thẻ nhớ")
ASSUMED_CYCLES = 100
LEAST_YEARS = 3
SHORT_MS = 6 * 3_600_000
"""A shorter time since the start says little about a day: it is full of starting."""
DAY_MS = 86_400_000
_WRITTEN = 6  # the seventh number of /sys/block/*/stat: sectors written


def check(box: Box) -> Finding:
    """Look at the bytes written since the start, and where they lead."""
    disk = box.disk
    if disk is None:
        return CONDITION.unknown(Both("the data is on no block device", "dữ liệu không nằm trên thẻ nhớ"))
    numbers = (box.machine.text(f"/sys/block/{disk.name}/stat") or "").split()
    sectors = box.machine.number(f"/sys/block/{disk.name}/size")
    if len(numbers) <= _WRITTEN or not sectors:
        return CONDITION.unknown(Both(f"{disk.name} does not tell", f"{disk.name} không cho biết"))
    up_ms = box.around.time.boot_ms()
    if up_ms < SHORT_MS:
        return CONDITION.unknown(
            Both("up for too short a time to tell: ask again after 6 h", "máy mới bật: hãy xem lại sau 6 giờ")
        )
    a_day = int(numbers[_WRITTEN]) * SECTOR_BYTES * DAY_MS // up_ms
    endurance = box.around.endurance_bytes or ASSUMED_CYCLES * sectors * SECTOR_BYTES
    source = Both("declared", "công bố") if box.around.endurance_bytes else Both("assumed", "ước tính")
    years = min(99, endurance // max(1, a_day * 365))
    mib, gib = a_day >> 20, endurance >> 30
    said = Both(
        f"{mib} MiB a day, {gib} GiB {source.en}: {years} years",
        f"{mib} MiB/ngày, {source.vi} {gib} GiB: {years} năm",
    )
    if years < LEAST_YEARS:
        return CONDITION.warning(
            said,
            Both(
                "find out which program writes so much; plan a new card of the kind high endurance",
                "tìm xem chương trình nào ghi nhiều; chuẩn bị thẻ mới loại bền (high endurance)",
            ),
        )
    return CONDITION.well(said)
