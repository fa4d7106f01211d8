"""The box's own certificate: made once, shown by its fingerprint, kept until somebody removes it.

Nobody vouches for it; staff compare the fingerprint with the one on the box's own screen, once for each
browser. So it must not change by itself: its dates span what the box may live, whatever its clock says.
"""

import ipaddress
import os
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CERTIFICATE = "web-certificate.pem"
KEY = "web-key.pem"
FROM = datetime(2025, 1, 1, tzinfo=UTC)
UNTIL = datetime(2050, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a server proves itself with.

    Args:
        context: for the listener.
        fingerprint: SHA-256 of the certificate, ``AB:CD:…``.
    """

    context: ssl.SSLContext
    fingerprint: str


def from_files(certificate: Path, key: Path) -> Identity:
    """Return the identity in two PEM files.

    Raises:
        OSError: they cannot be read (ssl.SSLError: they do not belong together).
        ValueError: the certificate is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    return Identity(context, leaf.fingerprint(hashes.SHA256()).hex(":").upper())


def own(folder: Path, name: str, names: Collection[str], addresses: Collection[str]) -> Identity:
    """Return the box's own identity, made now if there is none that can be used.

    Args:
        folder: where it is kept.
        name: whose it is.
        names: host names that the certificate is good for.
        addresses: the same, addresses.

    Raises:
        OSError: it can be neither read nor written.
    """
    certificate, key = folder / CERTIFICATE, folder / KEY
    try:
        return from_files(certificate, key)
    except (OSError, ValueError, InvalidSignature, UnsupportedAlgorithm):
        _make(certificate, key, name, names, addresses)
    return from_files(certificate, key)


def _make(
    certificate: Path, key: Path, name: str, names: Collection[str], addresses: Collection[str]
) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternatives: list[x509.GeneralName] = [x509.DNSName(each) for each in ("localhost", *names)]
    alternatives += [x509.IPAddress(ipaddress.ip_address(each)) for each in ("127.0.0.1", "::1", *addresses)]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    _write(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        0o600,
    )
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:  # noqa: PTH123 - with a mode
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
