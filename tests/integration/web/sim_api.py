"""The office's API on a real Unix socket, over a real desk."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from sim_desk import WAIT_S, SimBox
from starlette.testclient import TestClient

from appliance.desk.state import State
from appliance.httpd.server import HttpServer, Listener
from appliance.queueing.snapshot import snapshot
from appliance.unix import unix_socket
from appliance.web.api import Views
from appliance.web.local import create_app
from appliance.wire.moment import Now


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event."""

    kind: str
    id: str
    data: dict[str, Any]

    @property
    def seq(self) -> int:
        return int(self.id.partition(":")[2])


def serve(app: FastAPI, path: Path, mode: int = 0o660) -> HttpServer:
    """Serve an app on a Unix socket, as the office does."""
    return HttpServer.open([Listener(app, unix_socket(path, mode), unlink=path)])


def client_at(path: Path) -> httpx2.Client:
    """Return a client of the API at a socket."""
    transport = httpx2.HTTPTransport(uds=str(path))
    return httpx2.Client(transport=transport, base_url="http://office", timeout=WAIT_S)


class SimApi:
    """A box whose API is served.

    Args:
        folder: for its data.
        path: of the socket.
        is_served: whether to open the socket; if not, the client speaks with the app directly.
    """

    def __init__(self, folder: Path, path: Path, *, is_served: bool = True) -> None:
        self.box = SimBox(folder)
        self.path = path
        self.delivered = 0
        self.box.start()
        self.app = create_app(self.box.desk, Views(self.snapshot, lambda: {"issues": []}, self._deliver))
        self._server = serve(self.app, path) if is_served else None
        self.client = self.new_client()

    def new_client(self) -> httpx2.Client:
        """Return a client of its own, with its own connections."""
        if self._server is None:
            return TestClient(self.app, base_url="http://office")
        return client_at(self.path)

    def snapshot(self, state: State) -> dict[str, Any]:
        moment = self.box.clock.now()
        now = Now(moment, state.timeline.at(moment.boot, moment.up_ms))
        return {
            **snapshot(state.hall, now, self.box.rules.hall),
            "epoch": state.epoch,
            "seq": state.seq,
        }

    def post(self, path: str, **body: object) -> httpx2.Response:
        """Post a JSON body."""
        return self.client.post(f"/v1/{path}", json=body)

    def done(self, path: str, **body: object) -> dict[str, Any]:
        """Post a JSON body that must be taken; return the answer."""
        response = self.post(path, **body)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert isinstance(answer, dict)
        return answer

    @contextmanager
    def listening(self) -> Iterator[Iterator[Message]]:
        """Connect to the stream of events."""
        with self.new_client() as client, client.stream("GET", "/v1/events") as response:
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield messages(response.iter_lines())

    def close(self) -> None:
        self.client.close()
        if self._server is not None:
            self._server.close()
        self.box.stop()

    def _deliver(self) -> None:
        self.delivered += 1


def messages(lines: Iterator[str]) -> Iterator[Message]:
    """Parse the event stream format, as browsers do."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields:
                yield Message(fields.get("event", ""), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}
            continue
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")


def until(condition: Callable[[], bool]) -> None:
    """Wait until something outside of our reach has happened."""
    pause = threading.Event()
    for _ in range(int(WAIT_S * 100)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never happened")
