"""A whole house for browsers: the province, the office as a process, the strangers' app as another.

The gate of the public WiFi only says what a gate says. The office can be killed and started again while
browsers look at it.
"""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from appliance.accounts.accounts import Accounts
from appliance.accounts.passwords import Argon2Hasher
from appliance.accounts.person import Role
from appliance.clock import BelievedClock, KernelTime
from appliance.config import loads
from appliance.journal.source import sources
from appliance.queueing.tokens import token_of
from appliance.wire.event import check_line
from center.register import Place, make_claim
from center.serve import CenterServer
from hardware.boards.loader import load_board
from hardware.emulators.pins_socket import PinsClient

sys.path.append(str(Path(__file__).parents[1] / "unit" / "office_gate"))

from sim_gate import SimGate

WAIT_S = 60.0
DEVICE, SITE = "muong-te-01", "muong-te"
PASSWORD = "Nui-cao-rung-xanh-7"  # noqa: S105 - of nobody
PEOPLE = {"lan": ("Lò Thị Lan", Role.OFFICER), "minh": ("Vàng A Minh", Role.SUPERVISOR)}
TECHNICIAN = ("tuan", "Phạm Tuấn")
# Below what Linux gives to connections going out (net.ipv4.ip_local_port_range).
_PORTS = itertools.count(10_000 + os.getpid() % 200 * 100)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

TOML = """\
[office]
name = "Trung tâm Phục vụ hành chính công xã Mường Tè"
name_en = "Muong Te Commune Public Service Center"
device = "{device}"
site = "{site}"
data_dir = "{data}"
[uplink]
center = "{center}"
center_id = "center"
root_key_thumbprint = "{thumbprint}"
interval_s = 30
jitter_s = 0
[hall]
max_waiting = 5000
[hall.hours]
{hours}
[[services]]
id = "ho-tich"
name = "Hộ tịch – Chứng thực"
name_en = "Civil status and certification"
prefix = "A"
[[services]]
id = "dat-dai"
name = "Đất đai – Xây dựng"
name_en = "Land and construction"
prefix = "B"
[[services]]
id = "bao-tro"
name = "Bảo trợ xã hội – Người có công"
name_en = "Social protection and people with merit"
prefix = "C"
[[services]]
id = "cu-tru"
name = "Cư trú – Căn cước"
name_en = "Residence and identity cards"
prefix = "D"
[[services]]
id = "tra-ket-qua"
name = "Trả kết quả"
name_en = "Collection of results"
prefix = "E"
stage = "return"
[[counters]]
id = "quay-1"
name = "Quầy 1"
name_en = "Counter 1"
services = ["ho-tich", "tra-ket-qua"]
rating_buttons = 1
[[counters]]
id = "quay-2"
name = "Quầy 2"
name_en = "Counter 2"
services = ["dat-dai", "ho-tich"]
rating_buttons = 2
[[counters]]
id = "quay-3"
name = "Quầy 3"
name_en = "Counter 3"
services = ["bao-tro", "cu-tru"]
[[ratings.reasons]]
key = "cho-lau"
label = "Chờ lâu"
label_en = "Long wait"
[[ratings.reasons]]
key = "thai-do"
label = "Thái độ phục vụ"
label_en = "Attitude"
[hardware]
board = "pi4"
pin_factory = "mock"
pins_socket = "{run}/pins.sock"
[hardware.issue_buttons]
"issue.1" = "ho-tich"
"issue.2" = "dat-dai"
"issue.3" = "bao-tro"
"issue.4" = "cu-tru"
[api]
socket = "{run}/office.sock"
[web]
listen = "lan"
port = {lan}
loopback_port = {own}
[public]
url = "http://127.0.0.1:{public}"
port = {public}
link_dir = "{run}/link"
[hotspot]
enabled = true
ssid = "WiFi Mường Tè"
security = "psk"
passphrase = "hoa ban trang"
link_dir = "{run}/gate"
socket = "{run}/gate/gate.sock"
"""


def free_port() -> int:
    """Return a port that nobody listens on, nor will: of this process's own hundred.

    Not one that the kernel picks: it gives the same to the next caller before somebody listens there.
    """
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


def until(
    condition: Callable[[], Any], what: str = "it", wait_s: float = WAIT_S, pause_s: float = 0.02
) -> Any:
    """Wait until something outside of our reach has happened; return what the condition returned."""
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(pause_s)
    raise AssertionError(f"{what} never happened")


@dataclass(frozen=True, slots=True)
class Taken:
    """A ticket: its key, and the token in its QR code."""

    key: str
    token: str


