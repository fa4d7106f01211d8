"""Nothing can be recorded: the loudest issue there is, and the one the journal cannot hold."""

from appliance.health.facts import Facts, Issue


def check(facts: Facts) -> Issue | None:
    """Return an issue while appends fail."""
    if facts.recording_stopped is None:
        return None
    return Issue(
        "recording_stopped",
        "",
        f"{facts.recording_stopped}",
        "HỆ THỐNG NGỪNG GHI NHẬN: thẻ nhớ đầy, hỏng hoặc chỉ đọc. Hãy thay thẻ nhớ (phân vùng dữ liệu).",
        recorded=False,  # the desk itself records the stop when it can again
    )
