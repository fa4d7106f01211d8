"""A center without HTTP: the real reception on a real store, with a clock the test sets."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sim_center_device import SimDevice, SimEpoch

from appliance.wire.keys import PublicKey
from appliance.wire.receipt import Receipt
from center import register
from center.answers import JOSE, Reply
from center.audit import DeviceAudit, audit_device
from center.keys import CenterKeys
from center.reception import Reception
from center.settings import Settings
from center.store.sqlite import SqliteStore

URL = "https://center.example"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class FixedClock:
    """A clock that stands until it is moved."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class Center:
    """One center in one folder; ``restart`` is what a power cut between two requests would be."""

    folder: Path
    keys: CenterKeys = field(default_factory=CenterKeys.generate)
    settings: Settings = field(default_factory=lambda: Settings(url=URL))
    clock: FixedClock = field(default_factory=FixedClock)

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self.store = SqliteStore.open(self.db, busy_s=0.2)
        self.reception = Reception(self.store, self.keys, self.settings, self.clock)

    @property
    def db(self) -> Path:
        return self.folder / "center.db"

    def restart(self) -> None:
        self.store.close()
        self._open()

    def claim(self, device: str = "BOX-1", site: str = "site-1", role: str = "office", days: int = 30) -> str:
        place = register.Place(device, site, role)
        with self.store.transaction():
            return str(register.make_claim(self.store, place, self.clock.now(), timedelta(days=days)))

    def enrolled(self, device: str = "BOX-1", site: str = "site-1", role: str = "office") -> SimDevice:
        """Return a box with a fresh key that this center knows."""
        box = SimDevice(device)
        reply = self.enrol(box, self.claim(device, site, role))
        assert reply.status == 201, reply.body
        return box

    def enrol(self, box: SimDevice, claim: str, url: str = URL) -> Reply:
        return self.reception.enrol(box.enrolment(url, claim).encode())

    def send(self, epoch: SimEpoch, first: int, last: int) -> Reply:
        return self.reception.take_batch(epoch.sealed(first, last))

    def receipt(self, reply: Reply) -> Receipt:
        """Return the receipt of a 200, or the one a gap or fork carries, verified as a box does."""
        token = reply.body.decode() if reply.media_type == JOSE else orjson.loads(reply.body)["receipt"]
        return Receipt.verify(token, self._own_key)

    def _own_key(self, kid: str, _payload: dict[str, Any]) -> PublicKey:
        assert kid == self.keys.receipts.kid
        return self.keys.receipts.public

    def held(self, epoch: SimEpoch) -> list[bytes]:
        """Return the stored lines."""
        return [line.line for line in self.store.lines(epoch.device, epoch.epoch)]

    def audit(self, device: str = "BOX-1") -> DeviceAudit:
        known = self.store.device(device)
        assert known is not None
        return audit_device(self.store, known)


def problem(reply: Reply) -> dict[str, Any]:
    """Return the problem document of an answer, checked for its common form."""
    assert reply.media_type == "application/problem+json", reply
    document: dict[str, Any] = orjson.loads(reply.body)
    assert document["status"] == reply.status
    assert document["detail"]
    return document


def kind(reply: Reply) -> str:
    """Return ``receipt``, or the problem's type without its prefix."""
    if reply.status == 200:
        assert reply.media_type == JOSE
        return "receipt"
    return str(problem(reply)["type"]).removeprefix("urn:motcua:")
