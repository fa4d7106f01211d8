"""A backup stick that does not follow: pulled, full, write-protected, broken or very slow."""

from appliance.health.facts import Facts, Issue

BEHIND_S = 60.0

_WORDS = {
    "absent": ("no stick is there: plug the backup stick in", "không thấy USB: hãy cắm USB sao lưu"),
    "full": ("the stick is full: use a larger one", "USB đã đầy: hãy dùng USB lớn hơn"),
    "readonly": (
        "the stick cannot be written: take its lock off, or use another one",
        "không ghi được vào USB: hãy mở khóa ghi hoặc dùng USB khác",
    ),
    "failing": ("the stick fails: use another one", "USB bị lỗi: hãy thay USB khác"),
    "": ("the stick is too slow or hangs: use another one", "USB quá chậm hoặc bị treo: hãy thay USB khác"),
}


def check(facts: Facts) -> Issue | None:
    """Return an issue when the stick has taken nothing for a minute."""
    if facts.backup_silent_s < BEHIND_S:
        return None
    what, what_vi = _WORDS.get(facts.backup_trouble, _WORDS["failing"])
    return Issue(
        "backup_behind", facts.backup_trouble or "slow", f"no backup: {what}", f"Chưa sao lưu: {what_vi}"
    )
