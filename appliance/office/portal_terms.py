"""The terms of the public WiFi that come with the box, for offices that set none of their own.

They say what the box does and no more: what is kept about a guest is said by the gate's code
(``appliance/hotspot``), and must be said otherwise here when that changes.
"""

from typing import Final

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
The box keeps only your device's hardware address (MAC), when its session ends, what you agreed to for \
that session, and how much data it used today, to know which devices are online, and erases them when \
session and day are over. It does not record which pages, names or contents you look at."""


def terms_of(office: str, office_en: str) -> Terms:
    """Return the terms of an office.

    Args:
        office: its name.
        office_en: the same in English.
    """
    return Terms(vi=VI.format(office=office), en=EN.format(office=office_en))
