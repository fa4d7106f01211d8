"""Events that wait for the province's receipt for more than a day."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("receipts", "receipts", "biên nhận của tỉnh")
DAY_MS = 86_400_000


def check(box: Box) -> Finding:
    """Look how many events wait, and how old the last receipt is."""
    holdings = box.holdings
    if holdings.record is None:
        return CONDITION.skipped(Both("not enrolled", "chưa đăng ký với tỉnh"))
    waiting, last = holdings.unreceipted, holdings.receipted_at
    if not waiting:
        return CONDITION.well(Both("nothing waits", "đã gửi hết"))
    if last is None:
        said = Both(
            f"{waiting} events wait, no receipt ever", f"{waiting} sự kiện chờ gửi, chưa từng có biên nhận"
        )
    else:
        hours = max(0, box.age_ms(last)) // 3_600_000
        said = Both(
            f"{waiting} events wait, last receipt {hours} h ago",
            f"{waiting} sự kiện chờ gửi, biên nhận cuối cách đây {hours} giờ",
        )
        if box.age_ms(last) < DAY_MS:
            return CONDITION.well(said)
    return CONDITION.warning(
        said,
        Both(
            "see the line's own findings here, or carry a USB stick: motcua ctl stick",
            "xem các dòng về đường truyền ở trên, hoặc gửi bằng USB: motcua ctl stick",
        ),
    )
