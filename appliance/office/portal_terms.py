"""The terms of the public WiFi that come with the box, for offices that set none of their own.

They say what the box does and no more: what is kept about a guest is said by the gate's code
(``appliance/hotspot``), and must be said otherwise here when that changes.
"""

from typing import Final

from appliance.config.retention import Policy
from appliance.sockets.portal import Terms

VI: Final = """\
WiFi này miễn phí, do {office} cung cấp để người dân sử dụng dịch vụ công và tra cứu thông tin.
Quý vị tự chịu trách nhiệm về việc mình làm trên mạng. Pháp luật Việt Nam cấm dùng mạng để xâm phạm \
an ninh quốc gia, trật tự xã hội, danh dự và quyền lợi của người khác, phát tán mã độc, lừa đảo hoặc \
tấn công thiết bị khác.
Tốc độ, thời gian và dung lượng mỗi ngày có giới hạn để mọi người cùng dùng. Cơ quan có thể ngừng \
cung cấp cho thiết bị gây ảnh hưởng đến người khác.
Mạng dùng chung không bảo đảm bí mật: chỉ nhập mật khẩu hoặc giao dịch trên trang có địa chỉ bắt đầu \
bằng https.
"""
VI_KEPT: Final = """\
Thiết bị chỉ giữ địa chỉ phần cứng (MAC) của máy, thời điểm hết phiên, những điều quý vị đã đồng ý \
cho phiên đó và dung lượng đã dùng trong ngày, để biết máy nào đang được vào mạng, và xóa khi phiên và \
ngày đó kết thúc. Không ghi lại trang web, tên miền hay nội dung quý vị xem."""
EN: Final = """\
This WiFi is free of charge. {office} offers it so that citizens can use public services and look up \
information.
You answer for what you do online. The law of Viet Nam forbids using a network against national \
security, public order, or the honor and rights of others, to spread malware, to defraud, or to \
attack other devices.
Speed, time and data a day are limited, so that there is enough for everybody. The office may shut \
out a device that disturbs others.
A shared network keeps no secrets: enter passwords and payments only on pages whose address begins \
with https.
"""
EN_KEPT: Final = """\
The box keeps only your device's hardware address (MAC), when its session ends, what you agreed to for \
that session, and how much data it used today, to know which devices are online, and erases them when \
session and day are over. It does not record which pages, names or contents you look at."""

VI_RECORDED: Final = """\
Theo {citation} ({issued_by}), từ {begins} đến {ends}, mỗi phiên truy cập được ghi lại: thời điểm bắt \
đầu, kết thúc và lý do kết thúc{fields}. Bản ghi được niêm phong bằng khóa của tỉnh ngay trên thiết \
bị, cán bộ ở đây không mở được, và bị hủy sau {months} tháng kể từ hết tháng ghi. Không ghi lại trang \
web, tên miền hay nội dung quý vị xem."""
EN_RECORDED: Final = """\
By {citation} ({issued_by}), from {begins} until {ends}, each session is recorded: when it begins and \
ends, and why it ends{fields}. The records are sealed with the province's key on the box itself, \
nobody here can open them, and they are destroyed {months} months after the end of the month they were \
made in. Which pages, names or contents you look at is not recorded."""
VI_FIELDS: Final = {
    "mac": "địa chỉ phần cứng (MAC) của máy",
    "ipv4": "địa chỉ IPv4",
    "ipv6": "địa chỉ IPv6",
    "bytes": "dung lượng đã dùng",
    "terms": "phiên bản điều khoản quý vị đã đồng ý",
}
EN_FIELDS: Final = {
    "mac": "the device's hardware address (MAC)",
    "ipv4": "its IPv4 addresses",
    "ipv6": "its IPv6 addresses",
    "bytes": "how much data it used",
    "terms": "which version of these terms you agreed to",
}


def terms_of(office: str, office_en: str, policy: Policy | None = None) -> Terms:
    """Return the terms of an office.

    Args:
        office: its name.
        office_en: the same in English.
        policy: by which sessions are recorded, if they are.
    """
    vi, en = VI.format(office=office), EN.format(office=office_en)
    if policy is None:
        return Terms(vi=vi + VI_KEPT, en=en + EN_KEPT)
    return recorded(Terms(vi=vi.rstrip(), en=en.rstrip()), policy)


def recorded(terms: Terms, policy: Policy) -> Terms:
    """Return terms that say, too, that sessions are recorded, by which law, what of them and how long."""
    begins, ends = policy.valid_from, policy.valid_until
    vi = VI_RECORDED.format(
        citation=policy.citation,
        issued_by=policy.issued_by,
        begins=f"{begins:%d/%m/%Y}",
        ends=f"{ends:%d/%m/%Y}",
        fields="".join(f", {VI_FIELDS[each]}" for each in policy.fields),
        months=policy.months,
    )
    en = EN_RECORDED.format(
        citation=policy.citation_en or policy.citation,
        issued_by=policy.issued_by_en or policy.issued_by,
        begins=begins.isoformat(),
        ends=ends.isoformat(),
        fields="".join(f", {EN_FIELDS[each]}" for each in policy.fields),
        months=policy.months,
    )
    return Terms(vi=f"{terms.vi}\n{vi}", en=f"{terms.en}\n{en}")
