"""The province of the image tests: a center behind TLS of its own, where machines find it."""

import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from appliance.httpd import tls
from appliance.wire.event import Event, check_line
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
        # A self-made certificate, as a province has that asked nobody: it is its own authority.
        identity = tls.own(folder, "a province", (), (HOST,))
        self.ca_file = folder / tls.CERTIFICATE
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://{HOST}:{self._door.getsockname()[1]}"
        self.db, self.keys = folder / "center.db", folder / "keys"
        self.center = CenterServer.start(
            self.db, self.keys, url=self.url, name=CENTER_ID, next_after_s=VISIT_S
        )
        self._context = identity.context
        threading.Thread(target=self._answer, daemon=True).start()

    @property
    def thumbprint(self) -> str:
        """Of the root key."""
        return self.center.keys.root_thumbprint

    def stored(self, device: str) -> dict[str, list[dict[str, Any]]]:
        """Return the events that the center holds of a box, by epoch, checked line by line."""
        found: dict[str, list[dict[str, Any]]] = {}
        for epoch in self.center.store.epochs(device):
            lines = self.center.store.lines(device, epoch.epoch)
            found[epoch.epoch] = [_plain(check_line(each.line)) for each in lines]
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


def _plain(event: Event) -> dict[str, Any]:
    return {"kind": event.kind, "seq": event.seq, "epoch": event.epoch, "data": event.data}


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
