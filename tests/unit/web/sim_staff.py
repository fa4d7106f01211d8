"""The staff app over a real desk, real accounts and real figures; callers of every kind."""

import re
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from sim_desk import SimBox
from starlette.testclient import TestClient

from appliance.accounts.accounts import Accounts
from appliance.accounts.passwords import Argon2Hasher
from appliance.accounts.person import Person, Role
from appliance.config import Settings, loads
from appliance.desk.commands import ApplyRules
from appliance.desk.rules import Rules
from appliance.desk.state import State
from appliance.feedback.rating import Press
from appliance.office.configuration import OfficeConfiguration
from appliance.office.figures import DayFigures
from appliance.office.rules import hall_rules, rating_rules
from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.queueing import commands as queueing
from appliance.queueing.snapshot import snapshot
from appliance.setup_notice import SetupNotice
from appliance.web.api import Views
from appliance.web.live import Hub
from appliance.web.parts import Box, Parts, Secrets
from appliance.web.staff import bounded, create_inner_app
from appliance.web.wifi import Link, Wifi
from appliance.wire.event import Draft

TOML = """\
[office]
name = "Xã Mường Tè"
name_en = "Muong Te Commune"
device = "muong-te-01"
site = "muong-te"
[uplink]
center = "https://motcua.example.vn"
center_id = "tinh"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[hall.hours]
sat = "07:30-11:30"
[[services]]
id = "ho-tich"
name = "Hộ tịch – Chứng thực"
name_en = "Civil status"
prefix = "A"
[[services]]
id = "dat-dai"
name = "Đất đai – Xây dựng"
name_en = "Land"
prefix = "B"
[[services]]
id = "bao-tro"
name = "Bảo trợ xã hội"
prefix = "C"
[[services]]
id = "tra-ket-qua"
name = "Trả kết quả"
prefix = "E"
[[counters]]
id = "q1"
name = "Quầy 1"
name_en = "Counter 1"
services = ["ho-tich", "tra-ket-qua"]
[[counters]]
id = "q2"
name = "Quầy 2"
services = ["dat-dai", "ho-tich"]
[[counters]]
id = "q3"
name = "Quầy 3"
services = ["bao-tro"]
[[ratings.reasons]]
key = "cho-lau"
label = "Chờ lâu"
label_en = "Long wait"
[[ratings.reasons]]
key = "thai-do"
label = "Thái độ phục vụ"
[hardware]
board = "none"
pin_factory = "none"
"""
PASSWORD = "Nui-cao-rung-xanh-7"  # noqa: S105 - of nobody
LAN = ("192.168.1.50", 40_000)
OWN_SCREEN = ("127.0.0.1", 40_000)
PEOPLE = {"officer": "lan", "supervisor": "minh", "technician": "tuan"}
BASE = "https://192.168.1.2"

_ASSETS = Assets.open()
_RENDERER = Renderer.open(_ASSETS)


class SimRunning:
    """Goes on under other settings as the office does.

    Args:
        staff: whose they are.
        folder: the data directory.
    """

    def __init__(self, staff: "SimStaff", folder: Path) -> None:
        self._staff = staff
        self.folder = folder
        self.desk = staff.box.desk
        self.clock = staff.box.clock

    @property
    def settings(self) -> Settings:
        return self._staff.settings

    def apply(self, settings: Settings, source: bytes, officer: str | None) -> None:  # noqa: ARG002 - the port
        rules = Rules(hall_rules(settings), rating_rules(settings))
        draft = Draft("config.applied", {"sha256": settings.sha256, "keys": []})
        self._staff.box.time.advance(1_000)
        self._staff.box.desk.ask(ApplyRules(rules, draft))
        self._staff.settings = settings


