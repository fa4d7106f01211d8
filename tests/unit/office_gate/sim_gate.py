"""The gate of the public WiFi as its messages describe it, without a network: what it hears and says.

Everything goes through the schemas of :mod:`appliance.sockets.gate` in both directions, as at the real one.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from appliance.config.hotspot import Hotspot
from appliance.hotspot.running import wanted
from appliance.sockets import gate
from appliance.sockets.lines import MOST_LINE, Message

WAIT_S = 60.0
CLIENTS = (
    gate.Client(
        handle="k3fwq2ab", state="open", since_s=1_920, bytes_up=9_400_000, bytes_down=312_000_000,
        has_conflict=False,
    ),
    gate.Client(
        handle="p5tzm7qd", state="open", since_s=640, bytes_up=2_100_000, bytes_down=48_500_000,
        has_conflict=True,
    ),
    gate.Client(
        handle="c2hxv4jn", state="blocked", since_s=7_300, bytes_up=940_000_000, bytes_down=5_200_000,
        has_conflict=False,
    ),
)  # fmt: skip
OFFICE = """
office = {{ name = "Xã Mẫu", device = "mau-01", site = "mau" }}
services = [{{ id = "ho-tich", name = "Hộ tịch", prefix = "A" }}]
counters = [{{ id = "quay-1", name = "Quầy 1", services = ["ho-tich"] }}]
[uplink]
center = "https://center.example.vn"
center_id = "tinh-mau"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[hotspot]
enabled = {enabled}
link_dir = "{folder}"
socket = "{folder}/gate.sock"
ssid = "{ssid}"
"""
ENGINES = (
    gate.Engine(name="hostapd", standing="running", restarts=0),
    gate.Engine(name="dnsmasq", standing="running", restarts=1),
    gate.Engine(name="radvd", standing="running", restarts=0),
)


def office_text(folder: Path, *, enabled: bool = True, ssid: str = "WiFi") -> str:
    """Return the settings of an office with public WiFi; what is added to them is about the WiFi.

    Args:
        folder: where office and gate meet.
        enabled: whether there is to be public WiFi.
        ssid: its name.
    """
    return OFFICE.format(folder=folder, enabled=str(enabled).lower(), ssid=ssid)


def counts(**more: object) -> gate.Counts:
    """Return what it counts on a quiet morning."""
    values: dict[str, object] = {
        "id": 0,
        "open": 17,
        "joined": 23,
        "blocked": 1,
        "refused": 4,
        "refused_for": {"spent": 3, "blocked": 1},
        "conflicts": 0,
        "bytes_up": 61_000_000,
        "bytes_down": 842_000_000,
        "engines": list(ENGINES),
        "fault": None,
        "fault_vi": None,
        "on_air": 5,
        "most_on_air": 8,
        "line_quality": {"rounds": 30, "unanswered": 1, "usual_ms": 9, "worst_ms": 184},
    }
    return gate.Counts.model_validate({**values, **more})


class SimGate:
    """See the module; close it, and :meth:`open` it again as often as one likes.

    Args:
        folder: where its socket is, and the settings that the office leaves.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = counts()
        self.clients: list[gate.Client] = list(CLIENTS)
        self.refusal: tuple[str, str] | None = None
        self.is_deaf = False
        self.applied: list[Hotspot] = []
        self.asked: list[gate.AskedByOffice] = []
        self.taken: list[str] = []
        self.waiting: dict[str, gate.Usage] = {}
        self.greetings = 0
        self._greeted: list[socket.socket] = []
        self._heard = threading.Condition()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Begin to listen."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(self.folder / gate.SOCKET))
        self._listening.listen(8)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Die, as a killed process does."""
        if self._thread is None:
            return
        self._over.set()
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes who waits for callers
        self._thread.join(WAIT_S)
        self._thread = None
        self._listening.close()
        (self.folder / gate.SOCKET).unlink(missing_ok=True)

    def tell(self, usage: gate.Usage) -> None:
        """Let an hour be over."""
        with self._heard:
            self.waiting[usage.hour] = usage
        self.say(usage)

    def say(self, message: Message) -> None:
        """Say something that nobody asked for."""
        with self._heard:
            for caller in self._greeted:
                _write(caller, message)

    def until(self, condition: Callable[["SimGate"], bool]) -> None:
        """Wait until what was heard is as it should be."""
        with self._heard:
            assert self._heard.wait_for(lambda: condition(self), WAIT_S), (self.asked[-5:], self.taken)

    def _listen(self) -> None:
        callers: list[tuple[socket.socket, threading.Thread]] = []
        while not self._over.is_set():
            with suppress(OSError):
                caller, _ = self._listening.accept()
                meeting = threading.Thread(target=self._meet, args=(caller,), daemon=True)
                meeting.start()
                callers.append((caller, meeting))
        for caller, meeting in callers:
            with suppress(OSError):  # he went first
                caller.shutdown(socket.SHUT_RDWR)
            meeting.join(WAIT_S)
            caller.close()

    def _meet(self, caller: socket.socket) -> None:
        beat = threading.Thread(target=self._beat, args=(caller,), daemon=True)
        with caller.makefile("rb") as lines, suppress(OSError):
            first = lines.readline(MOST_LINE)
            if not first:  # he hung up again
                return
            assert isinstance(gate.asked_by_office(first), gate.Hello)
            with self._heard:
                _write(caller, gate.Hello())
                self._greeted.append(caller)
                for usage in self.waiting.values():
                    _write(caller, usage)
                self.greetings += 1
                self._heard.notify_all()
            beat.start()
            while line := lines.readline(MOST_LINE):
                self._hear(gate.asked_by_office(line), caller)
        with self._heard:
            if caller in self._greeted:
                self._greeted.remove(caller)

    def _beat(self, caller: socket.socket) -> None:
        while not self._over.wait(gate.BEAT_S):
            with self._heard:
                if caller not in self._greeted:
                    return
                if not self.is_deaf:
                    _write(caller, gate.Beat())

    def _hear(self, asked: gate.AskedByOffice, caller: socket.socket) -> None:
        with self._heard:
            if not self.is_deaf:
                for message in self._answers(asked):
                    assert gate.told(message.line())
                    _write(caller, message)
            self.asked.append(asked)
            self._heard.notify_all()

    def _wanted(self) -> Hotspot:
        found = wanted(self.folder / gate.FILE)  # as the gate itself reads it
        return Hotspot() if found is None else found.hotspot

    def _answers(self, asked: gate.AskedByOffice) -> list[Message]:
        match asked:
            case gate.Apply(id=number):
                self.applied.append(self._wanted())
                return [self._done(number)]
            case gate.CountsNow(id=number):
                return [self.counts.model_copy(update={"id": number})]
            case gate.ClientsNow(id=number):
                size = gate.CLIENTS_A_LINE
                parts = [self.clients[at : at + size] for at in range(0, max(1, len(self.clients)), size)]
                return [gate.Clients(id=number, clients=part, is_last=part is parts[-1]) for part in parts]
            case gate.Block(id=number, handle=handle) | gate.Unblock(id=number, handle=handle):
                return [self._turn(number, handle, "blocked" if asked.op == "block" else "open")]
            case gate.Taken(hour=hour):
                self.waiting.pop(hour, None)
                self.taken.append(hour)
        return []

    def _done(self, number: int) -> Message:
        if self.refusal is None:
            return gate.Done(id=number)
        en, vi = self.refusal
        return gate.Refused(id=number, key="hotspot.radio_cannot", en=en, vi=vi, is_transient=False)

    def _turn(self, number: int, handle: str, state: str) -> Message:
        for place, client in enumerate(self.clients):
            if client.handle == handle:
                self.clients[place] = client.model_copy(update={"state": state})
                return gate.Done(id=number)
        return gate.Refused(
            id=number, key="hotspot.no_device", en=f"no device {handle}", vi=f"Không có máy {handle}",
            is_transient=False,
        )  # fmt: skip


def _write(caller: socket.socket, message: Message) -> None:
    with suppress(OSError):  # he is gone
        caller.sendall(message.line())
