"""Guests who lie about who they are, tunnel and flood: contained, and nobody else notices."""

import json
import random
import re
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from guest_frames import BROADCAST, advertisement, arp_claim, dhcp_request, hexed, router_advertisement, udp4
from town import DNS4, DNS6, GATE4, GATE6, OFFICE6, WEB4, WEB6, until

from appliance.sockets import gate as messages


@pytest.fixture(scope="module")
def town(build):
    town = build()
    for number, name in enumerate(("victim", "liar"), start=1):
        guest = town.guest(name, number, ("v4", "v6"))
        guest.join()
        assert town.agree(guest.address).state == "open"
        # Both are known to the gate in both families.
        assert guest.do("tcp", host=WEB4, port=443) == "internet"
        assert guest.do("tcp", host=WEB6, port=443) == "internet"
    return town


@pytest.fixture
def victim(town):
    return town.guests["victim"]


@pytest.fixture
def liar(town):
    return town.guests["liar"]


@pytest.fixture
def gate_mac(town):
    return json.loads(town.box.ip("-j", "link", "show", "wlan0"))[0]["address"]


def gets_out(town, guest, server, source):
    """Whether a single packet from an address reaches the Internet; an answer would go to whoever has it."""
    label = f"out{len(town.internet.do('questions'))}"
    said = guest.do("names", host=server, name=f"{label}.example", source=source)
    return said["said"] == "ok" or any(each.startswith(label) for each in town.internet.do("questions"))


def known_at(town, address):
    """The hardware address at which the box looks for a guest."""
    shown = json.loads(town.box.ip("-j", "neigh", "show", "dev", "wlan0", address))
    return [each.get("lladdr") for each in shown]


def test_another_guest_s_ipv4_address_is_of_no_use(town, victim, liar):
    liar.ip("address", "add", f"{victim.address4}/32", "dev", "wifi")
    try:
        assert not gets_out(town, liar, DNS4, victim.address4)
        liar.do("frames", interface="wifi", hexes=[arp_claim(liar.mac, victim.address4)] * 20)
        assert liar.mac not in known_at(town, victim.address4)
    finally:
        liar.ip("address", "del", f"{victim.address4}/32", "dev", "wifi")
    assert victim.do("tcp", host=WEB4, port=443) == "internet"
    assert known_at(town, victim.address4) == [victim.mac]


def test_the_box_s_own_address_is_of_no_use(town, victim, liar):
    liar.do("frames", interface="wifi", hexes=[arp_claim(liar.mac, GATE4)] * 20)
    assert victim.do("tcp", host=WEB4, port=443) == "internet"
    assert victim.do("tcp", host=GATE4, port=8082) == "portal"


def test_another_guest_s_ipv6_address_is_of_no_use(town, victim, liar):
    (theirs,), (mine,) = victim.addresses6(), liar.addresses6()
    liar.ip("address", "add", f"{theirs}/128", "dev", "wifi", "nodad")
    try:
        assert not gets_out(town, liar, DNS6, theirs)
        claims = [advertisement(liar.mac, source, theirs) for source in (theirs, mine, liar.link6())]
        liar.do("frames", interface="wifi", hexes=claims * 10)
        assert liar.mac not in known_at(town, theirs)
    finally:
        liar.ip("address", "del", f"{theirs}/128", "dev", "wifi")
    assert victim.do("tcp", host=WEB6, port=443) == "internet"
    assert known_at(town, theirs) == [victim.mac]


@pytest.mark.parametrize(
    ("source", "server"),
    [("172.16.9.9", DNS4), ("93.184.216.99", DNS4), ("2a00:dead::9", DNS6), (f"{OFFICE6[:-2]}77", DNS6)],
)
def test_a_source_outside_the_network_goes_nowhere(town, liar, source, server):
    length = 128 if ":" in source else 32
    liar.ip("address", "add", f"{source}/{length}", "dev", "wifi", *(["nodad"] if ":" in source else []))
    try:
        assert not gets_out(town, liar, server, source)
    finally:
        liar.ip("address", "del", f"{source}/{length}", "dev", "wifi")
    assert gets_out(town, liar, server, None)


