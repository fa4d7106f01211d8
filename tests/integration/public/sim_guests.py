"""Guests of the public WiFi: the strangers' app with its three doors, a gate, and what the office put up."""

import ipaddress
import socket
import ssl
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from memory_office import KNOWN
from sim_guest_gate import NAME, PORTAL, SimGate

from appliance.httpd.server import tcp_socket
from appliance.public.running import Places, PublicApp, Sockets
from appliance.sockets.known import FILE
from appliance.sockets.portal import Portal

WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the line."""

    status: int
    headers: dict[str, str]
    body: bytes


class SimGuests:
    """See the module; close it.

    Args:
        folder: an empty directory.
        host: where the portal listens.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        self.stack = ExitStack()
        self.link, gate = folder / "link", folder / "gate"
        self.link.mkdir(parents=True)
        self.put_up(PORTAL)
        self.gate = SimGate(gate)
        self.stack.callback(self.gate.close)
        sockets = Sockets(*((tcp_socket(host, 0),) for _ in range(3)))
        self.app = PublicApp.open(Places(self.link, gate), sockets)
        self.stack.callback(self.app.close)
        self.tickets, self.port, self.tls_port = self.app.ports
        self.host = host

    def close(self) -> None:
        self.stack.close()

    def put_up(self, portal: Portal | None) -> None:
        """Let the office say something else of the portal."""
        fresh = self.link / f"{FILE}.new"
        fresh.write_bytes(KNOWN.model_copy(update={"portal": portal}).line())
        fresh.replace(self.link / FILE)

    def ask(
        self, host: str, path: str, source: str = "127.0.6.1", method: str = "GET", more: bytes = b""
    ) -> Answer:
        """Send one request as a device at an address does, and read to the end."""
        with socket.create_connection((self.host, self.port), WAIT_S, source_address=(source, 0)) as line:
            head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n".encode()
            line.sendall(head + more + b"\r\n")
            return answer_of(line)

    def tls(self, roots: Path, name: str = NAME) -> ssl.SSLSocket:
        """Return a line over TLS that trusts a root."""
        context = ssl.create_default_context(cafile=str(roots))
        line = socket.create_connection((self.host, self.tls_port), WAIT_S)
        return context.wrap_socket(line, server_hostname=name)

    def until(self, condition) -> None:
        seconds = threading.Event()
        for _ in range(int(WAIT_S * 50)):
            if condition():
                return
            seconds.wait(0.02)
        raise AssertionError("it never happened")


def answer_of(line: socket.socket) -> Answer:
    said = b""
    while data := line.recv(65_536):
        said += data
    head, _, body = said.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
    return Answer(int(first.split()[1]), headers, body)


def identity(path: Path, name: str = NAME, days: int = 30) -> Path:
    """Write a certificate that is its own root, and its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*plain))
    fresh.replace(path)
    return path


LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
