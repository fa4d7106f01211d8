"""A guest that nobody knows: a process in a network namespace of its own, which tries what it is told.

It is started by :mod:`appliance.doctor.gate_test.path` and takes one question a line, JSON, on its standard
input. When that ends, or its time is over, it ends; its namespace and everything on it ends with it.
"""

import ctypes
import errno
import hashlib
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Final

from pyroute2 import IPRoute

from appliance.hotspot.firewall import NftFirewall
from appliance.hotspot.policy.ruleset import TABLE
from appliance.hotspot.question import question

INTERFACE: Final = "guest"
LIFE_S: Final = 150
WAIT_S: Final = 1.0
TRIES: Final = 3
"""The gate explains itself at most so often a second; real guests may have used that up."""
WAITS_S: Final = (1.0, 2.5, 2.5)
"""A kernel without a way says so for two seconds' worth of what it may say to one host: one for the error
(net/ipv4/route.c, ``ip_error``), one for the message. Who asks it every second is never told."""
_NEW_NETWORK: Final = 0x4000_0000
_NO_DAD: Final = 2
_RECVERR: Final = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
"""``IP_RECVERR`` and ``IPV6_RECVERR`` (linux/in.h, linux/in6.h)."""
_PROHIBITED: Final = {socket.AF_INET: (3, 13), socket.AF_INET6: (1, 1)}
"""ICMP type and code of "administratively prohibited"."""
_NO_WAY: Final = {socket.AF_INET: (3, 0), socket.AF_INET6: (1, 0)}
"""The same of "no route": who forwards says it before his rules see the packet."""
_EXTENDED_ERROR: Final = struct.Struct("=IBBBBII")
_QUESTION: Final = 0x6D63
_MOST_PAGE: Final = 65_536


def family_of(host: str) -> socket.AddressFamily:
    """Return the family of an address."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def join(address4: str, prefix4: int, gateway4: str, address6: str | None, router6: str) -> bool:
    """Take these addresses, and the box as the way to everywhere."""
    # Whatever the box says, what goes to other guests goes by the box.
    for where in ("all", INTERFACE):
        Path(f"/proc/sys/net/ipv4/conf/{where}/accept_redirects").write_text("0", encoding="ascii")
    with suppress(FileNotFoundError):  # a kernel without IPv6
        for name in ("accept_ra", "dad_transmits", "accept_redirects"):
            Path(f"/proc/sys/net/ipv6/conf/{INTERFACE}/{name}").write_text("0", encoding="ascii")
    with IPRoute() as netlink:
        (index,) = netlink.link_lookup(ifname=INTERFACE)
        netlink.link("set", index=index, state="up")
        netlink.addr("add", index=index, address=address4, prefixlen=prefix4)
        netlink.route("add", dst="0.0.0.0/0", gateway=gateway4, oif=index)
        if address6 is not None:
            netlink.addr("add", index=index, address=address6, prefixlen=64, flags=_NO_DAD)
            netlink.route("add", family=socket.AF_INET6, dst="::/0", gateway=router6, oif=index)
    return True


def by_gate(host: str, gateway: str) -> bool:
    """Let what goes to an address of guests' own network go by the gate, not over the air."""
    with IPRoute() as netlink:
        (index,) = netlink.link_lookup(ifname=INTERFACE)
        bits = 128 if ":" in host else 32
        netlink.route("replace", family=family_of(host), dst=f"{host}/{bits}", gateway=gateway, oif=index)
    return True


def tcp(host: str, port: int) -> str:
    """Return how a connection went: open, reset, refused or silent."""
    for _ in range(2):
        try:
            with socket.create_connection((host, port), WAIT_S):
                return "open"
        except TimeoutError:
            continue
        except OSError as error:
            return "reset" if error.errno in {errno.ECONNREFUSED, errno.ECONNRESET} else "refused"
    return "silent"


