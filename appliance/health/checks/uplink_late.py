"""Events that wait for the province longer than the schedule explains."""

from appliance.health.facts import Facts, Issue

LATE_INTERVALS = 3
MIN_LATE_MS = 3_600_000


def check(facts: Facts) -> Issue | None:
    """Return an issue when something waits and nothing was receipted for three intervals and an hour."""
    if not facts.unreceipted or facts.silent_ms < max(LATE_INTERVALS * facts.interval_ms, MIN_LATE_MS):
        return None
    hours = facts.silent_ms // 3_600_000
    if not facts.addresses:
        return Issue(
            "uplink_late",
            "no_address",
            f"no receipt for {hours} h and the box has no network address: check cable and router",
            f"Đã {hours} giờ chưa gửi được, thiết bị không có địa chỉ mạng: kiểm tra dây mạng và modem",
        )
    return Issue(
        "uplink_late",
        "",
        f"{facts.unreceipted} events wait, no receipt for {hours} h: check the line, or carry a USB stick",
        f"Còn {facts.unreceipted} sự kiện chờ gửi, {hours} giờ chưa có biên nhận: xem mạng hoặc dùng USB",
    )
