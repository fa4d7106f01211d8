"""The very file of the box, loaded by the real nft, between an office and a hall.

A dropped packet makes no sound. What is dropped is sent first and what is let in afterwards, over the same
cable: when the second has arrived, the first has not got lost on the way.
"""

import shlex
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from box_network import HALL, OFFICE, SECOND, World, is_open, is_silent, missing, pending, until, world

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]

PUBLIC, STAFF = 8081, 8443
CLOSED = (22, 53, 80, 8080, 5355)
ROOMS = {"office": OFFICE, "hall": HALL}
FAMILIES = {"v4": 0, "v6": 2}
RATE, BURST = 20, 20


@pytest.fixture
def scene(root: Path) -> Iterator[World]:
    with world() as made:
        made.box.run("nft", "-f", root / "systemd" / "nftables.conf")
        yield made


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ROOMS)
def test_who_may_knock_where(scene: World, name: str, family: str) -> None:
    address = ROOMS[name][FAMILIES[family]]
    visitor = getattr(scene, name)
    shut = CLOSED if name == "office" else (*CLOSED, STAFF)
    listening = [scene.listen(scene.box, port) for port in (*CLOSED, STAFF, PUBLIC)]
    datagrams = [scene.receiver(scene.box, port) for port in (53, 67, 5355)]
    for receiver in datagrams:
        scene.send(visitor, address, receiver.getsockname()[1])
    refused = {port: scene.knock(visitor, address, port) for port in shut}
    free = {port: scene.knock(visitor, address, port) for port in (STAFF, PUBLIC) if port not in shut}
    assert {port: is_open(knocked) for port, knocked in free.items()} == dict.fromkeys(free, True)
    assert [port for port, knocked in refused.items() if not is_silent(knocked)] == []
    assert pending(listening) == sorted(free)
    assert pending(datagrams) == []


def test_the_staff_s_address_is_no_way_in_from_the_hall(scene: World) -> None:
    listening = [scene.listen(scene.box, port) for port in (STAFF, PUBLIC)]
    staff = [scene.knock(scene.hall, OFFICE[side], STAFF) for side in (0, 2)]
    assert all(is_open(scene.knock(scene.hall, OFFICE[side], PUBLIC)) for side in (0, 2))
    assert all(is_silent(knocked) for knocked in staff)
    assert pending(listening) == [PUBLIC]


def test_the_radio_is_the_office_s_while_it_is_its_client(scene: World, root: Path) -> None:
    lines = (root / "systemd" / "motcua-wifi.service").read_text("utf-8").splitlines()
    told = {
        name: shlex.split(value)
        for name, sign, value in (line.partition("=-+/usr/sbin/") for line in lines)
        if sign
    }
    listening = scene.listen(scene.box, STAFF)
    before = scene.knock(scene.hall, HALL[0], STAFF)
    scene.box.run(*told["ExecStartPost"])
    assert all(is_open(scene.knock(scene.hall, HALL[side], STAFF)) for side in (0, 2))
    assert is_silent(before)
    scene.box.run(*told["ExecStopPost"])
    assert pending([listening]) == [STAFF]
    after = scene.knock(scene.hall, HALL[0], STAFF)
    assert is_open(scene.knock(scene.office, OFFICE[0], STAFF))
    assert is_silent(after)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", OFFICE[0], HALL[2]])
def test_the_box_speaks_freely_to_itself(scene: World, address: str) -> None:
    listening = scene.listen(scene.box, 8080)
    assert is_open(scene.knock(scene.box, address, 8080))
    assert pending([listening]) == [8080]


@pytest.mark.parametrize("side", [1, 3])
def test_the_box_calls_out_and_is_answered(scene: World, side: int) -> None:
    listening = scene.listen(scene.office, 443)
    called = scene.knock(scene.box, OFFICE[side], 443)
    assert is_open(called)
    until(lambda: pending([listening]) == [443], "the call")
    peer, _ = listening.accept()
    with peer:
        peer.sendall(b"receipt")
        until(lambda: pending([called]) != [], "the answer")
        assert called.recv(16) == b"receipt"


def test_answers_of_dhcp_come_in_and_nothing_that_looks_like_them(scene: World) -> None:
    receiver = scene.receiver(scene.box, 68)
    scene.send(scene.office, OFFICE[0], 68, 1067, b"from elsewhere")
    scene.send(scene.office, OFFICE[0], 68, 67, b"lease")
    until(lambda: pending([receiver]) == [68], "the lease")
    assert receiver.recv(16) == b"lease"
    assert pending([receiver]) == []


def test_answers_of_dhcp_v6_come_in_from_the_cable_alone(scene: World) -> None:
    receiver = scene.receiver(scene.box, 546)
    shown = scene.box.ip("-oneline", "-6", "address", "show", "dev", "eth0", "scope", "link")
    address = shown.split()[3].partition("/")[0]
    scene.send(scene.office, f"{address}%out", 546, 1547, b"from elsewhere")
    scene.send(scene.office, OFFICE[2], 546, 547, b"from afar")
    scene.send(scene.office, f"{address}%out", 546, 547, b"lease")
    until(lambda: pending([receiver]) == [546], "the lease")
    assert receiver.recv(16) == b"lease"
    assert pending([receiver]) == []


