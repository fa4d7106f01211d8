"""A center that stays and an office that comes and goes, in one process, on scripted time."""

import shutil
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from appliance.clock import ScriptedTime
from appliance.config import loads
from appliance.journal.audit import audit
from appliance.journal.source import sources
from appliance.office.enrolment import CLAIM
from appliance.office.root import Office, Surroundings
from appliance.wire.enrolment import Claim
from center.audit import audit_device
from center.register import Place, make_claim
from center.serve import CenterServer
from provisioning.demo.scene import ScriptedCenterClock

DEVICE = "xa-muong-te-1"
MORNING_US = 1_795_396_800_000_000  # Monday, 08:20 in Hanoi

TOML = """\
[office]
name = "Xã Mường Tè"
device = "{device}"
site = "muong-te"
data_dir = "{data}"
[uplink]
center = "{center}"
center_id = "center"
root_key_thumbprint = "{thumbprint}"
interval_s = 3600
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[services]]
id = "dat-dai"
name = "Đất đai"
prefix = "B"
[[counters]]
id = "quay-1"
name = "Quầy 1"
services = ["ho-tich", "dat-dai"]
[hardware]
board = "none"
pin_factory = "none"
[api]
socket = "{socket}"
[web]
listen = "off"
[public]
listen = "off"
"""


class World:
    """One province, one box; every acknowledged answer is remembered.

    Args:
        folder: an empty directory.
        time: the machine; a new one without it.
    """

    def __init__(self, folder: Path, time: ScriptedTime | None = None) -> None:
        self.stack = ExitStack()
        self.time = time or ScriptedTime(MORNING_US)
        self.run = Path(tempfile.mkdtemp(prefix="motcua-"))
        self.stack.callback(shutil.rmtree, self.run, ignore_errors=True)
        self.folder = folder / "box"
        self.folder.mkdir(parents=True)
        self.center = CenterServer.start(
            folder / "center.db", folder / "keys", clock=ScriptedCenterClock(self.time), next_after_s=3600
        )
        self.stack.callback(self.center.stop)
        self.claim(self.folder)
        self.office: Office | None = None
        self.offices: list[Office] = []
        self.stack.callback(self.close_office)

    def claim(self, folder: Path) -> None:
        """Make a claim for this device and leave it in a box's folder."""
        (folder / CLAIM).write_text(f"{self.make_claim()}\n", encoding="ascii")

    def make_claim(self) -> Claim:
        """Make a claim for this device."""
        with self.center.store.transaction():
            now = ScriptedCenterClock(self.time).now()
            return make_claim(self.center.store, Place(DEVICE, "muong-te", "office"), now, timedelta(days=9))

    def open_office(self, folder: Path | None = None, *, stick: Path | None = None) -> Office:
        """Open an office on a data directory, with a backup stick or without."""
        folder = folder or self.folder
        text = TOML.format(
            device=DEVICE,
            data=folder,
            center=self.center.url,
            thumbprint=self.center.keys.root_thumbprint,
            socket=self.run / f"{folder.name}.sock",
        )
        if stick is not None:
            text += f'[backup]\ndir = "{stick}"\nmounted = false\n'
        self.office = Office.open(
            loads(text), text.encode(), Surroundings(system=self.time, deliver_every_s=3600)
        )
        self.offices.append(self.office)
        return self.office

    def close_office(self) -> None:
        """Close whatever is open."""
        for office in self.offices:
            office.close()

    def crash_office(self) -> None:
        """Close without the orderly mark; files stay as they are."""
        self.close_office()
        (self.folder / "stopped").unlink(missing_ok=True)

    def ask(self, command, office: Office | None = None):
        """Ask and let a second pass."""
        self.time.advance(1000)
        return (office or self.office).desk.ask(command)

    def deliver(self, office: Office | None = None, *, timeout_s: float = 30.0) -> None:
        """Deliver until nothing is left."""
        office = office or self.office
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            outcome = office.uplink.deliver_now().result(timeout_s)
            if outcome.error is None and office.uplink.status().unreceipted == 0 and not self._forked(office):
                return
        msg = f"not delivered: {office.uplink.status()}"
        raise AssertionError(msg)

    def _forked(self, office: Office) -> bool:
        from appliance.journal.aside import asides

        return any(aside.forked for aside in asides(office.folder))

    def kept(self, folder: Path | None = None) -> dict[str, list[bytes]]:
        """Return the deliverable lines of every epoch of a box."""
        return {source.epoch: list(source.all_lines()) for source in sources(folder or self.folder)}

    def held(self) -> dict[str, list[bytes]]:
        """Return the lines the center holds, by epoch."""
        store = self.center.store
        return {
            epoch.epoch: [each.line for each in store.lines(DEVICE, epoch.epoch)]
            for epoch in store.epochs(DEVICE)
        }

    def verdict(self):
        """Return the center's audit of this device."""
        store = self.center.store
        return audit_device(store, store.device(DEVICE))

    def own_audit(self):
        """Return the box's own audit."""
        return audit(self.folder)

    def close(self) -> None:
        self.stack.close()
