"""The box's own certificate is made once, kept, and made again only when it cannot be used."""

import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from appliance.httpd import tls

NONSENSE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    first = tls.own(tmp_path, "muong-te-01", ["motcua.xa.example"], ["192.168.1.2", "fd00::1"])
    again = tls.own(tmp_path, "muong-te-01", [], ["10.0.0.9"])
    assert first.fingerprint == again.fingerprint
    assert len(first.fingerprint.split(":")) == 32
    made = x509.load_pem_x509_certificate((tmp_path / tls.CERTIFICATE).read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "motcua.xa.example" in names.get_values_for_type(x509.DNSName)
    assert {str(each) for each in names.get_values_for_type(x509.IPAddress)} >= {"192.168.1.2", "fd00::1"}


def test_nobody_else_reads_the_key(tmp_path: Path) -> None:
    tls.own(tmp_path, "a", [], [])
    assert stat.S_IMODE((tmp_path / tls.KEY).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", [tls.CERTIFICATE, tls.KEY])
@pytest.mark.parametrize(
    "content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_damaged_one_is_replaced(tmp_path: Path, name: str, content: bytes | None) -> None:
    before = tls.own(tmp_path, "a", [], []).fingerprint
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    after = tls.own(tmp_path, "a", [], [])
    assert after.fingerprint != before
    assert isinstance(after.context, ssl.SSLContext)


def test_a_given_certificate_must_fit_its_key(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        tls.own(tmp_path / folder, "a", [], [])
    with pytest.raises(OSError, match=r"KEY_VALUES_MISMATCH|key values mismatch"):
        tls.from_files(tmp_path / "one" / tls.CERTIFICATE, tmp_path / "two" / tls.KEY)
