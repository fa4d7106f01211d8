"""A public WiFi made of files and a scripted gate, for a planted Pi."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from planted import PINLESS, Planted

from appliance.doctor.wifi import AroundWifi
from appliance.hotspot.policy.plan import Plan
from appliance.sockets import gate
from appliance.sockets.lines import Message

WLAN = "/sys/class/net/wlan0"
ROUTES = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
DEFAULT = "eth0 00000000 0101A8C0 0003 0 0 0 00000000 0 0 0\n"
PHY = """\
Wiphy phy0
\tSupported Ciphers:
\t\t* CCMP-128 (00-0f-ac:4)
\tSupported interface modes:
\t\t * managed
\t\t * AP
\tBand 1:
\t\tFrequencies:
\t\t\t* 2437.0 MHz [6] (20.0 dBm)
\t\t\t* 2467.0 MHz [12] (20.0 dBm) (no IR)
\t\t\t* 2472.0 MHz [13] (disabled)
"""
ENGINES = [gate.Engine(name=name, standing="running", restarts=0) for name in ("dnsmasq-guests", "hostapd")]
COUNTS = gate.Counts(
    id=1, open=3, joined=5, blocked=0, refused=0, conflicts=0, bytes_up=0, bytes_down=0,
    engines=ENGINES, fault=None,
)  # fmt: skip


class PlantedWifi:
    """What a test changes of the public WiFi before it asks for the box."""

    def __init__(self, planted: Planted) -> None:
        self.planted = planted
        self.networks: tuple[str, ...] = ("192.168.1.0/24", "2a00:1:1::/64")
        self.is_secure = True
        self.firmware: str | None = None
        self.asked: list[Plan] = []
        planted.wifi = AroundWifi(lambda _plan: self.networks, self._ask, lambda _interface: self.firmware)
        self.wanted()
        self.radio(PHY, "brcmfmac")
        planted.write("/lib/firmware/regulatory.db", "")
        planted.programs.answers["iw reg get"] = "global\ncountry VN: DFS-FCC\n"
        planted.write("/sys/class/net/eth0/carrier", "1\n")
        planted.write("/proc/self/net/route", ROUTES + DEFAULT)

    def wanted(self, more: str = "", *, most: int | None = 8) -> None:
        """Let the settings want it, and so many devices; None leaves that to the default."""
        clients = "" if most is None else f"max_clients = {most}\n"
        self.planted.more = f'{PINLESS}[hotspot]\nenabled = true\n{clients}socket = "{self.socket}"\n{more}'

    def radio(self, phy: str, driver: str) -> None:
        """Let this radio be ``wlan0``."""
        self.planted.write(f"{WLAN}/phy80211/name", "phy0\n")
        device = self.planted.write(f"/sys/bus/drivers/{driver}/bind", "").parent
        link = self.planted.root / WLAN.lstrip("/") / "device" / "driver"
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(device)
        self.planted.programs.answers["iw phy phy0 info"] = phy

    @property
    def socket(self) -> Path:
        """Where its gate answers."""
        return self.planted.run / gate.SOCKET

    @contextmanager
    def gate(self, *answers: Message) -> Iterator[None]:
        """Let a gate stand that greets and says this to whoever asks; with nothing it hangs up at once."""
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.socket))
            listening.listen(4)
            thread = threading.Thread(target=_answer, args=(listening, answers))
            thread.start()
            try:
                yield
            finally:
                with suppress(OSError):
                    listening.shutdown(socket.SHUT_RDWR)
                thread.join()
                os.unlink(self.socket)  # noqa: PTH108 - a socket

    def _ask(self, plan: Plan) -> bool:
        self.asked.append(plan)
        return self.is_secure


def _answer(listening: socket.socket, answers: tuple[Message, ...]) -> None:
    while True:
        try:
            line, _ = listening.accept()
        except OSError:  # it is closed
            return
        with line, line.makefile("rb") as asked, suppress(OSError):
            if not answers:
                continue
            gate.asked_by_office(asked.readline())
            line.sendall(gate.Hello().line())
            assert isinstance(gate.asked_by_office(asked.readline()), gate.CountsNow)
            line.sendall(b"".join(each.line() for each in answers))
