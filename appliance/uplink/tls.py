"""TLS on a box whose clock may be wrong: chain and name are always checked, dates by what the box believes.

OpenSSL compares dates with the system's clock, which nobody may have set although an officer or a receipt
told the box the time. With a trusted time near the system's, OpenSSL checks the whole chain; with one far off
we check the server's certificate against the time we believe; with an untrusted time nobody checks dates
(``docs/wire.md``, Sending: authenticity rests on the signatures).
"""

import ssl
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any

from appliance.uplink.errors import CaFileError
from appliance.wire.moment import Moment

NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL 1.1 and later (x509_vfy.h); Python's ssl has no name for it."""
NEAR_US = 86_400 * 1_000_000


class Dates(Enum):
    """Who checks the dates of certificates."""

    SYSTEM = auto()
    """OpenSSL, against the system's clock."""
    BELIEVED = auto()
    """We, against the believed time: the server's own certificate only."""
    NONE = auto()
    """Nobody: the time is a guess."""


def dates_for(moment: Moment, system_us: int) -> Dates:
    """Return who checks dates now.

    Args:
        moment: the believed time.
        system_us: the system's wall clock, microseconds since 1970 UTC.
    """
    if not moment.trusted:
        return Dates.NONE
    return Dates.SYSTEM if abs(moment.at_us - system_us) < NEAR_US else Dates.BELIEVED


def client_context(dates: Dates, ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that checks chain and name, and dates when OpenSSL shall.

    Args:
        dates: who checks dates.
        ca_file: PEM certificates to trust instead of the system's.

    Raises:
        CaFileError: the file cannot be read or holds no certificate.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        reasons = ("it holds no certificate in PEM form", "tệp không có chứng thư dạng PEM")
        raise CaFileError(path=ca_file, reason=reasons[0], reason_vi=reasons[1]) from error
    except OSError as error:
        said = error.strerror or str(error)
        raise CaFileError(path=ca_file, reason=said, reason_vi=said) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if dates is not Dates.SYSTEM:
        context.verify_flags |= ssl.VerifyFlags(NO_CHECK_TIME)
    return context


def ca_file_error(ca_file: Path | None) -> CaFileError | None:
    """Return why the center's certificates could not be checked against a file; None when they can."""
    if ca_file is None:
        return None
    try:
        client_context(Dates.SYSTEM, ca_file)
    except CaFileError as error:
        return error
    return None


class CertificateDatesError(ssl.SSLCertVerificationError):
    """Error raised when the server's certificate is not valid at the believed time."""


def check_dates(certificate: dict[str, Any], at: datetime) -> None:
    """Check the server's certificate against the believed time.

    Args:
        certificate: as ``SSLSocket.getpeercert()`` returns it.
        at: the believed time, aware.

    Raises:
        CertificateDatesError: it is not valid yet, or no longer.
    """
    begins, ends = (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate[name]), UTC)
        for name in ("notBefore", "notAfter")
    )
    if not begins <= at <= ends:
        raise CertificateDatesError(f"certificate is valid from {begins} to {ends}, it is {at}")
