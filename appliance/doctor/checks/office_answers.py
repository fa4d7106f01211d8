"""An office that does not answer on its socket."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("office_answers", "office", "chương trình quầy")


def check(box: Box) -> Finding:
    """Look whether the office answers."""
    if box.office is None:
        if box.socket.exists() and not box.around.service.may_write(box.socket):
            return CONDITION.unseen(str(box.socket), Both("run it again with sudo", "chạy lại lệnh với sudo"))
        return CONDITION.broken(
            Both("it does not answer", "không trả lời"),
            Both(
                "sudo systemctl restart motcua-office; then: journalctl -u motcua-office -n 50",
                "sudo systemctl restart motcua-office; rồi xem: journalctl -u motcua-office -n 50",
            ),
        )
    version = box.office.get("software")
    return CONDITION.well(Both(f"answers, version {version}", f"trả lời, phiên bản {version}"))
