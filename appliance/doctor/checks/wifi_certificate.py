"""A certificate of the portal that is about to end, cannot be used, or that phones do not accept."""

from pathlib import Path

from cryptography import x509

from appliance.config.hotspot import Hotspot
from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.checks import page_certificate
from appliance.doctor.finding import Both, Condition, Finding, Level
from appliance.httpd import tls
from appliance.wire.moment import Moment

CONDITION = Condition("wifi_certificate", "WiFi: portal's certificate", "WiFi: chứng thư trang chào")
_RENEW = Both(
    "renew it; motcua-office takes it up when it is restarted",
    "gia hạn chứng thư rồi khởi động lại motcua-office",
)
_OTHER = Both(
    "use a certificate of a public authority, with its chain and hotspot.portal_name in it; until then "
    "phones find the portal by themselves",
    "dùng chứng thư của tổ chức công khai, đủ chuỗi, đúng tên hotspot.portal_name; trong lúc đó điện thoại "
    "tự tìm trang chào",
)


def check(box: Box) -> Finding:
    """Look at the certificate, then ask the portal as a phone does."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    hotspot = box.wifi.settings.hotspot
    if hotspot.certificate is None or hotspot.key is None:
        return CONDITION.skipped(Both("none is given", "không dùng chứng thư"))
    found = _of_file(hotspot, hotspot.certificate, hotspot.key, box.moment)
    if found.level in {Level.BROKEN, Level.UNKNOWN} or box.around.wifi.is_secure(box.wifi.plan):
        return found
    return CONDITION.warning(
        Both("phones do not accept the portal's https", "điện thoại không chấp nhận https của trang chào"),
        _OTHER,
    )


def _of_file(hotspot: Hotspot, certificate: Path, key: Path, now: Moment) -> Finding:
    """Judge what can be judged without asking the portal."""
    try:
        tls.from_files(certificate, key)
        leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        return page_certificate.unusable(CONDITION, certificate, error, "hotspot")
    if not _is_for(leaf, hotspot):
        return CONDITION.broken(
            Both(f"it is not for {hotspot.portal_name}", f"không phải của {hotspot.portal_name}"), _OTHER
        )
    judged = page_certificate.judge(leaf.not_valid_after_utc, now)
    return Finding(CONDITION.key, CONDITION.title, judged.level, judged.said, judged.todo and _RENEW)


def _is_for(leaf: x509.Certificate, hotspot: Hotspot) -> bool:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    own = hotspot.portal_name.lower()
    known = {str(each).lower() for each in names.get_values_for_type(x509.DNSName)}
    return own in known or f"*.{own.partition('.')[2]}" in known
