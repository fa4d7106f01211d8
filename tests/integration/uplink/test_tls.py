"""While the clock is a guess, dates do not count; chain and name always do."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from scripted_http import Response, ScriptedHttpCenter
from sim_uplink import DEVICE, fresh_epoch

from appliance.clock import KernelTime, ScriptedTime
from appliance.uplink.answers import Stored, Unclear
from appliance.uplink.center import HttpCenter
from appliance.uplink.tls import Dates, dates_for
from appliance.wire.batch import Header
from appliance.wire.moment import Moment, Quality, microseconds

pytestmark = pytest.mark.integration

HEADER = Header(DEVICE, fresh_epoch(), 3, 5, "a" * 64, "b" * 64, "2026-11-23T08:00:00.000000Z", "0.1.0")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
VALID = (NOW - 30 * DAY, NOW + 30 * DAY)
EXPIRED = (NOW - 300 * DAY, NOW - 100 * DAY)
FUTURE = (NOW + 100 * DAY, NOW + 300 * DAY)
Span = tuple[datetime, datetime]


class Authority:
    """A certificate authority for one test; its own certificate is always valid."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            self._builder(self._subject, self._key, (NOW - 999 * DAY, NOW + 999 * DAY))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def server(self, span: Span, host: str = "localhost") -> ssl.SSLContext:
        """Return a server's context with a certificate of this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(ip_address("127.0.0.1")))
        certificate = (
            self._builder(subject, key, span)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self._folder / f"{host}-{certificate.serial_number}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, span: Span
    ) -> x509.CertificateBuilder:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(span[0])
            .not_valid_after(span[1])
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(own, critical=False)
        )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "province")


def moment(quality: Quality, at: datetime = NOW) -> Moment:
    return Moment(microseconds(at), quality, KernelTime().boot_id(), 0)


def is_taken(context: ssl.SSLContext, ca_file: Path, believed: Moment, *, system_at: datetime = NOW) -> bool:
    """Return whether a box that believes ``believed`` talks to a server with this certificate."""
    with ScriptedHttpCenter(lambda _request: Response(), context) as scripted:
        subject = HttpCenter(
            scripted.url,
            timeout_s=30,
            moment=lambda: believed,
            software="0.1.0",
            ca_file=ca_file,
            system=ScriptedTime(microseconds(system_at)),
        )
        try:
            answer = subject.send(b"batch", HEADER)
        finally:
            subject.close()
        assert isinstance(answer, Stored | Unclear)
        assert bool(scripted.requests) is isinstance(answer, Stored)
        return isinstance(answer, Stored)


@pytest.mark.parametrize("quality", list(Quality))
def test_a_valid_certificate_is_taken(authority: Authority, quality: Quality) -> None:
    assert is_taken(authority.server(VALID), authority.file, moment(quality))


@pytest.mark.parametrize("span", [EXPIRED, FUTURE])
def test_dates_count_when_the_clock_is_trusted_and_only_then(authority: Authority, span: Span) -> None:
    context = authority.server(span)
    assert not is_taken(context, authority.file, moment(Quality.SYNCED))
    assert not is_taken(context, authority.file, moment(Quality.RTC))
    assert is_taken(context, authority.file, moment(Quality.UNSYNCED))


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("span", [VALID, EXPIRED, FUTURE])
def test_a_wrong_name_is_refused_whatever_the_clock(
    authority: Authority, quality: Quality, span: Span
) -> None:
    context = authority.server(span, host="another.example")
    assert not is_taken(context, authority.file, moment(quality))


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("span", [VALID, EXPIRED, FUTURE])
def test_an_unknown_authority_is_refused_whatever_the_clock(
    authority: Authority, tmp_path: Path, quality: Quality, span: Span
) -> None:
    context = Authority(tmp_path, "impostor").server(span)
    assert not is_taken(context, authority.file, moment(quality))


def test_the_systems_authorities_do_not_include_ours(authority: Authority) -> None:
    with ScriptedHttpCenter(lambda _request: Response(), authority.server(VALID)) as scripted:
        subject = HttpCenter(
            scripted.url, timeout_s=30, moment=lambda: moment(Quality.UNSYNCED), software="0.1.0"
        )
        assert isinstance(subject.send(b"batch", HEADER), Unclear)
        subject.close()


@pytest.mark.parametrize("span", [EXPIRED, FUTURE])
def test_a_time_told_by_an_officer_counts_although_the_system_lives_in_the_past(
    authority: Authority, span: Span
) -> None:
    woke_up_at = datetime(1970, 1, 1, tzinfo=UTC)
    told = moment(Quality.SYNCED)
    assert is_taken(authority.server(VALID), authority.file, told, system_at=woke_up_at)
    assert not is_taken(authority.server(span), authority.file, told, system_at=woke_up_at)


def test_when_trust_comes_the_connection_without_dates_is_given_up(authority: Authority) -> None:
    believed = moment(Quality.UNSYNCED)
    with ScriptedHttpCenter(lambda _request: Response(), authority.server(EXPIRED)) as scripted:
        subject = HttpCenter(
            scripted.url,
            timeout_s=30,
            moment=lambda: believed,
            software="0.1.0",
            ca_file=authority.file,
            system=ScriptedTime(microseconds(NOW)),
        )
        assert isinstance(subject.send(b"batch", HEADER), Stored)
        believed = moment(Quality.SYNCED)
        assert isinstance(subject.send(b"batch", HEADER), Unclear)
        subject.close()


def test_who_checks_dates_follows_the_clock() -> None:
    now_us = microseconds(NOW)
    far_us = now_us - 2 * 86_400_000_000
    assert dates_for(moment(Quality.UNSYNCED), now_us) is Dates.NONE
    assert dates_for(moment(Quality.SYNCED), now_us) is Dates.SYSTEM
    assert dates_for(moment(Quality.RTC), now_us) is Dates.SYSTEM
    assert dates_for(moment(Quality.SYNCED), far_us) is Dates.BELIEVED
