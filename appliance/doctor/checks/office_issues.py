"""What the running office itself says is wrong; ``docs/operations.md`` has each key."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("office_issues", "office's own issues", "sự cố đang báo")


def check(box: Box) -> Finding:
    """Relay issues and faults of the running office."""
    office = box.office
    if office is None:
        return CONDITION.skipped(Both("the office does not answer", "chương trình quầy không trả lời"))
    issues = list(office.get("issues", ()))
    faults = [str(fault[0]) for fault in office.get("faults", ())]
    keys = list(dict.fromkeys([*(str(issue.get("key")) for issue in issues), *faults]))
    if not keys:
        return CONDITION.well(Both("none", "không có"))
    listed = ", ".join(keys)
    first = issues[0] if issues else {}
    todo = Both(
        str(first.get("en") or "look the key up: docs/operations.md, What is wrong"),
        str(first.get("vi") or "tra từ khóa trong tài liệu vận hành, bảng sự cố"),
    )
    if "recording_stopped" in keys:
        return CONDITION.broken(Both(listed, listed), todo)
    return CONDITION.warning(Both(listed, listed), todo)
