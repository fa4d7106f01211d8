"""A box between an office and a hall, each a network namespace; the cables are veth pairs."""

import ctypes
import os
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, TypeVar

CLONE_NEWNET: Final = 0x40000000
WAIT_S: Final = 20.0
PATH: Final = "/usr/sbin:/sbin:/usr/bin:/bin"

# The side of the box, then the other one.
OFFICE: Final = ("192.0.2.1", "192.0.2.2", "2001:db8:1::1", "2001:db8:1::2")
HALL: Final = ("198.51.100.1", "198.51.100.2", "2001:db8:2::1", "2001:db8:2::2")
SECOND: Final = "2001:db8:2::9"
"""Another address of the box in the hall, which nobody has asked for yet."""

T = TypeVar("T")
_libc = ctypes.CDLL(None, use_errno=True)


def missing() -> str:
    """Return why there can be no namespaces here, or an empty text."""
    if os.geteuid() != 0:
        return "needs root: it makes network namespaces"
    for program in ("ip", "nft"):
        if shutil.which(program, path=PATH) is None:
            return f"needs the program {program}: bash provisioning/test-packages.sh"
    name = f"motcua-{os.getpid()}-try"
    made = _ip("netns", "add", name)
    if made.returncode != 0:
        return f"this machine makes no network namespaces: {made.stderr.strip()}"
    _ip("netns", "delete", name)
    return ""


def _ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *words], check=False, capture_output=True, text=True, env={"PATH": PATH})


class Room:
    """One namespace; made and removed by :func:`room`."""

    def __init__(self, name: str) -> None:
        self.name = name
        # A thread that lives in the namespace: a socket belongs to where it was made, whoever uses it.
        self._thread = ThreadPoolExecutor(1, initializer=self._enter)

    def _enter(self) -> None:
        descriptor = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            if _libc.setns(descriptor, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(descriptor)

    def call(self, do: Callable[[], T]) -> T:
        return self._thread.submit(do).result(WAIT_S)

    def leave(self) -> None:
        self._thread.shutdown(wait=True)

    def ip(self, *words: str) -> str:
        done = _ip("-netns", self.name, *words)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def run(self, *words: str | Path) -> str:
        command = ["ip", "netns", "exec", self.name, *words]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env={"PATH": PATH})
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def counter(self, file: str, group: str, name: str) -> int:
        """Return a count of the namespace's kernel, of a file with two lines for each group."""
        rows = [line.split() for line in self.run("cat", f"/proc/net/{file}").splitlines()]
        if group:
            names, values = (row for row in rows if row[0] == f"{group}:")
            return int(dict(zip(names, values, strict=True))[name])
        return int(dict(rows)[name])

    def write(self, name: str, value: str) -> None:
        """Change a setting of the namespace's kernel, ``*`` for every interface."""
        done = self.run(
            "sh", "-c", f'for file in /proc/sys/{name}; do echo "{value}" >"$file" && echo written; done'
        )
        assert "written" in done

    def socket(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        return self.call(lambda: socket.socket(family, kind, protocol))


@contextmanager
def room(name: str) -> Iterator[Room]:
    """Make a namespace and remove it, with whatever is in it, also when the test fails."""
    full = f"motcua-{os.getpid()}-{name}"
    made = _ip("netns", "add", full)
    assert made.returncode == 0, made.stderr
    space = Room(full)
    try:
        space.ip("link", "set", "lo", "up")
        yield space
    finally:
        space.leave()
        _ip("netns", "delete", full)


class World:
    """The three rooms; made by :func:`world`."""

    def __init__(self, box: Room, office: Room, hall: Room) -> None:
        self.box, self.office, self.hall = box, office, hall
        self._stack = ExitStack()

    def join(self, other: Room, name: str, addresses: tuple[str, str, str, str]) -> None:
        """Lay a cable: the box's end has the name that the firewall knows it by."""
        self.box.ip("link", "add", name, "type", "veth", "peer", "name", "out", "netns", other.name)
        mine, theirs, mine6, theirs6 = addresses
        for where, link, four, six in ((self.box, name, mine, mine6), (other, "out", theirs, theirs6)):
            where.ip("address", "add", f"{four}/24", "dev", link)
            where.ip("address", "add", f"{six}/64", "dev", link, "nodad")
            where.ip("link", "set", link, "up")
        other.ip("route", "add", "default", "via", mine)
        other.ip("route", "add", "default", "via", mine6)

    def close(self) -> None:
        self._stack.close()

    def open_socket(self, where: Room, family: int, kind: int, protocol: int = 0) -> socket.socket:
        made = where.socket(family, kind, protocol)
        self._stack.callback(made.close)
        return made

    def listen(self, where: Room, port: int) -> socket.socket:
        made = self.open_socket(where, socket.AF_INET6, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind(("::", port))
        made.listen(16)
        made.settimeout(0)
        return made

    def receiver(self, where: Room, port: int) -> socket.socket:
        made = self.open_socket(where, socket.AF_INET6, socket.SOCK_DGRAM)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind(("::", port))
        made.settimeout(0)
        return made

    def knock(self, where: Room, address: str, port: int, source: str | None = None) -> socket.socket:
        """Begin a connection and return at once."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made = self.open_socket(where, family, socket.SOCK_STREAM)
        made.settimeout(0)
        if source is not None:
            made.bind((source, 0))
        made.connect_ex((address, port))
        return made

    def send(
        self, where: Room, address: str, port: int, source_port: int = 0, what: bytes = b"knock"
    ) -> None:
        """Send one datagram; an address with ``%out`` is one of the cable itself."""
        made = self.open_socket(
            where, socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
        )
        made.bind(("", source_port))
        # There, because the name of the cable is one of the room.
        where.call(lambda: made.sendto(what, (address, port)))
        made.close()


def is_open(knocked: socket.socket, wait_s: float = WAIT_S) -> bool:
    """Tell whether a connection came about, waiting for it."""
    _, ready, _ = select.select([], [knocked], [], wait_s)
    return bool(ready) and knocked.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


def is_silent(knocked: socket.socket) -> bool:
    """Tell whether nothing at all has come back, neither an answer nor a refusal."""
    _, ready, _ = select.select([], [knocked], [], 0)
    return not ready


def pending(sockets: Iterable[socket.socket]) -> list[int]:
    """Return the ports at which something waits to be taken."""
    ready, _, _ = select.select(list(sockets), [], [], 0)
    return sorted(each.getsockname()[1] for each in ready)


def until(ask: Callable[[], bool], what: str) -> None:
    """Wait for what the kernel does by itself."""
    end = time.monotonic() + WAIT_S
    while not ask():
        assert time.monotonic() < end, what
        time.sleep(0.01)


@contextmanager
def world() -> Iterator[World]:
    """Yield an office, a hall and a box between them, without a firewall yet."""
    with room("box") as box, room("office") as office, room("hall") as hall:
        made = World(box, office, hall)
        try:
            made.join(office, "eth0", OFFICE)
            made.join(hall, "wlan0", HALL)
            box.ip("address", "add", f"{SECOND}/64", "dev", "wlan0", "nodad")
            until(
                lambda: not any("tentative" in each.ip("-6", "address") for each in (box, office, hall)),
                "addresses",
            )
            yield made
        finally:
            made.close()
