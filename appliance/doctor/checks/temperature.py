"""A box that is too hot: a Pi slows down from 80 °C and harder from 85 °C."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("temperature", "temperature", "nhiệt độ")
WARM_C = 75
HOT_C = 85


def check(box: Box) -> Finding:
    """Look at the hottest thermal zone."""
    paths = box.machine.found("/sys/class/thermal/thermal_zone*/temp")
    read = [millis for path in paths if (millis := box.machine.number(path)) is not None]
    if not read:
        return CONDITION.unknown(Both("no sensor", "không có cảm biến"))
    celsius = max(read) // 1000
    said = Both(f"{celsius} °C", f"{celsius} °C")
    todo = Both(
        "let air reach the box, take it out of the sun or its cabinet, clean or fit a heat sink",
        "để nơi thoáng, tránh nắng và tủ kín; lau bụi hoặc gắn thêm tản nhiệt",
    )
    if celsius >= HOT_C:
        return CONDITION.broken(said, todo)
    if celsius >= WARM_C:
        return CONDITION.warning(said, todo)
    return CONDITION.well(said)
