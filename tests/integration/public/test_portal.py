"""The portal over real sockets: its certificate, guests who mean no good, and what the office puts up."""

import asyncio
import contextlib
import dataclasses
import json
import os
import re
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from memory_office import KNOWN
from sim_guest_gate import NAME, PORTAL, TERMS
from sim_guests import LOOPBACK, WAIT_S, SimGuests, answer_of, identity
from sim_phone import SimPhone

from appliance.config.hotspot import Hotspot
from appliance.hotspot.policy.plan import planned
from appliance.hotspot.portal_check import portal_is_secure
from appliance.office.portal import portal_of
from appliance.office.portal_terms import terms_of
from appliance.public import running
from appliance.public.notice import Notice
from appliance.sockets.portal import API, IDENTITY
from appliance.wan import has_wan

pytestmark = pytest.mark.integration

GUEST = "127.0.6.1"
HOTSPOT = '[hotspot]\nenabled = true\nradio = "external"\ninterface = "eth1"\n'


@pytest.fixture
def guests(tmp_path):
    subject = SimGuests(tmp_path / "guests")
    yield subject
    subject.close()


def browser(guests, source=GUEST):
    transport = httpx2.HTTPTransport(local_address=source)
    http = httpx2.Client(
        base_url=f"http://127.0.0.1:{guests.port}", transport=transport, timeout=WAIT_S, trust_env=False,
        headers={"host": NAME},
    )  # fmt: skip
    guests.stack.callback(http.close)
    return http


def form_of(page):
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))


def agree(http):
    return http.post("/wifi/open", data=form_of(http.get("/wifi").text)).status_code


def test_a_guest_agrees_over_real_sockets(guests):
    http = browser(guests)
    assert agree(http) == 303
    assert guests.gate.inner.opened == [(GUEST, TERMS.version, ())]
    assert "Quý vị đã vào mạng" in http.get("/wifi").text


def test_at_a_socket_for_both_families_a_guest_keeps_his_ipv4_address(tmp_path):
    subject = SimGuests(tmp_path / "guests", host="::")
    try:
        assert agree(browser(subject)) == 303
        assert [address for address, *_ in subject.gate.inner.opened] == [GUEST]
    finally:
        subject.close()


def test_a_gate_that_dies_is_said_and_found_again(guests):
    http = browser(guests)
    assert agree(http) == 303
    guests.gate.close()
    guests.until(lambda: "WiFi hiện chưa hoạt động" in http.get("/wifi").text)
    assert guests.ask("captive.apple.com", "/hotspot-detect.html").status == 302
    again = type(guests.gate)(guests.gate._path.parent)
    guests.stack.callback(again.close)
    other = browser(guests, "127.0.6.9")
    guests.until(lambda: "vào mạng</span>" in other.get("/wifi").text)


# --- https


def check(guests, path, *, is_trusted=True):
    """Whether the gate would announce the API: it asks as a phone does."""
    plan = planned(Hotspot(portal_name=NAME), 8082)
    plan = dataclasses.replace(plan, gateway4=LOOPBACK, has_certificate=True)
    roots = ssl.create_default_context(cafile=str(path) if is_trusted else None)
    return asyncio.run(portal_is_secure(plan, roots, guests.tls_port))


def test_the_gates_own_test_passes_with_a_certificate_and_only_then(guests, tmp_path):
    path = identity(tmp_path / "other.pem")
    assert not check(guests, path), "there is none yet"
    identity(guests.link / IDENTITY)
    assert check(guests, guests.link / IDENTITY)
    assert not check(guests, guests.link / IDENTITY, is_trusted=False)
    identity(guests.link / IDENTITY, name="other.example")
    assert not check(guests, guests.link / IDENTITY)
    identity(guests.link / IDENTITY, days=-1)
    assert not check(guests, guests.link / IDENTITY)
    identity(guests.link / IDENTITY)
    assert check(guests, guests.link / IDENTITY), "a new one is taken up while we serve"
    (guests.link / IDENTITY).write_text("no certificate")
    assert not check(guests, path)
    (guests.link / IDENTITY).unlink()
    assert not check(guests, path)