def test_a_rogue_router_and_a_rogue_dhcp_server_are_heard_by_nobody(town, victim, liar, gate_mac):
    before = [each.ip("-6", "route", "show", "default") for each in (town.box, victim)]
    rogue = router_advertisement(liar.mac, liar.link6())
    liar.do("frames", interface="wifi", hexes=[rogue] * 20)
    offer = udp4(liar.mac, BROADCAST, liar.address4, "255.255.255.255", 67, 68, b"\x02" + b"\0" * 300)
    liar.do("frames", interface="wifi", hexes=[offer] * 20)

    after = [each.ip("-6", "route", "show", "default") for each in (town.box, victim)]

    def plain(text):
        return re.sub(r"expires \d+sec", "", text)

    assert [plain(each) for each in after] == [plain(each) for each in before]
    assert not [each for each in victim.addresses6() if each.startswith("2a00:bad")]
    assert victim.do("dhcp", interface="wifi", mac=victim.mac) == victim.address4


def test_one_device_cannot_take_every_address(town, liar):
    for number in range(60):
        liar.ip("address", "add", f"fd77:6d63:7561::bad:{number:x}/64", "dev", "wifi", "nodad")
        liar.do("send", host=GATE6, port=5300, source=f"fd77:6d63:7561::bad:{number:x}")
    listed = json.loads(town.nft("-j", "list", "set", "inet", "motcua_hotspot", "owners6"))
    elements = listed["nftables"][1]["set"]["elem"]
    taken = [each for each in elements if each["elem"]["val"]["concat"][1] == liar.mac]
    for number in range(60):
        liar.ip("address", "del", f"fd77:6d63:7561::bad:{number:x}/64", "dev", "wifi")
    assert 3 <= len(taken) <= 20


def test_one_device_cannot_fill_the_kernel_s_table_of_connections(town, victim):
    hoarder = town.guest("hoarder", 8, ("v4", "v6"))
    hoarder.join()
    assert town.agree(hoarder.address).state == "open"
    assert 300 <= hoarder.do("many", host=WEB4, port=443, count=600) <= 400
    assert hoarder.do("many", host=WEB6, port=443, count=600) <= 100
    assert victim.do("udp", host=WEB4, port=443) == "internet"
    assert victim.do("udp", host=WEB6, port=443) == "internet"


def test_nothing_leaves_through_names(town):
    mole = town.guest("mole", 5, ("v4", "v6"))
    mole.join()
    draw = random.Random(5)
    before = set(town.internet.do("questions"))
    answers = []
    for server in (GATE4, GATE6, DNS4):
        for zone in ("tunnel.example", "captive.apple.com", "wifi.motcua.internal"):
            for kind in (1, 5, 10, 16, 255):
                label = "".join(draw.choices("abcdefghijklmnop", k=60))
                answers.append(mole.do("names", host=server, name=f"{label}.{label}.{zone}", kind=kind))
    asked = set(town.internet.do("questions")) - before
    assert asked == set()
    assert {each["said"] for each in answers} <= {"denied", "nxdomain", "ok", "silent"}
    assert all(each.get("address", GATE4) in {GATE4, GATE6} for each in answers)


