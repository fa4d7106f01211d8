"""Units of ours that do not run, or that systemd had to start again and again."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.doctor.machine import Machine

CONDITION = Condition("units", "services", "dịch vụ")
UNITS = ("motcua-office.service", "motcua-public.socket", "motcua-public.service", "motcua-display.service")
ALWAYS = UNITS[0]
MANY_RESTARTS = 3
_PROPERTIES = "LoadState,ActiveState,SubState,NRestarts"


def check(box: Box) -> Finding:
    """Look at the state of every unit of ours that is installed."""
    if not box.machine.at("/run/systemd/system").is_dir():
        return CONDITION.skipped(Both("no systemd here", "máy này không dùng systemd"))
    states = {unit: state for unit in UNITS if (state := unit_state(box.machine, unit))}
    if not states:
        return CONDITION.unseen(
            "systemctl does not answer", Both("run it again with sudo", "chạy lại lệnh với sudo")
        )
    there = {unit: state for unit, state in states.items() if state.get("LoadState") == "loaded"}
    if ALWAYS not in there:
        return CONDITION.broken(
            Both(f"{ALWAYS} is not installed", f"chưa cài {ALWAYS}"),
            Both("write the image again, or install the units", "ghi lại thẻ nhớ hoặc cài lại dịch vụ"),
        )
    down = [unit for unit, state in there.items() if _is_down(unit, state)]
    if down:
        names = ", ".join(down)
        return CONDITION.broken(
            Both(f"not running: {names}", f"không chạy: {names}"),
            Both(
                f"sudo systemctl restart {down[0]}; if it fails again: journalctl -u {down[0]}",
                f"sudo systemctl restart {down[0]}; nếu vẫn lỗi: journalctl -u {down[0]}",
            ),
        )
    restless = [unit for unit, state in there.items() if int(state.get("NRestarts") or 0) >= MANY_RESTARTS]
    if restless:
        names = ", ".join(restless)
        return CONDITION.warning(
            Both(f"started again often: {names}", f"phải khởi động lại nhiều lần: {names}"),
            Both("make a support bundle and send it in", "tạo gói hỗ trợ rồi gửi về tỉnh"),
        )
    return CONDITION.well(Both(f"{len(there)} as they should be", f"{len(there)} dịch vụ bình thường"))


def unit_state(machine: Machine, unit: str) -> dict[str, str]:
    """Return what systemd says of a unit, by property; nothing when it does not answer."""
    told = machine.programs.run("systemctl", "show", unit, f"--property={_PROPERTIES}", "--no-pager")
    pairs = (line.partition("=") for line in (told or "").splitlines())
    return {name: value for name, _, value in pairs if value}


def _is_down(unit: str, state: dict[str, str]) -> bool:
    active = state.get("ActiveState")
    # What is started by a socket or by choice may rest; the office may not.
    return active == "failed" or (unit == ALWAYS and active != "active")
