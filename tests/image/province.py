"""The province of the image tests: a center behind TLS of its own, where machines find it."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tls_front import TlsFront

from appliance.httpd import tls
from appliance.wire.event import Event, check_line
from center.serve import CenterServer

HOST = "10.0.2.2"  # what a machine calls this computer's loopback (QEMU's user network)
CENTER_ID = "tinh-thu"
VISIT_S = 4


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
        self._stack = ExitStack()
        front = self._stack.enter_context(TlsFront(identity.context))
        self.url = f"https://{HOST}:{front.port}"
        self.db, self.keys = folder / "center.db", folder / "keys"
        self.center = CenterServer.start(
            self.db, self.keys, url=self.url, name=CENTER_ID, next_after_s=VISIT_S
        )
        self._stack.callback(self.center.stop)
        front.behind = f"http://127.0.0.1:{self.center.port}"

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
        self._stack.close()


def run(*words: str | Path, statuses: tuple[int, ...] = (0,)) -> str:
    """Run a command of ours that ends with one of these statuses; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)], check=False, capture_output=True, text=True
    )
    assert done.returncode in statuses, done.stderr + done.stdout
    return done.stdout


def audit(province: Province, device: str) -> str:
    """Return what the province's own audit says of a box, complete or not."""
    return run("center", "audit", "--db", province.db, "--device", device, statuses=(0, 1))


def _plain(event: Event) -> dict[str, Any]:
    return {"kind": event.kind, "seq": event.seq, "epoch": event.epoch, "data": event.data}
