"""A supply too weak: the cause behind many others.

The Pi's firmware knows, and tells through ``get_throttled`` (Raspberry Pi's kernel) or the sensor
``rpi_volt``. Debian's kernel has neither, and then nobody can tell: that is said, not guessed.
"""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.doctor.machine import Machine

CONDITION = Condition("power", "power supply", "nguồn điện")
UNDER_VOLTAGE, THROTTLED = 1 << 0, 1 << 2
HAS_OCCURRED = 16  # the same bits again, shifted: since the start
_CHANGE = Both(
    "use the original 5 V 3 A supply and a short cable; unplug USB devices that draw much",
    "dùng đúng bộ nguồn 5 V 3 A và cáp ngắn; rút bớt thiết bị USB tốn điện",
)


def check(box: Box) -> Finding:
    """Look for a voltage that is or was too low."""
    bits = _throttled(box.machine)
    alarm = _alarm(box.machine)
    log = (box.machine.kernel_log or "").lower()
    if (bits is not None and bits & (UNDER_VOLTAGE | THROTTLED)) or alarm:
        return CONDITION.broken(Both("voltage too low NOW", "điện áp ĐANG quá thấp"), _CHANGE)
    before = bits is not None and bits >> HAS_OCCURRED & (UNDER_VOLTAGE | THROTTLED)
    if before or "under-voltage detected" in log or "undervoltage detected" in log:
        return CONDITION.warning(
            Both("voltage was too low since the start", "từng có lúc điện áp quá thấp từ khi bật máy"),
            _CHANGE,
        )
    if bits is None and alarm is None:
        return CONDITION.unknown(
            Both("this kernel cannot measure the supply", "hệ điều hành này không đo được điện áp nguồn"),
            Both(
                "look at the red PWR lamp on the board: it must be lit all the time",
                "nhìn đèn đỏ PWR trên bo mạch: đèn phải sáng liên tục",
            ),
        )
    return CONDITION.well(Both("voltage never too low since the start", "điện áp tốt từ khi bật máy"))


def _throttled(machine: Machine) -> int | None:
    for path in machine.found("/sys/devices/platform/*/*/get_throttled"):
        bits = machine.number(path, 16)
        if bits is not None:
            return bits
    return None


def _alarm(machine: Machine) -> bool | None:
    for path in machine.found("/sys/class/hwmon/hwmon*/name"):
        if machine.text(path) == "rpi_volt":
            value = machine.number(path.removesuffix("name") + "in0_lcrit_alarm")
            return None if value is None else value != 0
    return None
