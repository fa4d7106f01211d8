"""The third step to the center: its certificate is believed, and for a while yet."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.uplink.errors import CaFileError
from appliance.uplink.tls import Dates, ca_file_error

CONDITION = Condition("center_certificate", "center 3: certificate", "đến tỉnh 3: chứng thư")
SOON_DAYS = 14


def check(box: Box) -> Finding:
    """Look at the certificate as the uplink would, after what it is checked against."""
    error = ca_file_error(box.ca_file)
    return _of_the_center(box) if error is None else _without(box, error)


def _without(box: Box, error: CaFileError) -> Finding:
    where = f'uplink.ca_file = "{box.ca_file}"'
    return CONDITION.broken(
        Both(f"{where}: {error.fields['reason']}", f"{where}: {error.fields['reason_vi']}"),
        Both("put the PEM certificates of the province's CA there", "chép chứng thư PEM của CA tỉnh vào đó"),
    )


def _of_the_center(box: Box) -> Finding:
    line = box.line
    if line is None or line.lookup_error is not None or line.connect_error is not None:
        return CONDITION.skipped(Both("not reached", "chưa tới bước này"))
    if not line.is_tls:
        return CONDITION.skipped(Both("plain HTTP on this machine", "HTTP trong cùng máy"))
    if line.tls_error is not None or line.expires_at is None:
        return CONDITION.broken(
            Both(f"refused: {line.tls_error}", f"không được chấp nhận: {line.tls_error}"),
            Both(
                "look at the clock, then at a proxy on the way, then ask the province about it",
                "xem ngày giờ trước, rồi thiết bị trung gian trên mạng, rồi hỏi tỉnh về chứng thư",
            ),
        )
    ends = f"{line.expires_at:%Y-%m-%d}"
    if line.dates is Dates.NONE:
        return CONDITION.unknown(
            Both(f"until {ends}; the clock is a guess", f"đến {ends}; ngày giờ chưa tin cậy")
        )
    days = (line.expires_at - box.moment.at).days
    if days < SOON_DAYS:
        return CONDITION.warning(
            Both(f"ends in {days} days ({ends})", f"còn {days} ngày ({ends})"),
            Both("tell the province to renew it", "báo tỉnh gia hạn"),
        )
    return CONDITION.well(Both(f"good until {ends}", f"tốt đến {ends}"))