def udp(host: str, port: int) -> dict[str, str]:
    """Return what came back of a packet, and from whom: prohibited, no way, other, answer, silent."""
    for wait_s in WAITS_S:
        said, who = _udp(host, port, wait_s)
        if said != "silent":
            return {"said": said, "who": who}
    return {"said": "silent", "who": ""}


def _udp(host: str, port: int, wait_s: float) -> tuple[str, str]:
    family = family_of(host)
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.setsockopt(*_RECVERR[family], 1)
        line.settimeout(wait_s)
        line.connect((host, port))
        try:
            line.send(b"motcua")
            line.recv(1)
        except TimeoutError:
            return "silent", ""
        except OSError:
            return _explained(line, family)
        return "answer", host


def _explained(line: socket.socket, family: socket.AddressFamily) -> tuple[str, str]:
    """Return what the kernel was told of our packet, and by whom (ip(7), ``IP_RECVERR``)."""
    try:
        _, ancillary, _, _ = line.recvmsg(64, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
    except OSError:  # nobody told: there is no way, and nothing was sent
        return "other", ""
    for level, kind, data in ancillary:
        if (level, kind) == _RECVERR[family]:
            _, _, icmp_type, icmp_code, _, _, _ = _EXTENDED_ERROR.unpack_from(data)
            place, size = (20, 4) if family is socket.AF_INET else (24, 16)
            who = socket.inet_ntop(family, data[place : place + size])
            known = {_PROHIBITED[family]: "prohibited", _NO_WAY[family]: "no way"}
            return known.get((icmp_type, icmp_code), "other"), who
    return "other", ""


def names(host: str, name: str, kind: int) -> dict[str, Any]:
    """Return a resolver's answer: its code, how many records, and their addresses; no code if none came."""
    asked = question(name, kind, _QUESTION)
    for _ in range(TRIES):
        try:
            with socket.socket(family_of(host), socket.SOCK_DGRAM) as line:
                line.settimeout(WAIT_S)
                line.connect((host, 53))
                line.send(asked)
                said = line.recv(2_048)
        except OSError:
            continue
        return {"code": said[3] & 15, **_records(said, len(asked))}
    return {"code": None, "records": 0, "addresses": []}


def _records(said: bytes, place: int) -> dict[str, Any]:
    count = struct.unpack(">H", said[6:8])[0]
    addresses = []
    for _ in range(count):
        place += 2 if said[place] & 0xC0 else said.index(b"\0", place) + 1 - place
        kind, _, _, size = struct.unpack(">HHIH", said[place : place + 10])
        data = said[place + 10 : place + 10 + size]
        if kind in {1, 28}:
            addresses.append(socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, data))
        place += 10 + size
    return {"records": count, "addresses": addresses}


def page(host: str, name: str, path: str) -> dict[str, Any] | None:
    """Return what a web server answers, or None: its status, where it leads, and a hash of the body."""
    request = f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode("ascii")
    try:
        with socket.create_connection((host, 80), WAIT_S) as line:
            line.settimeout(WAIT_S * 4)
            line.sendall(request)
            answer = HTTPResponse(line)
            answer.begin()
            body = answer.read(_MOST_PAGE)
    except (OSError, HTTPException):
        return None
    where = answer.getheader("Location")
    return {"status": answer.status, "location": where, "body": hashlib.sha256(body).hexdigest()}


def reference(text: str) -> dict[str, list[str]]:
    """Return the chains of a gate as this kernel lists them; it is loaded here, where it meets nobody."""
    firewall = NftFirewall.open()
    try:
        firewall.apply(text)
        return firewall.chains("inet", TABLE)
    finally:
        firewall.close()


DOES: Final[dict[str, Callable[..., object]]] = {
    each.__name__: each for each in (join, by_gate, tcp, udp, names, page, reference)
}


def main() -> None:
    """Leave the network of the box, say so, and answer."""
    signal.alarm(LIFE_S)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        command, arguments = json.loads(line)
        try:
            answer: dict[str, object] = {"answer": DOES[command](**arguments)}
        except Exception as error:  # noqa: BLE001 - the process's boundary: told to who asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
