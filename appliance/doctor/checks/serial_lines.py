"""Serial lines of the settings that are not plugged in, or that the office may not open."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("serial_lines", "serial lines", "đường nối tiếp")


def check(box: Box) -> Finding:
    """Look at the device file of every bus."""
    buses = () if box.settings is None else box.settings.hardware.buses
    if not buses:
        return CONDITION.skipped(Both("none in the settings", "cài đặt không có"))
    absent, closed = [], []
    for bus in buses:
        path = box.machine.at(bus.port)
        try:
            if not box.around.service.may_write(path):
                closed.append(bus.id)
        except OSError:
            absent.append(bus.id)
    if absent:
        names = ", ".join(absent)
        return CONDITION.broken(
            Both(f"not plugged in: {names}", f"không thấy: {names}"),
            Both(
                "plug the USB adapter in again; compare hardware.buses with /dev/serial/by-id",
                "cắm lại bộ chuyển USB; so hardware.buses với /dev/serial/by-id",
            ),
        )
    if closed:
        names = ", ".join(closed)
        return CONDITION.broken(
            Both(f"the service may not open: {names}", f"dịch vụ không được phép mở: {names}"),
            Both(
                "the device's group must be dialout and its mode 0660",
                "nhóm của thiết bị phải là dialout, quyền 0660",
            ),
        )
    return CONDITION.well(Both(f"{len(buses)} plugged in", f"đủ {len(buses)} đường"))