def test_the_api_over_real_tls(guests):
    roots = identity(guests.link / IDENTITY)
    guests.gate.inner.standings["127.0.0.1"] = "open"
    with guests.tls(roots) as line:
        line.sendall(f"GET {API} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        answer = answer_of(line)
    assert answer.headers["content-type"] == "application/captive+json"
    said = json.loads(answer.body)
    assert said["captive"] is False
    assert said["seconds-remaining"] == 14_400
    assert said["user-portal-url"] == f"https://{NAME}/wifi"
    with guests.tls(roots) as line:
        line.sendall(f"GET /wifi HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        assert "Quý vị đã vào mạng" in answer_of(line).body.decode()
    assert guests.ask(NAME, API).status == 404, "over plain HTTP there is none"


# --- guests who mean no good


def test_slow_guests_and_two_hundred_at_once_keep_nobody_out(guests):
    slow = []
    with contextlib.ExitStack() as stack:
        for number in range(200):
            source = (f"127.0.7.{number % 10 + 1}", 0)
            line = socket.create_connection(("127.0.0.1", guests.port), WAIT_S, source_address=source)
            slow.append(stack.enter_context(line))
            line.sendall(b"POST /wifi/open HTTP/1.1\r\nHost: wifi\r\nContent-Le")
        assert agree(browser(guests)) == 303
        # One device alone gets no more places than it may have.
        more = [
            socket.create_connection(("127.0.0.1", guests.port), WAIT_S, source_address=("127.0.7.1", 0))
            for _ in range(running.GUESTS.per_peer)
        ]
        for line in more:
            stack.enter_context(line)
        more[-1].sendall(b"GET /wifi HTTP/1.1\r\nHost: wifi\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert more[-1].recv(100) == b""
    # Phones with a ticket come in by another door.
    assert httpx2.get(f"http://127.0.0.1:{guests.tickets}/", timeout=WAIT_S).status_code == 200


def test_two_hundred_phones_at_once_are_all_served(guests):
    """All lines are open before the first of them asks."""
    phones = [f"127.0.{8 + number // 100}.{number % 100 + 1}" for number in range(200)]

    async def said(line, text):
        reader, writer = line
        writer.write(text.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head)
        return int(head.split()[1]), (await reader.readexactly(int(length[1]))).decode()

    async def come(line):
        _, page = await said(line, f"GET /wifi HTTP/1.1\r\nHost: {NAME}\r\n\r\n")
        form = urlencode(form_of(page))
        kind = "Content-Type: application/x-www-form-urlencoded"
        size = f"Content-Length: {len(form)}"
        head = f"POST /wifi/open HTTP/1.1\r\nHost: {NAME}\r\n{kind}\r\n{size}\r\n\r\n"
        status, _ = await said(line, head + form)
        line[1].close()
        return status

    async def all_of_them():
        lines = [
            await asyncio.open_connection("127.0.0.1", guests.port, local_addr=(each, 0)) for each in phones
        ]
        return await asyncio.wait_for(asyncio.gather(*map(come, lines)), WAIT_S)

    assert asyncio.run(all_of_them()) == [303] * 200
    assert {address for address, *_ in guests.gate.inner.opened} == set(phones)


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (b"GET /wifi HTTP/1.1\r\nHost: a\r\nX-Long: " + b"y" * 20_000 + b"\r\n\r\n", {400, 431}),
        (b"GET /" + b"z" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {400, 414, 431}),
        (b"GET / HTTP/1.1\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}),
        (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", {400}),
        (
            b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n\r\n",
            {400, 405, 511},
        ),
        (b"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", {302}),
        (b"GET / HTTP/1.0\r\n\r\n", {302}),
        (b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n", {302, 400}),
        (b"GET / HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n", {302}),
    ],
    ids=range(10),
)
def test_nonsense_is_answered_as_such_and_nothing_breaks(guests, said, codes):
    with socket.create_connection(("127.0.0.1", guests.port), WAIT_S) as line:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(said)
            line.shutdown(socket.SHUT_WR)
        try:
            status = answer_of(line).status
        except (ConnectionResetError, IndexError):
            status = 431  # cut off before all of it was said
    assert status in codes | {431}
    assert guests.gate.inner.opened == []
    assert browser(guests).get("/wifi").status_code == 200


@pytest.mark.usefixtures("slow_refill")
def test_forged_forms_open_nothing_and_do_not_reach_the_gate(guests):
    http = browser(guests, "127.0.6.66")
    codes = {
        http.post("/wifi/open", data={"pass": f"1.{n}.x", "terms": TERMS.version}).status_code
        for n in range(60)
    }
    assert codes == {403, 429}
    assert guests.gate.inner.opened == []
    assert agree(browser(guests)) == 303


# --- what the office puts up


def test_without_a_public_wifi_the_portals_door_shows_tickets_only(guests):
    guests.put_up(None)
    assert guests.ask("captive.apple.com", "/hotspot-detect.html").status == 404
    assert guests.ask("example.com", "/").status == 200
    assert guests.ask(NAME, "/wifi").status == 404


@pytest.fixture
def house(tmp_path):
    phone = SimPhone(tmp_path)
    yield phone
    phone.close()


def test_an_office_puts_up_its_portal_when_it_offers_wifi_and_takes_it_down(house, tmp_path):
    notice = Notice(house.link_dir)
    assert notice.known().portal is None
    assert not (house.link_dir / IDENTITY).exists()
    pair = identity(tmp_path / "pair.pem")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    parts = re.split(r"(?=-----BEGIN PRIVATE)", pair.read_text())
    certificate.write_text(parts[0])
    key.write_text(parts[1])
    house.configure(f'{HOTSPOT}certificate = "{certificate}"\nkey = "{key}"\n[hotspot.hours]\nsun = ""\n')
    house.door.settings_changed()
    portal = notice.known().portal
    assert portal.name == "wifi.motcua.internal"
    assert portal.hosts == ("10.77.0.1", "fd77:6d63:7561::1")
    assert portal.hours[5:] == ("00:00-24:00", "")
    assert portal.has_tickets
    assert portal.terms == terms_of(notice.known().office.vi, notice.known().office.en)
    handed = house.link_dir / IDENTITY
    assert handed.stat().st_mode & 0o777 == 0o640
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(handed)
    # Renewed in place: taken over with the next round.
    identity(pair)
    certificate.write_text(re.split(r"(?=-----BEGIN PRIVATE)", pair.read_text())[0])
    key.write_text(re.split(r"(?=-----BEGIN PRIVATE)", pair.read_text())[1])
    before = handed.read_bytes()
    house.door.tick()
    assert handed.read_bytes() != before
    key.unlink()
    house.door.tick()
    assert not handed.exists()
    house.configure("")
    house.door.settings_changed()
    assert notice.known().portal is None


def test_an_office_with_terms_and_purposes_of_its_own(house):
    house.configure(
        f'{HOTSPOT}ipv6 = "off"\n[portal]\nterms = "Một."\nterms_en = "One."\n'
        '[[portal.purposes]]\nid = "khao-sat"\nname = "Khảo sát"\n'
    )
    portal = portal_of(house.staff.settings, has_wan=False)
    assert (portal.terms.vi, portal.terms.en) == ("Một.", "One.")
    assert [(each.key, each.name.vi, each.name.en) for each in portal.purposes] == [
        ("khao-sat", "Khảo sát", "Khảo sát")
    ]
    assert (portal.hosts, portal.guests, portal.has_wan) == (("10.77.0.1",), None, False)


ROUTES = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
DEFAULT4 = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t1024\t00000000\t0\t0\t0\n"
LAN4 = "eth0\t0001A8C0\t00000000\t0001\t0\t0\t1024\t00FFFFFF\t0\t0\t0\n"
ZERO = "0" * 32
DEFAULT6 = f"{ZERO} 00 {ZERO} 00 fe80000000000000000000000000000a 00000400 00000001 00000000 00000003 eth0\n"
NO_ROUTE6 = f"{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200 lo\n"


@pytest.mark.parametrize(
    ("carrier", "four", "six", "is_there"),
    [
        ("1", DEFAULT4 + LAN4, NO_ROUTE6, True),
        ("1", LAN4, NO_ROUTE6, False),
        ("1", LAN4, DEFAULT6, True),
        ("0", DEFAULT4, DEFAULT6, False),
        (None, DEFAULT4, DEFAULT6, False),
        ("1", DEFAULT4.replace("eth0", "wlan0"), NO_ROUTE6, False),
        ("1", DEFAULT4.replace("0003", "0201"), "", False),
    ],
)
def test_a_way_to_the_internet_is_a_link_and_a_route(tmp_path, carrier, four, six, is_there):
    net, links = tmp_path / "net", tmp_path / "links" / "eth0"
    net.mkdir()
    links.mkdir(parents=True)
    (net / "route").write_text(ROUTES + four)
    (net / "ipv6_route").write_text(six)
    if carrier is not None:
        (links / "carrier").write_text(f"{carrier}\n")
    assert has_wan("eth0", net, links.parent) is is_there


def test_sockets_that_systemd_hands_over_are_told_apart_by_name(tmp_path):
    (tmp_path / "public.json").write_bytes(KNOWN.model_copy(update={"portal": PORTAL}).line())
    program = (
        "import os, socket, sys\n"
        "from pathlib import Path\n"
        "from appliance.httpd.server import tcp_socket\n"
        "made = [tcp_socket('127.0.0.1', 0) for _ in range(3)]\n"
        "ports = [each.getsockname()[1] for each in made]\n"
        "for each in made: os.dup2(each.fileno(), each.fileno() + 40)\n"
        "for number, each in enumerate(made): os.dup2(each.fileno() + 40, 3 + number)\n"
        "os.environ |= {'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '3', 'LISTEN_FDNAMES': sys.argv[1]}\n"
        "from appliance.public.running import listening\n"
        "found = listening(0)\n"
        "for group in (found.phones, found.portal, found.portal_tls):\n"
        "    print([ports.index(each.getsockname()[1]) for each in group])\n"
    )
    for names, expected in (
        ("motcua-public.socket:portal:portal-tls", "[0]\n[1]\n[2]\n"),
        ("portal-tls:portal:motcua-public.socket", "[2]\n[1]\n[0]\n"),
        ("", "[0, 1, 2]\n[]\n[]\n"),
    ):
        assert _run(program, names) == expected


def _run(program: str, argument: str) -> str:

    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", program, argument],
        env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, timeout=WAIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
