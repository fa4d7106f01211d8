"""A center that really listens, and a client of it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sim_center_device import SimDevice, SimEpoch

from appliance.wire.batch import CONTENT_TYPE, content_digest
from center.serve import CenterServer

BATCHES, EVIDENCE, ENROLMENTS, HEALTH = (
    f"/v1/{name}" for name in ("batches", "evidence", "enrolments", "health")
)


@dataclass
class Running:
    """The server and one HTTP client."""

    server: CenterServer
    http: httpx2.Client

    @classmethod
    @contextmanager
    def start(cls, folder: Path, **settings: Any) -> Iterator["Running"]:
        with (
            CenterServer.start(folder / "center.db", folder / "keys", **settings) as server,
            httpx2.Client(base_url=server.url, timeout=30) as http,
        ):
            yield cls(server, http)

    def enrolled(self, device: str = "BOX-1", site: str = "site-1") -> SimDevice:
        box = SimDevice(device)
        claim = self.server.make_claim(device, site, "office")
        assert self.http.post(ENROLMENTS, content=box.enrolment(self.server.url, claim)).status_code == 201
        return box

    def post(self, path: str, content: bytes, **changes: str | None) -> httpx2.Response:
        """Post as a box does; a header given as None is left out."""
        headers = {
            "content-type": CONTENT_TYPE,
            "content-encoding": "gzip",
            "content-digest": content_digest(content),
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }
        sent = {name: value for name, value in headers.items() if value is not None}
        return self.http.post(path, content=content, headers=sent)

    def send(self, epoch: SimEpoch, first: int, last: int) -> httpx2.Response:
        return self.post(BATCHES, epoch.sealed(first, last))

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=30)

    def held(self, epoch: SimEpoch) -> list[bytes]:
        return [line.line for line in self.server.store.lines(epoch.device, epoch.epoch)]