def test_nothing_is_passed_on(scene: World) -> None:
    scene.box.write("net/ipv4/ip_forward", "1")
    scene.box.write("net/ipv6/conf/all/forwarding", "1")
    listening = [scene.listen(scene.office, PUBLIC), scene.listen(scene.box, PUBLIC)]
    through = [scene.knock(scene.hall, OFFICE[side], PUBLIC) for side in (1, 3)]
    assert is_open(scene.knock(scene.hall, HALL[0], PUBLIC))
    assert is_open(scene.knock(scene.hall, HALL[2], PUBLIC))
    assert all(is_silent(knocked) for knocked in through)
    assert pending(listening[:1]) == []


class Flood:
    """Pings from the hall, all of one connection, as fast as they go."""

    def __init__(self, scene: World, family: socket.AddressFamily, address: str) -> None:
        protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
        self._socket = scene.open_socket(scene.hall, family, socket.SOCK_RAW, protocol)
        self._to = (address, 0)
        kind = 128 if family == socket.AF_INET6 else 8
        # Of IPv6 the kernel makes the sum itself.
        plain = struct.pack("!BBHHH", kind, 0, 0, 7, 1)
        total = sum(struct.unpack("!4H", plain))
        self._packet = plain if kind == 128 else struct.pack("!BBHHH", kind, 0, 0xFFFF - total, 7, 1)
        self._ends = threading.Event()
        self.sent = 0
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._ends.is_set():
            self._socket.sendto(self._packet, self._to)
            self.sent += 1

    def __enter__(self) -> Self:
        self.began_s = time.monotonic()
        self._thread.start()
        until(lambda: self.sent > 1000, "a flood")
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    @property
    def allowed(self) -> float:
        """How many answers there may be by now, at most."""
        return BURST + RATE * (time.monotonic() - self.began_s)


def test_pings_are_answered_but_few_of_a_flood(scene: World) -> None:
    with Flood(scene, socket.AF_INET, HALL[0]) as flood:
        pass
    answered = scene.box.counter("snmp", "Icmp", "OutEchoReps")
    assert 0 < answered <= flood.allowed < flood.sent


def test_neighbors_find_each_other_in_a_flood(scene: World) -> None:
    def asked() -> int:
        return scene.hall.counter("snmp6", "", "Icmp6OutNeighborSolicits")

    def heard() -> int:
        return scene.box.counter("snmp6", "", "Icmp6InNeighborSolicits")

    scene.listen(scene.box, PUBLIC)
    with Flood(scene, socket.AF_INET6, HALL[2]) as flood:
        lost = asked() - heard()
        for _ in range(5):
            # Nobody in the hall knows where this is any more, and the box not who asks.
            scene.box.ip("-6", "neighbor", "flush", "dev", "wlan0")
            scene.hall.ip("-6", "neighbor", "flush", "to", SECOND)
            began = heard()
            assert is_open(scene.knock(scene.hall, SECOND, PUBLIC))
            assert heard() > began
    until(lambda: asked() - heard() <= lost, "questions were lost")
    answered = scene.box.counter("snmp6", "", "Icmp6OutEchoReplies")
    assert 0 < answered <= flood.allowed < flood.sent


def test_routers_of_the_cable_are_heard_in_a_flood_and_none_from_afar(scene: World) -> None:
    router = scene.open_socket(scene.office, socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)

    def say(kind: int, hops: int) -> None:
        router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
        packet = struct.pack("!BBHBBHII", kind, 0, 0, 64, 0, 0, 0, 0)
        scene.office.call(lambda: router.sendto(packet, ("ff02::1%out", 0)))

    def heard(what: str) -> int:
        return scene.box.counter("snmp6", "", f"Icmp6In{what}")

    with Flood(scene, socket.AF_INET6, HALL[2]):
        say(137, 255)
        say(134, 64)
        for _ in range(100):
            say(134, 255)
        until(lambda: heard("RouterAdvertisements") >= 100, "the routers")
    assert heard("RouterAdvertisements") == 100
    assert heard("Redirects") == 0


def test_an_address_of_the_office_is_not_believed_from_the_hall(scene: World, root: Path) -> None:
    for line in (root / "systemd" / "sysctl.d" / "motcua.conf").read_text("utf-8").splitlines():
        name, is_set, value = line.partition("=")
        if is_set and name.startswith("net."):
            scene.box.write(name.strip().replace(".", "/"), value.strip())
    listening = scene.listen(scene.box, PUBLIC)
    # First as itself, so that both know where the other is: a false address gets no answer to that either.
    assert is_open(scene.knock(scene.hall, HALL[0], PUBLIC))
    listening.accept()[0].close()
    scene.hall.ip("address", "add", "192.0.2.77/32", "dev", "lo")
    scene.knock(scene.hall, HALL[0], PUBLIC, source="192.0.2.77")
    until(lambda: scene.box.counter("netstat", "TcpExt", "IPReversePathFilter") > 0, "a refusal")
    assert pending([listening]) == []


def test_no_room_is_left_behind_when_a_test_fails() -> None:
    names: list[str] = []

    def fail() -> None:
        with world() as made:
            names.extend(each.name for each in (made.box, made.office, made.hall))
            assert all(Path("/run/netns", name).exists() for name in names)
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        fail()
    assert len(names) == 3
    assert not any(Path("/run/netns", name).exists() for name in names)
