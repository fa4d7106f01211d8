"""Pins that cannot be had: no GPIO controller, or not for the office."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("pins", "pins", "chân GPIO")


def check(box: Box) -> Finding:
    """Look at the character devices of the GPIO controllers."""
    if box.settings is None or box.settings.hardware.pin_factory != "lgpio":
        return CONDITION.skipped(Both("not used", "không dùng"))
    chips = box.machine.found("/dev/gpiochip*")
    if not chips:
        return CONDITION.broken(
            Both("no /dev/gpiochip", "không có /dev/gpiochip"),
            Both(
                'is this a Pi? Without buttons set hardware.pin_factory to "none"',
                'đây có phải là Pi không? Nếu không có nút, đặt hardware.pin_factory là "none"',
            ),
        )
    if not any(box.around.service.may_write(box.machine.at(chip)) for chip in chips):
        return CONDITION.broken(
            Both("the service may not open them", "dịch vụ không được phép mở"),
            Both(
                "the group of /dev/gpiochip0 must be gpio and its mode 0660",
                "nhóm của /dev/gpiochip0 phải là gpio, quyền 0660",
            ),
        )
    return CONDITION.well(Both(f"{len(chips)} controllers", f"có {len(chips)} bộ điều khiển"))