class House:
    """See the module; close it.

    Args:
        folder: an empty directory, kept.
        own_port: of the box's own screen; None for a free one.
    """

    def __init__(self, folder: Path, own_port: int | None = None) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self._requests = 0
        self.run = Path(tempfile.mkdtemp(prefix="motcua-"))
        self.stack.callback(shutil.rmtree, self.run, ignore_errors=True)
        self.data = folder.absolute() / "box"
        self.data.mkdir(parents=True)
        (self.run / "link").mkdir()
        self.gate = SimGate(self.run / "gate")
        self.gate.open()
        self.stack.callback(self.gate.close)
        self.center = CenterServer.start(folder / "center.db", folder / "center-keys", next_after_s=4)
        self.stack.callback(self.center.stop)
        self.lan_port, self.public_port, self.portal_port = free_port(), free_port(), free_port()
        self.own_port = own_port or free_port()
        text = TOML.format(
            device=DEVICE,
            site=SITE,
            data=self.data,
            center=self.center.url,
            thumbprint=self.center.keys.root_thumbprint,
            hours="\n".join(f'{day} = "00:00-24:00"' for day in DAYS),
            run=self.run,
            lan=self.lan_port,
            own=self.own_port,
            public=self.public_port,
        )
        loads(text)
        self.config = folder / "office.toml"
        self.config.write_text(text, encoding="utf-8")
        self._leave_claim()
        self.setup_code = self._make_accounts()
        transport = httpx2.HTTPTransport(uds=str(self.run / "office.sock"))
        self.own_socket = httpx2.Client(transport=transport, base_url="http://office", timeout=WAIT_S)
        self.stack.callback(self.own_socket.close)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.stack.callback(self._end_all)
        try:
            self.start("office")
            self.start("public")
        except BaseException:
            self.close()
            raise

    # Where people find it.

    @property
    def own(self) -> str:
        """The address of the box's own screen."""
        return f"http://127.0.0.1:{self.own_port}"

    @property
    def lan(self) -> str:
        """The address of the office LAN."""
        return f"https://127.0.0.1:{self.lan_port}"

    @property
    def public(self) -> str:
        """The address that phones know."""
        return f"http://127.0.0.1:{self.public_port}"

    # What happens in it.

    def start(self, name: str) -> None:
        """Start the office, or the strangers' app; return when it answers."""
        arguments = {
            "office": ["office", "run", "--config", str(self.config), "--deliver-every-s", "0.3"],
            "public": [
                *("public", "run", "--link-dir", str(self.run / "link")),
                *("--port", str(self.public_port), "--portal-port", str(self.portal_port)),
            ],
        }[name]
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "appliance", *arguments, "--log", "warning"], stdout=log, stderr=log
        )
        log.close()
        self.processes[name] = process
        address = {"office": f"{self.own}/static/base.css", "public": f"{self.public}/static/base.css"}[name]

        def answers() -> bool:
            if process.poll() is not None:
                raise AssertionError(f"{name} ended: {self.log(name)}")
            try:
                return httpx2.get(address, timeout=5).status_code == 200
            except httpx2.HTTPError:
                return False

        until(answers, f"{name} answering")

    def kill(self, name: str) -> None:
        """Kill it as a power cut would."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(WAIT_S)

    def log(self, name: str) -> str:
        """Return the end of what a process logged."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """Post to the office's own socket; return the answer."""
        answer = self.own_socket.post(f"/v1/{path}", json=body)
        assert answer.status_code < 300, answer.text
        found = answer.json()
        assert isinstance(found, dict)
        return found

    def do(self, path: str, **body: Any) -> dict[str, Any]:
        """Post a change with a request id of its own."""
        return self.ask(path, request=self._request(), **body)

    def events(self) -> list[dict[str, Any]]:
        """Return what the journal holds of this epoch, kind and data."""
        lines = sources(self.data)[-1].all_lines()
        return [{"kind": event.kind, "data": event.data} for event in map(check_line, lines)]

    def post_form(self, cookies: list[dict[str, Any]], **fields: str | None) -> str:
        """Post a form to the kiosk as a browser with these cookies does; return where it is sent on to."""
        jar = {each["name"]: each["value"] for each in cookies}
        answer = httpx2.post(f"{self.own}/kiosk/tickets", data=fields, cookies=jar, timeout=WAIT_S)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def hall(self) -> dict[str, Any]:
        """Return the hall as it is."""
        found = self.own_socket.get("/v1/hall").json()
        assert isinstance(found, dict)
        return found

    def health(self) -> dict[str, Any]:
        """Return what the office says of itself."""
        found = self.own_socket.get("/v1/health").json()
        assert isinstance(found, dict)
        return found

    def take(self, service: str) -> "Taken":
        """Take a number; return it with the token in its QR code."""
        key = str(self.do("tickets", service=service)["ticket"])
        return Taken(key, token_of((self.data / "tickets.secret").read_bytes(), key))

    def call(self, ticket: "Taken", counter: str) -> None:
        """Call one particular ticket."""
        self.do(f"counters/{counter}/call", ticket=ticket.key)

    def press(self, button: str, held_s: float = 0.1) -> None:
        """Press a real button, as a finger does."""
        pin = load_board("pi4").buttons[button].pin
        with PinsClient.open(self.run / "pins.sock") as pins:
            pins.press(pin)
            time.sleep(held_s)  # a finger
            pins.release(pin)

    def close(self) -> None:
        """Take everything down."""
        self.stack.close()

    def _request(self) -> str:
        self._requests += 1
        return f"house-{self._requests}"

    def _leave_claim(self) -> None:
        with self.center.store.transaction():
            claim = make_claim(
                self.center.store, Place(DEVICE, SITE, "office"), datetime.now(UTC), timedelta(days=1)
            )
        (self.data / "claim").write_text(f"{claim}\n", encoding="ascii")

    def _make_accounts(self) -> str:
        clock = BelievedClock(KernelTime(), floor_us=0, has_rtc=True)
        with Accounts.open(self.data, clock, hasher=Argon2Hasher(memory_kib=64, passes=1)) as accounts:
            code = accounts.set_setup_code()
            first = accounts.create_first(code, "test", *TECHNICIAN, PASSWORD)
            for officer, (name, role) in PEOPLE.items():
                accounts.create(first, officer, name, role, PASSWORD)
        return code

    def _end_all(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
