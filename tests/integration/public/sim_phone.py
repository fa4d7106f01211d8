"""An office with its door, and the strangers' app beside it on loopback, as two programs would be."""

import re
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
from sim_staff import TOML, SimStaff

from appliance.config import loads
from appliance.httpd.server import tcp_socket
from appliance.office.public_door import PublicDoor
from appliance.public.running import Places, PublicApp, Sockets

WAIT_S = 30.0


class SimPhone:
    """One office with phones; close it.

    Args:
        folder: an empty directory.
    """

    def __init__(self, folder: Path) -> None:
        self.stack = ExitStack()
        self.staff = SimStaff(folder)
        self.stack.callback(self.staff.close)
        self.link_dir = folder / "link"
        self.data = folder / "data"
        self.configure("")
        self.door = PublicDoor.open(self.staff.parts)
        self.stack.callback(self.close_door)
        self.app = PublicApp.open(
            Places(self.link_dir, folder / "gate"), Sockets(phones=(tcp_socket("127.0.0.1", 0),))
        )
        self.stack.callback(self.app.close)
        self.base = f"http://127.0.0.1:{self.app.ports[0]}"
        self._seconds = threading.Event()

    def configure(self, more: str) -> None:
        """Take other settings into use; the door is not told."""
        self.staff.settings = loads(f'{self.toml}\n{more}\n[public]\nlink_dir = "{self.link_dir}"\n')

    @property
    def toml(self) -> str:
        """The office's settings, with a data directory of its own."""
        return TOML.replace("[office]", f'[office]\ndata_dir = "{self.data}"', 1)

    def close_door(self) -> None:
        """Let the office go away, as far as phones can see."""
        self.door.close()

    def open_door(self) -> None:
        """Let it come back."""
        self.door = PublicDoor.open(self.staff.parts)

    def browser(self, source: str = "127.0.0.1", **more: Any) -> "Browser":
        """Return a browser that calls from a loopback address."""
        transport = httpx2.HTTPTransport(local_address=source)
        http = httpx2.Client(base_url=self.base, timeout=WAIT_S, transport=transport, trust_env=False, **more)
        self.stack.callback(http.close)
        return Browser(http)

    def ticket(self, service: str = "ho-tich") -> tuple[str, str]:
        """Take a number; return the ticket's key and its token."""
        key = self.staff.issue(service)
        return key, self.staff.parts.token_of(key)

    def served(self) -> tuple[str, str]:
        """Take a number and have it served at counter 1."""
        key, token = self.ticket()
        self.staff.open()
        assert self.staff.call() == key
        self.staff.ask(_start())
        self.staff.ask(_complete())
        return key, token

    def until(self, condition: Any) -> None:
        """Wait until something is so."""
        for _ in range(int(WAIT_S * 50)):
            if condition():
                return
            self._seconds.wait(0.02)
        raise AssertionError("it never happened")

    def close(self) -> None:
        """Take everything down."""
        self.stack.close()


class Browser:
    """A phone's browser without scripts.

    Args:
        http: its connection and cookies.
    """

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self.http.get(path, **more)

    def page(self, path: str) -> str:
        """Load a page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.text

    def fields(self, text: str) -> dict[str, str]:
        """Return the hidden fields of the first form in a page."""
        found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', text)[:2])
        assert set(found) == {"csrf", "request"}, text
        return found

    def submit(self, path: str, page: str, **fields: str) -> httpx2.Response:
        """Load ``page`` and post its first form to ``path``."""
        data = {**self.fields(self.page(page)), **fields}
        return self.http.post(path, data=data, headers={"sec-fetch-site": "same-origin"})


def _start() -> Any:
    from appliance.queueing import commands

    return commands.Start(counter="q1")


def _complete() -> Any:
    from appliance.queueing import commands

    return commands.Complete(counter="q1")