def test_a_clone_is_seen_and_has_the_victim_s_quota_and_no_more(town, victim):
    clone = town.guest("clone", 6, ("v4", "v6"))
    clone.ip("link", "set", "wifi", "address", victim.mac)
    clone.mac = victim.mac
    before = town.status(victim.address4).bytes_left
    clone.take4()
    clone.ip("address", "add", "fe80::c10e/64", "dev", "wifi", "nodad")
    clone.do("udp", host="fe80::1%wifi", port=5300, source="fe80::c10e%wifi")
    clone.do("download", host=WEB4, size=2 << 20)
    until(
        lambda: town.status(victim.address4).bytes_left <= before - (1 << 20),
        "the clone uses the victim's quota",
    )

    def is_told():
        with closing(town.line()) as line:
            return line.ask(messages.CountsNow).conflicts == 1

    until(is_told, "the conflict is told")
    told = town.logged("device.conflict")
    assert len(told) == 1
    assert victim.mac not in town.log.read_text()
    clone.ip("link", "set", "wifi", "down")


def test_one_device_cannot_take_every_lease(town, victim, liar):
    """It names another hardware address in each question; the questions come from its own."""
    asked = [
        dhcp_request(f"06:77:00:00:{number >> 8:02x}:{number & 255:02x}", f"10.77.2.{number + 1}")
        for number in range(200)
    ]
    own = [BROADCAST + hexed(liar.mac) + frame[24:] for frame in asked]
    before = leases(town)
    liar.do("frames", interface="wifi", hexes=own)
    latecomer = town.guest("latecomer", 9, ("v4",))
    latecomer.join()
    assert town.agree(latecomer.address).state == "open"
    assert len(leases(town) - before) <= 20


def leases(town):
    lines = (town.folder / "run" / "dhcp" / "leases").read_text().splitlines()
    return {line.split()[1] for line in lines}


def test_one_device_cannot_hold_every_place_at_the_portal(town, victim):
    holder = town.guest("holder", 10, ("v4", "v6"))
    holder.join()
    sources = [holder.add6(f"f00d:{number:x}") for number in range(8)]
    held = holder.do("hold", host=GATE6, port=8082, sources=sources, each=24)
    assert 20 <= held <= 32
    assert victim.do("tcp", host=GATE4, port=8082) == "portal"
    assert victim.do("tcp", host=GATE6, port=8082) == "portal"


def memory_kib(town):
    pid = town.box.run("pgrep", "-f", f"hotspot run --config {town.config}").split()[0]
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def test_ten_thousand_hardware_addresses_are_not_noticed_by_who_is_there(town, victim, liar, gate_mac):
    before = memory_kib(town)
    data = dhcp_request("06:66:00:00:00:00", "10.77.3.200")
    plain = udp4("06:66:00:00:00:00", hexed(gate_mac), "10.77.3.201", WEB4, 40_000, 443, b"x" * 40)
    for frame, place in ((data, 14 + 20 + 8 + 28), (plain, 0)):
        with flooding(liar, frame, place) as done:
            for _ in range(10):
                assert victim.do("tcp", host=WEB4, port=443) == "internet"
                assert victim.do("tcp", host=WEB6, port=443) == "internet"
                assert victim.do("tcp", host=GATE4, port=8082) == "portal"
        assert done.count >= 1
    listed = json.loads(town.nft("-j", "list", "set", "inet", "motcua_hotspot", "strangers"))
    assert len(listed["nftables"][1]["set"].get("elem", ())) < 2_000
    newcomer = town.guest("newcomer", 7, ("v4", "v6"))
    newcomer.join()
    assert town.agree(newcomer.address).state == "open"
    assert newcomer.do("tcp", host=WEB4, port=443) == "internet"
    assert memory_kib(town) - before < 8_192


@contextmanager
def flooding(guest, frame, place):
    """Flood from another thread until the block has ended; ``count`` is of whole floods before that."""
    done, stop = SimpleNamespace(count=0), threading.Event()

    def flood():
        while not stop.is_set():
            guest.do("flood", interface="wifi", count=10_000, template=frame, place=place)
            done.count += 1

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


def test_nobody_s_hardware_address_is_logged(town):
    assert not re.search(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", town.log.read_text())
    assert (town.folder / "state" / "sessions").stat().st_mode & 0o777 == 0o600
