"""What each system asks to find out whether it is online, what it gets from us, and what it makes of that.

The judges are written from the makers' own sources, not from our table: AOSP NetworkMonitor (204 is online, a
body or a redirect a portal, 400 and above a failure that is tried again), Apple's CaptiveNetworkSupport
(nothing but its own page is online), Windows NCSI (the exact text, a redirect is a portal), Firefox
captivedetect.sys.mjs (the exact text; a redirect or 511 is a portal, other errors are tried again),
NetworkManager (the text it is set to begins the answer).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim_guest_gate import PORTAL
from sim_guests import Answer, SimGuests

APPLE = b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
FIREFOX = b'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'
KINDLE = b"81ce4465-7167-4dcb-835b-dcc9e44c112a"
FORBIDDEN = 400


def exactly(body: bytes) -> Callable[[Answer], str]:
    def judge(answer: Answer) -> str:
        if answer.status == 200 and answer.body.strip() == body.strip():
            return "online"
        return "portal" if answer.status < FORBIDDEN else "again"

    return judge


def beginning(body: bytes) -> Callable[[Answer], str]:
    def judge(answer: Answer) -> str:
        if answer.status == 200 and answer.body.startswith(body):
            return "online"
        return "portal" if answer.status < FORBIDDEN else "again"

    return judge


def generate_204(answer: Answer) -> str:
    if answer.status == 204:
        return "online"
    return "portal" if 200 <= answer.status < FORBIDDEN else "again"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of one system."""

    system: str
    host: str
    path: str
    judge: Callable[[Answer], str]
    own: tuple[int, bytes]
    """The maker's own answer: status and body."""


def _204(system: str, host: str, path: str = "/generate_204") -> Asked:
    return Asked(system, host, path, generate_204, (204, b""))


ASKED = (
    Asked("iOS, macOS", "captive.apple.com", "/hotspot-detect.html", exactly(APPLE), (200, APPLE)),
    Asked("iOS, macOS", "www.apple.com", "/library/test/success.html", exactly(APPLE), (200, APPLE)),
    _204("Android", "connectivitycheck.gstatic.com"),
    _204("Android", "connectivitycheck.android.com"),
    _204("Android", "play.googleapis.com"),
    _204("ChromeOS", "clients3.google.com"),
    _204("ChromeOS", "www.google.com", "/gen_204"),
    _204("Xiaomi", "connect.rom.miui.com"),
    _204("Huawei", "connectivitycheck.platform.hicloud.com"),
    _204("Oppo", "conn1.oppomobile.com"),
    _204("vivo", "wifi.vivo.com.cn"),
    Asked(
        "Windows 10, 11",
        "www.msftconnecttest.com",
        "/connecttest.txt",
        exactly(b"Microsoft Connect Test"),
        (200, b"Microsoft Connect Test"),
    ),
    Asked(
        "Windows 10, 11",
        "ipv6.msftconnecttest.com",
        "/connecttest.txt",
        exactly(b"Microsoft Connect Test"),
        (200, b"Microsoft Connect Test"),
    ),
    Asked(
        "Windows 7, 8", "www.msftncsi.com", "/ncsi.txt", exactly(b"Microsoft NCSI"), (200, b"Microsoft NCSI")
    ),
    Asked("Firefox", "detectportal.firefox.com", "/canonical.html", exactly(FIREFOX), (200, FIREFOX)),
    Asked("Firefox", "detectportal.firefox.com", "/success.txt", exactly(b"success"), (200, b"success\n")),
    Asked(
        "GNOME",
        "nmcheck.gnome.org",
        "/check_network_status.txt",
        beginning(b"NetworkManager is online"),
        (200, b"NetworkManager is online\n"),
    ),
    Asked(
        "Debian",
        "network-test.debian.org",
        "/nm",
        beginning(b"NetworkManager is online"),
        (200, b"NetworkManager is online\n"),
    ),
    _204("Ubuntu", "connectivity-check.ubuntu.com", "/"),
    Asked(
        "Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html", beginning(KINDLE), (200, KINDLE)
    ),
)
COLUMNS = ("before agreeing", "after: the maker's own", "after: late to us", "after, line down")
HEAD = ("system", "request", *COLUMNS)
NEW, OPEN, STRANDED = "127.0.6.1", "127.0.6.2", "127.0.6.3"
"""Who has not agreed, who has, and one more who has: a device's standing is kept for a second."""


@dataclass(frozen=True, slots=True)
class Row:
    """One request and its four answers, each with what its system makes of it."""

    asked: Asked
    cells: tuple[tuple[Answer, str], ...]


def rows(guests: SimGuests) -> list[Row]:
    """Ask everything in every state, over real sockets."""
    guests.gate.inner.standings |= {OPEN: "open", STRANDED: "open"}
    found: dict[Asked, list[Answer]] = {each: [] for each in ASKED}
    for source, has_wan in ((NEW, True), (None, True), (OPEN, True), (STRANDED, False)):
        # The gate, which leads guests here, is the one that knows; the office may be late.
        guests.put_up(PORTAL.model_copy(update={"has_wan": True}))
        guests.gate.inner.wan = has_wan
        for each in ASKED:
            # Afterwards the gate leads nothing here: what the maker's own host says is the answer.
            own = Answer(each.own[0], {}, each.own[1])
            found[each].append(own if source is None else guests.ask(each.host, each.path, source))
    return [Row(each, tuple((answer, each.judge(answer)) for answer in found[each])) for each in ASKED]


def table(found: list[Row]) -> str:
    """Return all of it as text for people."""
    lines = [
        HEAD,
        *((r.asked.system, f"GET http://{r.asked.host}{r.asked.path}", *map(_cell, r.cells)) for r in found),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def _cell(cell: tuple[Answer, str]) -> str:
    answer, verdict = cell
    to = f" {answer.headers['location']}" if "location" in answer.headers else ""
    body = f" {answer.body[:14].decode()!r}…" if answer.body else ""
    return f"{answer.status}{to}{body} → {verdict}"
