"""A box that the center does not know, or whose key is not here."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.office.enrolment import CLAIM
from appliance.uplink.identity import KEY_NAME, NEXT_KEY_NAME
from appliance.wire.errors import WireError
from appliance.wire.keys import SigningKey

CONDITION = Condition("enrolled", "enrollment", "đăng ký với tỉnh")
_ASK = Both(
    "ask the province for a claim, then: sudo -u motcua motcua office claim CLAIM",
    "xin tỉnh mã đăng ký rồi chạy: sudo -u motcua motcua office claim MÃ",
)


def check(box: Box) -> Finding:
    """Look whether the center knows this box under the key that is here."""
    holdings = box.holdings
    if holdings.record_error is not None:
        return CONDITION.broken(
            Both("center.json cannot be read", "không đọc được center.json"),
            Both(
                "move center.json out of the data directory; then " + _ASK.en,
                "chuyển center.json ra chỗ khác; " + _ASK.vi,
            ),
        )
    if holdings.record is None:
        if (box.folder / CLAIM).exists():
            return CONDITION.warning(
                Both("not yet; a claim waits for the line", "chưa; mã đăng ký đang chờ đường truyền"),
                Both("connect the line", "nối mạng"),
            )
        return CONDITION.warning(Both("not yet, and there is no claim", "chưa, và không có mã đăng ký"), _ASK)
    if holdings.record.kid not in _kids(box):
        return CONDITION.broken(
            Both("the enrolled key is not on this card", "khóa đã đăng ký không có trên thẻ này"), _ASK
        )
    return CONDITION.well(Both(f"as {holdings.record.device}", f"tên {holdings.record.device}"))


def _kids(box: Box) -> set[str]:
    found = set()
    for name in (KEY_NAME, NEXT_KEY_NAME):
        try:
            found.add(SigningKey.from_bytes((box.folder / name).read_bytes()).kid)
        except (FileNotFoundError, WireError):
            continue
    return found
