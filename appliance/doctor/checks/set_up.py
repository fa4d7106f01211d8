"""A box that is not set up, or whose last card was not taken."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.setup_notice import SetupNotice

CONDITION = Condition("set_up", "setup", "thiết lập")
REMEDY = Both(
    "correct the card in a computer (KETQUA.txt on it names everything), put it back, start the box again",
    "sửa thẻ trên máy tính (tệp KETQUA.txt trên thẻ nêu từng điểm), cắm lại rồi bật lại thiết bị",
)


def check(box: Box) -> Finding:
    """Look what the first start left word of."""
    box.must_read()
    notice = SetupNotice.read(box.folder)
    if notice is not None:
        first, count = notice.mistakes[0], len(notice.mistakes)
        said = Both(
            f"points to correct: {count}, first {first.place}: {first.message}",
            f"có {count} điểm cần sửa, đầu tiên {first.place}: {first.message_vi}",
        )
        if notice.is_set_up:
            return CONDITION.warning(said, REMEDY)
        return CONDITION.broken(said, REMEDY)
    if box.settings is None and not box.config.exists():
        return CONDITION.broken(Both("no card was taken yet", "chưa nhận thẻ nào"), REMEDY)
    return CONDITION.well(Both("is set up", "đã thiết lập"))