class SimStaff:
    """One office's staff app; close it.

    Args:
        folder: an empty directory.
        more: of office.toml.
        wifi: the gate of the public WiFi.
        links: the box's network interfaces; none where that is not known.
    """

    def __init__(
        self, folder: Path, more: str = "", wifi: Wifi | None = None, links: tuple[Link, ...] = ()
    ) -> None:
        self.settings = loads(TOML + more)
        self.rules = Rules(hall_rules(self.settings), rating_rules(self.settings))
        self.box = SimBox(folder, rules=self.rules)
        self.box.start()
        self.stack = ExitStack()
        self.stack.callback(self.box.stop)
        data = folder / "staff"
        data.mkdir()
        hasher = Argon2Hasher(memory_kib=8, passes=1)
        self.accounts = self.stack.enter_context(Accounts.open(data, self.box.clock, hasher=hasher))
        figures = DayFigures.open(self.box.folder, self.box.desk.listen)
        self.stack.callback(figures.close)
        self.hub = Hub(lambda: self.box.desk.state)
        self.stack.callback(self.box.desk.listen(self.hub.on_commit))
        self.file = folder / "office.toml"
        self.file.write_text(TOML + more, encoding="utf-8")
        self.configuration = OfficeConfiguration(self.file, SimRunning(self, data))
        self.health: dict[str, Any] = {"issues": [], "faults": [], "uplink": {}, "addresses": []}
        self.delivered = 0
        self.parts = Parts(
            desk=self.box.desk,
            views=Views(self.hall, lambda: self.health, self._deliver, setup=partial(SetupNotice.read, data)),
            accounts=self.accounts,
            clock=self.box.clock,
            settings=lambda: self.settings,
            configuration=self.configuration,
            figures=figures,
            bench=None,
            box=lambda: Box(("192.168.1.2",), (BASE,), "AB:CD", "http://10.77.0.1"),
            secrets=Secrets(b"f" * 32, b"t" * 32),
            renderer=_RENDERER,
            assets=_ASSETS,
            hub=self.hub,
            folder=data,
            wifi=wifi,
            links=lambda: links,
        )
        self.app = create_inner_app(self.parts)
        self.setup_code = self.accounts.set_setup_code()
        first = self.accounts.create_first(self.setup_code, "test", "tuan", "Tuấn", PASSWORD)
        self.people: dict[str, Person] = {"technician": first}
        for role in (Role.SUPERVISOR, Role.OFFICER):
            name = PEOPLE[role.value]
            self.people[role.value] = self.accounts.create(first, name, name.capitalize(), role, PASSWORD)

    def hall(self, state: State) -> dict[str, Any]:
        """Return the hall's snapshot."""
        return {
            **snapshot(state.hall, self.parts.now(state), self.box.desk.rules.hall),
            "epoch": state.epoch,
            "seq": state.seq,
        }

    def client(self, who: str = "nobody", purpose: str = "kiosk") -> "Caller":
        """Return a caller: nobody, screen (paired for ``purpose``), box (the own screen) or a role."""
        place = OWN_SCREEN if who == "box" else LAN
        http = TestClient(
            bounded(self.app), base_url=BASE, client=place, follow_redirects=False,
            raise_server_exceptions=True,
        )  # fmt: skip
        self.stack.callback(http.close)
        if who in PEOPLE:
            session = self.accounts.sign_in(PEOPLE[who], PASSWORD, LAN[0])
            http.cookies.set("__Host-motcua", session.token)
        elif who == "screen":
            token = self.accounts.pair_screen(self.people["technician"], purpose)
            http.cookies.set("__Host-motcua", token)
        return Caller(http)

    # --- what happens in the hall

    def ask(self, command: Any, wait_ms: int = 1_000) -> dict[str, Any]:
        """Let time pass, then put a command to the desk."""
        self.box.time.advance(wait_ms)
        return self.box.desk.ask(command).result

    def issue(self, service: str = "ho-tich", **more: str) -> str:
        """Take a number; return the ticket's key."""
        return str(self.ask(queueing.IssueTicket(service=service, **more))["ticket"])

    def open(self, counter: str = "q1", officer: str = "lan") -> None:
        """Open a counter."""
        self.ask(queueing.OpenCounter(counter=counter, officer=officer))

    def call(self, counter: str = "q1") -> str:
        """Call the next one; return the ticket's key."""
        return str(self.ask(queueing.CallNext(counter=counter), wait_ms=50_000)["ticket"])

    def rate(self, counter: str = "q1", level: int = 3) -> None:
        """Press a button."""
        self.ask(Press(counter, level, "gpio"), wait_ms=21_000)

    def close(self) -> None:
        """Take everything down."""
        self.stack.close()

    def _deliver(self) -> None:
        self.delivered += 1


class Caller:
    """A browser or a program: cookies, and the form token of the last page it loaded.

    Args:
        http: its connection.
    """

    def __init__(self, http: TestClient) -> None:
        self.http = http

    def get(self, path: str, **more: Any) -> Any:
        """Load a page as a browser does."""
        return self.http.get(path, headers={"accept": "text/html"}, **more)

    def page(self, path: str, **more: Any) -> str:
        """Load a page that must be there; return its text."""
        response = self.get(path, **more)
        assert response.status_code == 200, (response.status_code, response.text)
        return str(response.text)

    def token(self, path: str = "/sign-in") -> str:
        """Return the form token in a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found is not None, path
        return found[1]

    def submit(self, path: str, page: str = "/sign-in", **fields: str) -> Any:
        """Load ``page`` and post a form with its token to ``path``, as a browser does."""
        data = {"csrf": self.token(page), **fields}
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
        return self.http.post(path, data=data, headers=headers)

    def post(self, path: str, page: str = "/sign-in", **body: object) -> Any:
        """Post JSON with a form token, as a page's script does."""
        return self.http.post(path, json=body, headers={"x-csrf-token": self.token(page)})
