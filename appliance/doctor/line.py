"""The line to the center, step by step: the name, the port, the certificate."""

import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from appliance.uplink.tls import Dates, check_dates, client_context, dates_for
from appliance.wire.moment import Moment

LOOKUP_S = 8.0
CONNECT_S = 5.0
TLS_S = 10.0


@dataclass(frozen=True, slots=True)
class Line:
    """How far it goes; a step after one that failed was not tried.

    Args:
        host: the center's.
        port: the center's.
        lookup_error: why the name has no address, or None.
        connect_error: why none of the addresses takes a connection, or None.
        is_tls: whether a certificate is asked for at all.
        tls_error: why the certificate is not believed, or None.
        expires_at: until when the certificate is good.
        dates: who could check its dates.
    """

    host: str
    port: int
    lookup_error: str | None = None
    connect_error: str | None = None
    is_tls: bool = True
    tls_error: str | None = None
    expires_at: datetime | None = None
    dates: Dates = Dates.NONE


def look(url: str, moment: Moment, system_us: int, ca_file: Path | None = None) -> Line:
    """Try the line to a center; blocks for half a minute at most, and sends nothing.

    Args:
        url: of the center.
        moment: the believed time.
        system_us: the system's wall clock, microseconds since 1970 UTC.
        ca_file: PEM certificates to trust instead of the system's.
    """
    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_tls else 80)
    addresses = _addresses(host, port)
    if isinstance(addresses, str):
        return Line(host, port, lookup_error=addresses, is_tls=is_tls)
    connected = _connected(addresses)
    if isinstance(connected, str):
        return Line(host, port, connect_error=connected, is_tls=is_tls)
    with connected:
        if not is_tls:
            return Line(host, port, is_tls=False)
        return _shaken(Line(host, port, dates=dates_for(moment, system_us)), connected, moment, ca_file)


def _addresses(host: str, port: int) -> list[tuple[str, int]] | str:
    """Return the addresses of a name, or why there are none; the resolver itself knows no time-out."""
    answer: list[list[tuple[str, int]] | str] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answer.append(str(getattr(error, "strerror", None) or error))
        else:
            answer.append([(str(entry[4][0]), port) for entry in found])

    thread = threading.Thread(target=ask, name="lookup", daemon=True)
    thread.start()
    thread.join(LOOKUP_S)
    return answer[0] if answer else f"no answer within {LOOKUP_S:.0f} s"


def _connected(addresses: list[tuple[str, int]]) -> socket.socket | str:
    reason = "no address"
    for address in addresses[:4]:
        try:
            return socket.create_connection(address, CONNECT_S)
        except OSError as error:
            reason = error.strerror or str(error)
    return reason


def _shaken(line: Line, connected: socket.socket, moment: Moment, ca_file: Path | None) -> Line:
    known = (line.host, line.port)
    try:
        connected.settimeout(TLS_S)
        context = client_context(line.dates, ca_file)
        with context.wrap_socket(connected, server_hostname=line.host) as secure:
            certificate = dict(secure.getpeercert() or {})
            if line.dates is Dates.BELIEVED:
                check_dates(certificate, moment.at)
    except ssl.SSLCertVerificationError as error:
        # Python gives its own errors this attribute, ours has none.
        reason = getattr(error, "verify_message", None) or str(error.args[0])
        return Line(*known, tls_error=reason, dates=line.dates)
    except OSError as error:
        return Line(*known, tls_error=error.strerror or str(error), dates=line.dates)
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return Line(*known, expires_at=datetime.fromtimestamp(ends, UTC), dates=line.dates)
