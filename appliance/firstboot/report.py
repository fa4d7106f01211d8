"""``KETQUA.txt``: what became of a card, in plain words, for whoever puts it into a computer again.

With byte order mark and the line ends of Windows: Notepad opens it as it is.
"""

from collections.abc import Sequence
from typing import Final

from appliance.config import Settings
from appliance.setup_notice import Mistake

FILE_NAME: Final = "KETQUA.txt"
_RULE: Final = "-" * 60


def done(settings: Settings, *, has_claim: bool) -> str:
    """Return the result of a box that is set up.

    Args:
        settings: what it was set up with.
        has_claim: whether a claim waits to be used.
    """
    office = settings.office
    claim = "có, thiết bị sẽ tự đăng ký khi có mạng" if has_claim else "không có mã nào chờ dùng"
    lines = [
        "KẾT QUẢ: ĐÃ THIẾT LẬP XONG",
        "",
        f"Văn phòng:   {office.name}",
        f"Mã văn phòng: {office.site}",
        f"Thiết bị:    {office.device} ({office.role})",
        f"Trung tâm:   {settings.uplink.center}",
        f"Mã đăng ký:  {claim}",
        "",
        "Việc tiếp theo: mở trang của cán bộ, nhập mã thiết lập in trên nhãn để tạo tài khoản đầu tiên.",
        "Thông tin bí mật đã được xóa khỏi thẻ; tệp motcua.toml đã được đổi tên.",
        _RULE,
        f"RESULT: set up as {office.device} ({office.role}) of {office.site}.",
    ]
    return _file(lines)


def refused(mistakes: Sequence[Mistake], *, is_set_up: bool) -> str:
    """Return the result of a card that was not taken."""
    if is_set_up:
        head = "KẾT QUẢ: THẺ CHƯA ĐƯỢC NHẬN; VĂN PHÒNG VẪN MỞ VỚI CẤU HÌNH CŨ"
        head_en = "RESULT: this card was not taken; the office opens with its old settings."
    else:
        head = "KẾT QUẢ: CHƯA THIẾT LẬP ĐƯỢC"
        head_en = "RESULT: not set up."
    numbered = [f"{number}. {each.place}: {each.message_vi}" for number, each in enumerate(mistakes, 1)]
    english = [f"{number}. {each.place}: {each.message}" for number, each in enumerate(mistakes, 1)]
    lines = [
        head,
        "",
        "Hãy sửa những điểm sau rồi cắm thẻ vào thiết bị và bật lại:",
        "",
        *numbered,
        _RULE,
        head_en,
        *english,
    ]
    return _file(lines)


def _file(lines: Sequence[str]) -> str:
    return "\ufeff" + "".join(f"{line}\r\n" for line in lines)
