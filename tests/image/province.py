"""The province of the image tests: a center behind TLS under a CA of its own, where machines find it."""

import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from appliance.wire.event import check_line
from center.serve import CenterServer

HOST = "10.0.2.2"  # what a machine calls this computer's loopback (QEMU's user network)
CENTER_ID = "tinh-thu"
VISIT_S = 4
_PIECE = 65536


class Province:
    """See the module; close it.

    Args:
        folder: made; holds the center's store, its keys and the CA.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.ca_file, context = _certificates(folder)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://{HOST}:{self._door.getsockname()[1]}"
        self.db, self.keys = folder / "center.db", folder / "keys"
        self.center = CenterServer.start(
            self.db, self.keys, url=self.url, name=CENTER_ID, next_after_s=VISIT_S
        )
        self._context = context
        threading.Thread(target=self._answer, daemon=True).start()

    @property
    def thumbprint(self) -> str:
        """Of the root key."""
        return self.center.keys.root_thumbprint

    def stored(self, device: str) -> dict[str, list[dict[str, Any]]]:
        """Return the events that the center holds of a box, by epoch, checked line by line."""
        found: dict[str, list[dict[str, Any]]] = {}
        for epoch in self.center.store.epochs(device):
            lines = self.center.store.lines(device, epoch.epoch, 1)
            found[epoch.epoch] = [_plain(check_line(line)) for line in lines]
        return found

    def close(self) -> None:
        """End it."""
        self._door.close()
        self.center.stop()

    def _answer(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError), plain:
            plain.settimeout(60)
            outside = self._context.wrap_socket(plain, server_side=True)
            with outside, socket.create_connection(("127.0.0.1", self.center.port)) as inside:
                threading.Thread(target=_pour, args=(inside, outside), daemon=True).start()
                _pour(outside, inside)


def audit(province: Province, device: str) -> str:
    """Return what the province's own audit says of a box."""
    command = ["motcua", "center", "audit", "--db", str(province.db), "--device", device]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def _plain(event: Any) -> dict[str, Any]:
    return {"kind": event.kind, "seq": event.seq, "epoch": event.epoch, "data": event.data}


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


def _certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return the file of a new CA, and a server's context with a certificate of it."""
    now, year = datetime.now(UTC), timedelta(days=365)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("CA of a province", HOST)]

    def build(subject: int, issuer: int) -> x509.CertificateBuilder:
        is_ca = subject == issuer
        signer, own = keys[issuer].public_key(), keys[subject].public_key()
        return (
            x509.CertificateBuilder(names[issuer], names[subject], own, x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + year)
            .add_extension(x509.BasicConstraints(is_ca, 0 if is_ca else None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        )

    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    ca = build(0, 0).add_extension(usage, critical=True).sign(keys[0], hashes.SHA256())
    own = build(1, 0).sign(keys[0], hashes.SHA256())
    ca_file, both = folder / "ca.pem", folder / "front.pem"
    ca_file.write_bytes(ca.public_bytes(Encoding.PEM))
    secret = keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both.write_bytes(secret + own.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return ca_file, context
