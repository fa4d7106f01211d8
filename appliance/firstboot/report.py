"""``KETQUA.txt``: what became of a card, in plain words, for whoever puts it into a computer again.

With byte order mark and the line ends of Windows: Notepad opens it as it is.
"""

from collections.abc import Sequence
from typing import Final

from appliance.config import Settings
from appliance.firstboot.resetting import ResetMemory
from appliance.office.restoring import RestoredNote
from appliance.setup_notice import Mistake

FILE_NAME: Final = "KETQUA.txt"
_RULE: Final = "-" * 60
_WITHOUT_ROUTER: Final = (
    "Không có bộ phát mạng: ghi địa chỉ cố định vào [network] của motcua.toml, rồi nối máy tính bằng cáp.",
    "Without a router: give the box an address in [network] of motcua.toml, and connect a computer by cable.",
)


def done(
    settings: Settings,
    *,
    has_claim: bool,
    address: str | None = None,
    reset: ResetMemory | None = None,
    restored: RestoredNote | None = None,
) -> str:
    """Return the result of a box that is set up.

    Args:
        settings: what it was set up with.
        has_claim: whether a claim waits to be used.
        address: the box's own on the office LAN; None when a router gives it one.
        reset: what the last reset did.
        restored: what came from the backup stick that the card asked for.
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
        f"Trang cán bộ: {_page(settings, address)[0]}",
        "",
        _next(restored),
        *(_WITHOUT_ROUTER[:1] if address is None else []),
        "Thông tin bí mật đã được xóa khỏi thẻ; tệp motcua.toml đã được đổi tên.",
        *_restored_vi(restored),
        *_reset_vi(reset),
        _RULE,
        f"RESULT: set up as {office.device} ({office.role}) of {office.site}.",
        f"Pages for staff: {_page(settings, address)[1]}",
        *(_WITHOUT_ROUTER[1:] if address is None else []),
        *_restored_en(restored),
        *_reset_en(reset),
    ]
    return _file(lines)


def refused(mistakes: Sequence[Mistake], *, is_set_up: bool, reset: ResetMemory | None = None) -> str:
    """Return the result of a card that was not taken.

    Args:
        mistakes: what is wrong.
        is_set_up: whether the office opens as it was set up before.
        reset: what the last reset did.
    """
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
        *_reset_vi(reset),
        _RULE,
        head_en,
        *english,
        *_reset_en(reset),
    ]
    return _file(lines)


def _page(settings: Settings, address: str | None) -> tuple[str, str]:
    """Return where staff find the pages, in Vietnamese and in English."""
    web = settings.web
    if web.listen != "lan":
        return "chỉ trên màn hình cắm vào thiết bị", "at the box's own screen only"
    scheme = "http" if web.tls == "none" else "https"
    if address is not None:
        url = f"{scheme}://{address}:{web.port}"
        return url, url
    return (
        f"{scheme}://ĐỊA_CHỈ:{web.port}, địa chỉ do bộ phát mạng cấp, ở dòng “motcua” trong danh sách của nó",
        f"{scheme}://ADDRESS:{web.port}; the router gave the address, its list has it as motcua",
    )


def _next(restored: RestoredNote | None) -> str:
    if restored is not None and restored.accounts:
        return "Việc tiếp theo: cán bộ đăng nhập như trước; màn hình và máy tính bảng phải ghép lại."
    return "Việc tiếp theo: mở trang của cán bộ, nhập mã cài đặt in trên nhãn để tạo tài khoản đầu tiên."


def _restored_vi(restored: RestoredNote | None) -> list[str]:
    if restored is None:
        return []
    return [
        "",
        (
            f"ĐÃ KHÔI PHỤC TỪ USB: đến sự kiện {restored.upto}, ngày {restored.day or '-'}; "
            f"người đang chờ: {restored.waiting}; tài khoản: {restored.accounts}."
        ),
        f"Số tiếp theo: {', '.join(restored.numbers) or 'A001'}.",
        "Nếu người dân cầm số lớn hơn: mở trang Tình trạng thiết bị, chọn “cho số thứ tự hôm nay đi tiếp”.",
        "Thiết bị cũ phải tắt hẳn; tỉnh không nhận khóa cũ nữa.",
    ]


def _restored_en(restored: RestoredNote | None) -> list[str]:
    if restored is None:
        return []
    return [
        (
            f"RESTORED from the stick: up to event {restored.upto}, day {restored.day or '-'}, "
            f"in the hall {restored.waiting}, accounts {restored.accounts}, "
            f"next numbers {', '.join(restored.numbers) or 'A001'}."
        ),
        "If somebody holds a higher number, use the form on State of the box. The old box must stay off.",
    ]


def _reset_vi(reset: ResetMemory | None) -> list[str]:
    if reset is None:
        return []
    least = "" if reset.is_certain else "ít nhất "
    lines = [
        "",
        f"ĐÃ ĐẶT LẠI: trước đó thiết bị là {reset.device}.",
        "Khóa, tài khoản, cấu hình, mạng và mã đăng ký cũ đã bị xóa.",
        f"Số sự kiện tỉnh chưa nhận: {least}{reset.undelivered}.",
    ]
    if reset.is_erasing:
        lines.append("Theo yêu cầu xoa-het, toàn bộ dữ liệu cũ, kể cả các sự kiện này, đã bị xóa.")
    elif reset.kept is not None:
        lines.append(f"Nhật ký cũ vẫn còn trên phân vùng dữ liệu của thẻ, thư mục motcua/{reset.kept}.")
    return lines


def _reset_en(reset: ResetMemory | None) -> list[str]:
    if reset is None:
        return []
    least = "" if reset.is_certain else "at least "
    line = (
        f"RESET: the box was {reset.device}; events not received by the province: {least}{reset.undelivered}."
    )
    if reset.is_erasing:
        return [line, "Everything that was there is erased, these events, too."]
    if reset.kept is not None:
        return [line, f"The old journal is on the card's data partition, folder motcua/{reset.kept}."]
    return [line]


def _file(lines: Sequence[str]) -> str:
    return "\ufeff" + "".join(f"{line}\r\n" for line in lines)
