"""The portal is asked as a phone asks it, and believed as far as a phone would."""

import asyncio
import dataclasses
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from appliance.config.hotspot import Hotspot
from appliance.hotspot.policy.plan import planned
from appliance.hotspot.portal_check import portal_is_secure

NAME = "wifi.xa.example.vn"
GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/captive+json\r\n\r\n{"captive": true}'


def certificate(folder, name=NAME, days=30):
    """A certificate that is its own root, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "portal.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*plain))
    return path


def asked(path, answer, *, is_trusted=True, has_certificate=True):
    """Whether a portal that answers so is taken for secure."""
    plan = planned(Hotspot(portal_name=NAME), 8081)
    plan = dataclasses.replace(
        plan, gateway4=ipaddress.IPv4Address("127.0.0.1"), has_certificate=has_certificate
    )

    async def scene():
        async def meet(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()

        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(path)
        server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=serving)
        roots = ssl.create_default_context(cafile=str(path) if is_trusted else None)
        found = await portal_is_secure(plan, roots, server.sockets[0].getsockname()[1])
        server.close()
        await asyncio.sleep(0.05)
        return found

    return asyncio.run(scene())


def test_a_portal_that_a_phone_accepts_is_announced(tmp_path):
    assert asked(certificate(tmp_path), GOOD)


@pytest.mark.parametrize(
    "answer",
    [
        GOOD.replace(b"200 OK", b"302 Found"),
        GOOD.replace(b"captive+json", b"json"),
        GOOD.replace(b'{"captive": true}', b"<html>"),
        GOOD.replace(b"true", b'"yes"'),
        b"",
    ],
    ids=["redirect", "type", "html", "no boolean", "nothing"],
)
def test_another_answer_is_none(tmp_path, answer):
    assert not asked(certificate(tmp_path), answer)


def test_another_name_is_none(tmp_path):
    assert not asked(certificate(tmp_path, "other.example.vn"), GOOD)


def test_a_certificate_that_is_over_is_none(tmp_path):
    assert not asked(certificate(tmp_path, days=-1), GOOD)


def test_a_root_that_nobody_knows_is_none(tmp_path):
    assert not asked(certificate(tmp_path), GOOD, is_trusted=False)


def test_without_a_certificate_nobody_is_asked(tmp_path):
    assert not asked(certificate(tmp_path), GOOD, has_certificate=False)
