"""A portal that is not announced over https because nobody vouches for the clock."""

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.checks import clock
from appliance.doctor.finding import Both, Condition, Finding, Level

CONDITION = Condition("wifi_announced", "WiFi: portal announced", "WiFi: báo địa chỉ trang chào")


def check(box: Box) -> Finding:
    """Look whether the clock allows a certificate to be believed."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    if not box.wifi.plan.has_certificate:
        return CONDITION.skipped(
            Both(
                "off without a certificate; phones find it themselves",
                "không có chứng thư; điện thoại tự tìm",
            )
        )
    if clock.check(box).level is not Level.WELL:
        return CONDITION.warning(
            Both(
                "off: the clock is a guess, and phones check dates",
                "đang tắt: ngày giờ chưa tin cậy, điện thoại có kiểm tra ngày",
            ),
            Both(
                "connect the line or let an officer confirm date and time; until then phones find the portal "
                "by themselves",
                "nối mạng hoặc để cán bộ xác nhận ngày giờ; trong lúc đó điện thoại tự tìm trang chào",
            ),
        )
    return CONDITION.well(Both("the clock allows it", "ngày giờ cho phép"))
