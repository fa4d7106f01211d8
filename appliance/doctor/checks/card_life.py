"""How much of its life an eMMC says it has used; SD cards do not say."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("card_life", "card life", "tuổi thọ thẻ nhớ")
OLD, SPENT = 0x09, 0x0B  # JESD84-B51: tenths of the life, 0x0B is past the estimate
RESERVE_LOW, RESERVE_GONE = 2, 3  # of pre_eol_info: 80 % and 90 % of the reserve blocks are used
_TODO = Both("plan a new eMMC or module", "chuẩn bị thay eMMC hoặc mô-đun")


def check(box: Box) -> Finding:
    """Look at what the storage tells of itself."""
    disk = box.disk
    if disk is None:
        return CONDITION.unknown(Both("the data is on no block device", "dữ liệu không nằm trên thẻ nhớ"))
    told = (box.machine.text(f"/sys/block/{disk.name}/device/life_time") or "").split()
    try:
        used = max(int(word, 16) for word in told)
    except ValueError:
        name, date = (
            box.machine.text(f"/sys/block/{disk.name}/device/{each}") or "?" for each in ("name", "date")
        )
        return CONDITION.unknown(
            Both(
                f"{disk.name} ({name}, made {date}) does not tell",
                f"{disk.name} ({name}, sản xuất {date}) không cho biết",
            )
        )
    reserve = box.machine.number(f"/sys/block/{disk.name}/device/pre_eol_info", 16) or 0
    percent = min(100, used * 10)
    said = Both(
        f"{disk.name}: up to {percent} % of its life used", f"{disk.name}: đã dùng đến {percent} % tuổi thọ"
    )
    if used >= SPENT or reserve >= RESERVE_GONE:
        return CONDITION.broken(said, _TODO)
    if used >= OLD or reserve >= RESERVE_LOW:
        return CONDITION.warning(said, _TODO)
    return CONDITION.well(said)
