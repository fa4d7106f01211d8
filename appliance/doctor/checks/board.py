"""A board other than the settings say: the pins would be those of another model."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("board", "board", "bo mạch")
MODELS = {
    "pi3": ("Raspberry Pi 3", "Compute Module 3"),
    "pi4": ("Raspberry Pi 4", "Raspberry Pi Compute Module 4", "Raspberry Pi 400"),
    "zero2w": ("Raspberry Pi Zero 2",),
    "virt": ("linux,dummy-virt",),
}
"""What the device tree's model begins with, by ``hardware.board``."""


def check(box: Box) -> Finding:
    """Compare ``hardware.board`` with the device tree."""
    if box.settings is None or box.settings.hardware.board == "none":
        return CONDITION.skipped(Both("none in the settings", "cài đặt không có"))
    name = box.settings.hardware.board
    model = box.machine.text("/proc/device-tree/model")
    if not model:
        return CONDITION.unknown(Both("this machine has no device tree", "máy này không cho biết bo mạch"))
    if not model.startswith(MODELS[name]):
        return CONDITION.broken(
            Both(f"{model}, but hardware.board is {name}", f"{model}, nhưng hardware.board là {name}"),
            Both("correct hardware.board in office.toml", "sửa hardware.board trong office.toml"),
        )
    return CONDITION.well(Both(model, model))
