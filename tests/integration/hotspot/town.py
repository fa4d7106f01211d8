"""A little town in network namespaces: the box, its air, guests, the office's LAN and the Internet."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import uuid
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from appliance.sockets import gate as messages
from appliance.sockets.errors import BadLineError

ROOT = Path(__file__).parents[3]
AGENT = Path(__file__).with_name("guest_agent.py")
WAIT_S = 40.0
WEB4, DOH4, DNS4 = "93.184.216.34", "1.1.1.1", "9.9.9.9"
WEB6, DOH6, DNS6 = "2a00:1450:4001::34", "2606:4700::1111", "2620:fe::9"
OFFICE4, OFFICE6 = "192.168.1.50", "2a00:1:1::50"
GATE4, GATE6 = "10.77.0.1", "fd77:6d63:7561::1"
PREFIX6 = "fd77:6d63:7561:"
NEEDED = ("ip", "nft", "dnsmasq", "radvd", "ping", "bridge", "setpriv")
NOBODY = 65534
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"


def missing():
    """Why the suite cannot run here, or None."""
    if os.geteuid() != 0:
        return "network namespaces need root; run: sudo make test"
    lacks = [name for name in NEEDED if shutil.which(name, path=PATH) is None]
    if lacks:
        return f"not installed: {', '.join(lacks)}; run: make test-packages"
    made = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    return "the kernel makes no network namespaces" if made.returncode else None


def as_its_unit(capabilities):
    """What starts a program without root, with these capabilities."""
    kept = list(capabilities)
    if not all(each.stat().st_mode & 0o005 == 0o005 for each in Path(sys.executable).resolve().parents):
        kept.append("dac_read_search")  # Python itself is in somebody's home
    words = "-all," + ",".join(f"+{each}" for each in kept)
    ids = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs")
    return ("setpriv", *ids, f"--bounding-set={words}", f"--inh-caps={words}", f"--ambient-caps={words}")


def sh(*words, check=True):
    done = subprocess.run(list(words), check=False, capture_output=True, text=True, env={"PATH": PATH})
    if check and done.returncode:
        raise AssertionError(f"{' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


def until(condition, what, wait_s=WAIT_S):
    pause = threading.Event()
    for _ in range(int(wait_s / 0.05)):
        found = condition()
        if found:
            return found
        pause.wait(0.05)
    raise AssertionError(f"never: {what}")


class Place:
    """One namespace, with an agent inside."""

    def __init__(self, name):
        self.name = name
        sh("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")
        self._agent = None

    def run(self, *words, check=True):
        return sh("ip", "netns", "exec", self.name, *words, check=check)

    def ip(self, *words, check=True):
        return sh("ip", "-n", self.name, *words, check=check)

    def sysctl(self, name, value):
        self.run("sh", "-c", f"echo {value} > /proc/sys/net/{name}")

    def do(self, command, **arguments):
        if self._agent is None:
            self._agent = subprocess.Popen(
                ["ip", "netns", "exec", self.name, sys.executable, str(AGENT)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": PATH},
            )  # fmt: skip
        self._agent.stdin.write(json.dumps([command, arguments]).encode() + b"\n")
        self._agent.stdin.flush()
        said = json.loads(self._agent.stdout.readline())
        if "error" in said:
            raise AssertionError(f"{self.name}: {command}: {said['error']}")
        return said["answer"]

    def close(self):
        if self._agent is not None:
            self._agent.stdin.close()
            self._agent.terminate()
            self._agent.wait(10)
            self._agent.stdout.close()
            self._agent = None
        sh("ip", "netns", "del", self.name, check=False)


class Guest(Place):
    """A phone: ``v4``, ``v6`` or both; its interface is called ``wifi``."""

    length4 = 22

    def __init__(self, name, number, families):
        super().__init__(name)
        self.mac = f"02:00:00:00:00:{number:02x}"
        self.families = families
        self.address4 = None

    def join(self):
        """Take addresses as a phone does."""
        if "v4" in self.families:
            self.take4()
        if "v6" in self.families:
            until(self.addresses6, f"{self.name} has an IPv6 address")

    def take4(self, client=""):
        self.address4 = self.do("dhcp", interface="wifi", mac=self.mac, client=client)
        assert self.address4, f"{self.name} got no lease"
        self.ip("address", "replace", f"{self.address4}/{self.length4}", "dev", "wifi")
        self.ip("route", "replace", "default", "via", GATE4)

    def addresses6(self):
        shown = json.loads(self.ip("-j", "-6", "address", "show", "dev", "wifi", "scope", "global"))
        return [
            entry["local"]
            for link in shown
            for entry in link.get("addr_info", ())
            if entry.get("local", "").startswith(PREFIX6) and not entry.get("tentative")
        ]

    def link6(self):
        """Its link-local address."""
        shown = json.loads(self.ip("-j", "-6", "address", "show", "dev", "wifi", "scope", "link"))
        return next(each["local"] for link in shown for each in link.get("addr_info", ()) if "local" in each)

    def add6(self, ending):
        """Take one more IPv6 address, as privacy addresses do."""
        address = f"{PREFIX6}:{ending}"
        self.ip("address", "add", f"{address}/64", "dev", "wifi", "nodad")
        return address

    @property
    def address(self):
        """What the portal sees of it."""
        return self.address4 or self.addresses6()[0]


class Line:
    """A caller at the gate's socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(WAIT_S)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._file = self._socket.makefile("rwb")
        self._number = 0
        self.say(messages.Hello())
        self.usage = []
        assert isinstance(self.hear(), messages.Hello)

    def say(self, message):
        self._file.write(message.line())
        self._file.flush()

    def hear(self):
        while True:
            told = messages.told(self._file.readline())
            if isinstance(told, messages.Usage):
                self.usage.append(told)
            elif not isinstance(told, messages.Beat):
                return told

    def ask(self, kind, **fields):
        self._number += 1
        self.say(kind(id=self._number, **fields))
        told = self.hear()
        assert told.id == self._number
        return told

    def close(self):
        self._file.close()
        self._socket.close()


