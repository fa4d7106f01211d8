"""The certificate of the staff app: usable, and not about to end."""

from datetime import datetime
from pathlib import Path

from cryptography import x509

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.httpd import tls
from appliance.wire.moment import Moment

CONDITION = Condition("page_certificate", "pages: certificate", "trang cán bộ: chứng thư")
SOON_DAYS = 30


def check(box: Box) -> Finding:
    """Look at the certificate and key that the staff app is served with."""
    box.must_read()
    web = None if box.settings is None else box.settings.web
    if web is None or web.listen != "lan" or web.tls == "none":
        return CONDITION.skipped(Both("no certificate is used", "không dùng chứng thư"))
    certificate, key = web.certificate, web.key
    if web.tls == "self" or certificate is None or key is None:
        certificate, key = box.folder / tls.CERTIFICATE, box.folder / tls.KEY
        if not certificate.exists():
            return CONDITION.skipped(Both("made at the first start", "được tạo khi khởi động lần đầu"))
    try:
        tls.from_files(certificate, key)
        ends = _leaf(certificate).not_valid_after_utc
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        return unusable(CONDITION, certificate, error, "web")
    return judge(ends, box.moment)


def unusable(condition: Condition, certificate: Path, error: Exception, section: str) -> Finding:
    """Return that a certificate cannot be used, and which settings name it."""
    return condition.broken(
        Both(f"{certificate.name}: {error}", f"{certificate.name} không dùng được: {error}"),
        Both(
            f"correct {section}.certificate and {section}.key",
            f"sửa {section}.certificate và {section}.key",
        ),
    )


def judge(ends: datetime, now: Moment) -> Finding:
    """Return how a certificate that can be used until then stands."""
    on = f"{ends:%Y-%m-%d}"
    if not now.trusted:
        return CONDITION.unknown(
            Both(f"until {on}; the clock is a guess", f"đến {on}; ngày giờ chưa tin cậy")
        )
    days = (ends - now.at).days
    todo = Both("renew it and restart motcua-office", "gia hạn rồi khởi động lại motcua-office")
    if days < 0:
        return CONDITION.broken(Both(f"ended on {on}", f"hết hạn từ {on}"), todo)
    if days < SOON_DAYS:
        return CONDITION.warning(Both(f"ends in {days} days", f"còn {days} ngày"), todo)
    return CONDITION.well(Both(f"good until {on}", f"tốt đến {on}"))


def _leaf(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(path.read_bytes())[0]
