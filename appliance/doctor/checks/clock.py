"""A clock that nobody vouches for."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.wire.moment import HANOI, Quality

CONDITION = Condition("clock", "clock", "ngày giờ")


def check(box: Box) -> Finding:
    """Look who vouches for the time: the running office if there is one, else the kernel."""
    shown = f"{box.moment.at.astimezone(HANOI):%Y-%m-%d %H:%M}"
    if any(issue.get("key") == "clock_untrusted" for issue in _issues(box)):
        return _guess(shown)
    if box.office is not None or box.moment.quality is Quality.SYNCED:
        return CONDITION.well(Both(f"{shown}, trusted", f"{shown}, tin cậy"))
    if box.moment.quality is Quality.RTC:
        return CONDITION.well(Both(f"{shown}, from the clock chip", f"{shown}, theo mô-đun đồng hồ"))
    return _guess(shown)


def _guess(shown: str) -> Finding:
    return CONDITION.warning(
        Both(f"{shown} is a guess (no NTP)", f"{shown} là phỏng đoán (chưa có NTP)"),
        Both(
            "connect the line, or let an officer confirm date and time on his page",
            "nối mạng, hoặc để cán bộ xác nhận ngày giờ trên trang của mình",
        ),
    )


def _issues(box: Box) -> list[dict[str, object]]:
    return [] if box.office is None else list(box.office.get("issues", ()))