class Town:
    """Everything; make it, then :meth:`start` the gate."""

    def __init__(self, folder, config):
        os.chown(folder, NOBODY, NOBODY)
        self.tag = uuid.uuid4().hex[:5]
        self.folder = folder
        self.config = folder / "office.toml"
        self.config.write_text(config, encoding="utf-8")
        self.places = []
        self.guests = {}
        self.process = self.portal = None
        # As systemd/motcua-hotspot.service gives them.
        self.capabilities = ("net_admin", "net_raw", "net_bind_service")
        self.log = folder / "gate.log"
        self.box, self.air, self.internet = (self.place(name) for name in ("box", "air", "net"))
        self._wire()

    def place(self, name, kind=Place, *rest):
        made = kind(f"m{self.tag}-{name}", *rest)
        self.places.append(made)
        return made

    def guest(self, name, number, families):
        """A phone on the air, its port kept apart from the others' as access points do."""
        guest = self.place(name, Guest, number, families)
        port = f"p{number}"
        self.air.ip("link", "add", port, "type", "veth", "peer", "name", "wifi", "netns", guest.name)
        self.air.ip("link", "set", port, "master", "br0", "up")
        self.air.run("bridge", "link", "set", "dev", port, "isolated", "on")
        guest.sysctl("ipv6/conf/wifi/disable_ipv6", 0 if "v6" in families else 1)
        if "v6" in families:
            guest.sysctl("ipv6/conf/wifi/accept_ra", 2)
            guest.sysctl("ipv6/conf/wifi/dad_transmits", 0)
        guest.ip("link", "set", "wifi", "address", guest.mac, "up")
        self.guests[name] = guest
        return guest

    def start(self, wait=True):
        """Start the gate, as its unit does."""
        environment = {"PATH": PATH, "PYTHONPATH": str(ROOT), "HOME": str(self.folder)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.box.name, *as_its_unit(self.capabilities), *self.command()],
                stdout=log, stderr=log, env=environment, cwd=ROOT,
            )  # fmt: skip
        if wait:
            until(lambda: self.is_serving() or self.process.poll() is not None, "the gate serves")
            assert self.process.poll() is None, self.log.read_text()

    def start_portal(self, port):
        """Start the strangers' app where the gate leads guests; the office has put up its notice."""
        environment = {"PATH": PATH, "PYTHONPATH": str(ROOT), "HOME": str(self.folder)}
        options = ["--port", "0", "--portal-port", str(port)]
        command = [sys.executable, "-m", "appliance", "public", "run", *options]
        folders = ["--link-dir", str(self.folder), "--gate-dir", str(self.folder / "run")]
        with self.log.open("ab") as log:
            self.portal = subprocess.Popen(
                ["ip", "netns", "exec", self.box.name, *command, *folders],
                stdout=log, stderr=log, env=environment, cwd=ROOT,
            )  # fmt: skip

        def serves():
            assert self.portal.poll() is None, self.log.read_text()
            return self.box.do("tcp", host=GATE4, port=port) != "reset"

        until(serves, "the portal serves")

    def command(self):
        folders = {
            "--config": self.config,
            "--link-dir": self.folder,
            "--state-dir": self.folder / "state",
            "--run-dir": self.folder / "run",
            "--resolvers": self.folder / "resolv.conf",
        }
        options = [str(word) for pair in folders.items() for word in pair]
        return [sys.executable, "-m", "appliance", "hotspot", "run", *options]

    def is_serving(self):
        with suppress(OSError, AssertionError, BadLineError):
            with closing(self.line()) as line:
                counts = line.ask(messages.CountsNow)
            running = {each.name for each in counts.engines if each.standing == "running"}
            return counts.fault is None and {"dnsmasq-guests", "dnsmasq-portal", "radvd"} <= running
        return False

    @contextmanager
    def held(self):
        """Let the gate do nothing for a while: else it may mend a thing before that was looked at."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self, kill=False):
        if self.process is None:
            return
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(20)
        self.process = None

    @property
    def socket(self):
        return self.folder / "run" / messages.SOCKET

    def line(self):
        return Line(self.socket)

    def agree(self, address, consents=()):
        with closing(self.line()) as line:
            return line.ask(messages.Open, address=address, terms="ab" * 32, consents=list(consents))

    def status(self, address):
        with closing(self.line()) as line:
            return line.ask(messages.StatusOf, address=address)

    def nft(self, *words):
        return self.box.run("nft", *words)

    def logged(self, event):
        return re.findall(rf"event={re.escape(event)}\b.*", self.log.read_text())

    def close(self):
        with suppress(Exception):
            self.stop()
        if self.portal is not None:
            self.portal.terminate()
            self.portal.wait(20)
        for place in reversed(self.places):
            place.close()

    def _wire(self):
        box, air, net = self.box, self.air, self.internet
        (self.folder / "resolv.conf").write_text(f"nameserver {DNS4}\n")
        air.ip("link", "add", "br0", "type", "bridge")
        air.ip("link", "set", "br0", "up")
        air.sysctl("ipv6/conf/br0/disable_ipv6", 1)
        box.ip("link", "add", "wlan0", "type", "veth", "peer", "name", "ap", "netns", air.name)
        air.ip("link", "set", "ap", "master", "br0", "up")
        box.ip("link", "add", "eth0", "type", "veth", "peer", "name", "lan", "netns", net.name)
        box.ip("link", "set", "eth0", "up")
        # Packets of 1,500 bytes, as they come over a line, and not of 64 KiB.
        box.ip("link", "set", "eth0", "gso_max_segs", "1")
        net.ip("link", "set", "lan", "gso_max_segs", "1", "up")
        box.ip("address", "add", "192.168.1.2/24", "dev", "eth0")
        box.ip("address", "add", "2a00:1:1::2/64", "dev", "eth0", "nodad")
        for address in ("192.168.1.1/24", f"{OFFICE4}/24"):
            net.ip("address", "add", address, "dev", "lan")
        for address in ("2a00:1:1::1/64", f"{OFFICE6}/64"):
            net.ip("address", "add", address, "dev", "lan", "nodad")
        for address in (WEB4, DOH4, DNS4):
            net.ip("address", "add", f"{address}/32", "dev", "lo")
        for address in (WEB6, DOH6, DNS6):
            net.ip("address", "add", f"{address}/128", "dev", "lo", "nodad")
        box.ip("route", "add", "default", "via", "192.168.1.1")
        box.ip("-6", "route", "add", "default", "via", "2a00:1:1::1")
        box.run("nft", "-f", str(ROOT / "systemd" / "nftables.conf"))
        ports = [
            *(("tcp", port) for port in (80, 443, 853, 8000)),
            *(("udp", port) for port in (443, 853, 53)),
        ]
        hosts = (WEB4, DOH4, DNS4, WEB6, DOH6, DNS6)
        listeners = [[kind, host, port, "internet"] for host in hosts for kind, port in ports]
        listeners += [["tcp", host, port, "office"] for host in (OFFICE4, OFFICE6) for port in (80, 8443)]
        net.do("serve", listeners=listeners)
        box.do("serve", listeners=[["tcp", "::", 8082, "portal"], ["tcp", "::", 8443, "staff"]])
