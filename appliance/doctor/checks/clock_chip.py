"""A hardware clock that the settings promise and the machine lacks, or the other way round."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("clock_chip", "clock chip", "mô-đun đồng hồ")


def check(box: Box) -> Finding:
    """Compare ``clock.rtc`` with what is fitted."""
    is_there = bool(box.machine.found("/sys/class/rtc/rtc*"))
    is_wanted = box.settings is not None and box.settings.clock.rtc
    if is_wanted and not is_there:
        return CONDITION.broken(
            Both("clock.rtc is true, no chip is seen", "clock.rtc là true nhưng không thấy mô-đun"),
            Both(
                "check the module's seat and battery, or set clock.rtc to false",
                "kiểm tra mô-đun và pin, hoặc đặt clock.rtc thành false",
            ),
        )
    if is_there and not is_wanted:
        return CONDITION.warning(
            Both("a chip is fitted, clock.rtc is false", "có mô-đun nhưng clock.rtc là false"),
            Both(
                "set clock.rtc to true if it has a battery",
                "nếu mô-đun có pin, đặt clock.rtc thành true",
            ),
        )
    if is_there:
        return CONDITION.well(Both("fitted", "có"))
    return CONDITION.skipped(Both("none is fitted", "không lắp"))
