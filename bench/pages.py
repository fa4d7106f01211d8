"""The pages: call to display, numbers over HTTP, sizes and times, memory of both programs, an attack.

A whole house runs as processes of its own: office, strangers' app, center.
"""

import contextlib
import re
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
from samples import Samples, timed
from sizes import Sizes
from table import Figure, limit

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from house import PASSWORD, House, until

SEEN_MS = 300.0
"""What a hall takes for at once; products that poll take two seconds."""
PHONE_BYTES = 60_000
OFFICE_MB, PUBLIC_MB = 110.0, 70.0
LISTENERS = (1, 50)
_MB = 1_000_000
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_FONT = re.compile(r'url\("(/static/fonts/[^"]+)"\)')
_WAIT_S = 30.0


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Open a house and measure it from outside."""
    house = House(folder / "house")
    try:
        figures = [*_memory(house, "idle")]
        figures += [_call_to_display(house, sizes, listeners) for listeners in LISTENERS]
        figures += _issue(house, sizes)
        figures += _pages(house, sizes)
        figures += _under_attack(house, sizes)
        figures += _memory(house, "after")
    finally:
        house.close()
    return figures


# Call to display.


def _call_to_display(house: House, sizes: Sizes, listeners: int) -> Figure:
    """Call a number over the office's own socket; stop the clock when each display's stream tells of it."""
    house.ask("counters/quay-2/open", request=_request(), officer="lan")
    first: list[float] = []
    last: list[float] = []
    with _displays(house, listeners) as displays:
        for _ in range(sizes.calls):
            label = house.ask("tickets", request=_request(), service="dat-dai")["label"]
            time.sleep(0.02)  # the display has shown that somebody waits
            start = time.perf_counter_ns()
            house.ask("counters/quay-2/call-next", request=_request())
            seen = displays.wait_for(label)
            first.append((min(seen) - start) / 1e6)
            last.append((max(seen) - start) / 1e6)
    note = f"first of them: median {Samples.of(first).median:.1f} ms; the call's own POST is within"
    name = f"call -> display, {listeners} following"
    return Figure(f"pages.call_{listeners}", name, "ms", Samples.of(last), "limit", limit(SEEN_MS), 1.0, note)


class _Displays:
    """Streams of the hall display, read by one thread."""

    def __init__(self, lines: list[socket.socket]) -> None:
        self._lines = lines
        self._selector = selectors.DefaultSelector()
        self._changed = threading.Condition()
        self._seen: dict[int, tuple[bytes, int]] = {}
        self._closing = False
        for number, line in enumerate(lines):
            self._selector.register(line, selectors.EVENT_READ, number)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, label: str) -> list[int]:
        """Return when each stream told of a label."""
        with self._changed:
            came = self._changed.wait_for(lambda: self._count(label) == len(self._lines), _WAIT_S)
            assert came, f"{label}: {self._count(label)} of {len(self._lines)} displays heard of it"
            return [at for _, at in self._seen.values()]

    def close(self) -> None:
        self._closing = True
        self._thread.join(5)
        self._selector.close()
        for line in self._lines:
            line.close()

    def _count(self, label: str) -> int:
        return sum(f'"{label}"'.encode() in told for told, _ in self._seen.values())

    def _read(self) -> None:
        buffers = [b"" for _ in self._lines]
        while not self._closing:
            for key, _ in self._selector.select(0.1):
                number = key.data
                buffers[number] += key.fileobj.recv(1 << 18)  # type: ignore[union-attr]
                *whole, buffers[number] = buffers[number].split(b"\n\n")
                at = time.perf_counter_ns()
                for message in whole:
                    start = message.find(b'"facts":')
                    if start >= 0:
                        with self._changed:
                            self._seen[number] = (message[start:], at)
                            self._changed.notify_all()


@contextmanager
def _displays(house: House, many: int) -> Iterator[_Displays]:
    lines = []
    for _ in range(many):
        line = socket.create_connection(("127.0.0.1", house.own_port), _WAIT_S)
        line.sendall(b"GET /display/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        lines.append(line)
    displays = _Displays(lines)
    until(lambda: len(displays._seen) == many, "the first snapshots")
    try:
        yield displays
    finally:
        displays.close()


# Numbers over HTTP.


def _issue(house: House, sizes: Sizes) -> list[Figure]:
    """Take numbers over HTTP as the kiosk's page does, beside a static file from the same server."""
    with _browser(house.own) as browser:
        token = _form_token(browser, "/kiosk")

        def take() -> None:
            body = {"service": "bao-tro", "source": "kiosk", "request": _request()}
            answer = browser.post("/api/v1/tickets", json=body, headers={"x-csrf-token": token})
            assert answer.status_code == 200, answer.text

        def fetch() -> None:
            assert browser.get("/static/icon.svg").status_code == 200

        one = [(timed(take) / 1000, timed(fetch) / 1000) for _ in range(sizes.tickets)]
    spent_s, taken = _together(house, sizes, many=8)
    note = f"8 at once: {taken / spent_s:.0f} numbers a second, each durable, all different"
    ours, peer = Samples.of(each for each, _ in one), Samples.of(each for _, each in one)
    return [Figure("pages.issue", "a number over HTTP", "ms", ours, "static file", peer, None, note)]


def _together(house: House, sizes: Sizes, many: int) -> tuple[float, int]:
    labels: list[str] = []

    def work() -> None:
        with _browser(house.own) as browser:
            token = _form_token(browser, "/kiosk")
            for _ in range(max(1, sizes.tickets // 2)):
                body = {"service": "cu-tru", "source": "kiosk", "request": _request()}
                answer = browser.post("/api/v1/tickets", json=body, headers={"x-csrf-token": token})
                labels.append(answer.json()["label"])

    workers = [threading.Thread(target=work) for _ in range(many)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(set(labels)) == len(labels) == many * max(1, sizes.tickets // 2)
    return time.perf_counter() - start, len(labels)


# Pages.


def _pages(house: House, sizes: Sizes) -> list[Figure]:
    """Load each page again and again beside a static file; count what a first visit transfers."""
    figures = []
    ticket = _own_ticket(house)
    with _browser(house.own) as own, _browser(house.lan) as officer, _browser(house.lan) as leader:
        _sign_in(officer, "lan")
        _sign_in(leader, "minh")
        technician = leader
        pages: list[tuple[str, httpx2.Client, str, int | None]] = [
            ("kiosk", own, "/kiosk", None),
            ("display", own, "/display", None),
            ("rate", own, "/rate/quay-3", None),
            ("counters", officer, "/counters?c=quay-1&c=quay-2", None),
            ("supervisor", leader, "/supervisor", None),
            ("settings", technician, "/settings/services", None),
        ]
        with _browser(house.public) as phone:
            pages.append(("phone", phone, ticket, PHONE_BYTES))
            for name, browser, path, most in pages:
                loads = [
                    (
                        timed(lambda at=path, by=browser: _load(by, at)) / 1000,
                        timed(lambda by=browser: _icon(by)) / 1000,
                    )
                    for _ in range(sizes.loads)
                ]
                ours, peer = Samples.of(each for each, _ in loads), Samples.of(each for _, each in loads)
                figures.append(
                    Figure(f"pages.load_{name}", f"page {name}, loaded", "ms", ours, "static file", peer)
                )
                figures.append(_size(browser, name, path, most))
    return figures


def _size(browser: httpx2.Client, name: str, path: str, most: int | None) -> Figure:
    """Count the bytes of a first visit as they travel: the page, its style sheets, scripts and fonts."""
    page, sent = _transferred(browser, path)
    parts = {"html": sent}
    for address in dict.fromkeys(_ASSET.findall(page)):
        text, sent = _transferred(browser, address.replace("&amp;", "&"))
        parts[address.partition("?")[0].rpartition("/")[2]] = sent
        if ".css" in address:
            for font in dict.fromkeys(_FONT.findall(text)):
                parts[font.partition("?")[0].rpartition("/")[2]] = _transferred(browser, font)[1]
    total = float(sum(parts.values()))
    note = ", ".join(f"{part} {size}" for part, size in parts.items())
    beside, peer, aim = ("limit", limit(float(most)), 1.0) if most else ("", None, None)
    return Figure(
        f"pages.size_{name}", f"page {name}, first visit", "bytes", Samples((total,)), beside, peer, aim, note
    )


def _transferred(browser: httpx2.Client, address: str) -> tuple[str, int]:
    with browser.stream("GET", address, headers={"accept-encoding": "gzip"}) as answer:
        assert answer.status_code == 200, (address, answer.status_code)
        packed = b"".join(answer.iter_raw())
        answer._content = packed
    plain = packed
    if answer.headers.get("content-encoding") == "gzip":
        import gzip

        plain = gzip.decompress(packed)
    return plain.decode("utf-8", "replace"), len(packed)


# An attack on the strangers' app while counters work.


def _under_attack(house: House, sizes: Sizes) -> list[Figure]:
    """Time the officer's calls while strangers attack; beside the quiet run.

    They hold slow lines at both doors, phones' and the portal's, post forgeries and load the portal's page.
    """
    quiet = _calls(house, sizes)
    stop = threading.Event()
    told = {"forged": 0, "refused": 0, "pages": 0}
    host = urlsplit(house.public).hostname or ""
    doors = (house.public_port, house.portal_port)
    slow = [_slow_line(host, doors[number % 2], number) for number in range(2 * sizes.slow_lines)]
    attackers = [
        threading.Thread(target=_forge, args=(house, stop, told, sizes.forged // 4), daemon=True)
        for _ in range(4)
    ]
    attackers.append(
        threading.Thread(target=_crowd, args=(house, stop, told, sizes.forged // 4), daemon=True)
    )
    start = time.perf_counter()
    for attacker in attackers:
        attacker.start()
    busy = _calls(house, sizes)
    for attacker in attackers:
        attacker.join(180)
    spent_s = time.perf_counter() - start
    stop.set()
    for line in slow:
        line.close()
    note = (
        f"{told['forged']:,} forged posts in {spent_s:.0f} s, {told['refused']:,} refused, none obeyed;"
        f" {told['pages']:,} pages of the portal; {len(slow)} slow connections held at both doors"
    )
    assert told["forged"] == told["refused"], told
    return [
        Figure(
            "pages.attacked", "call next while strangers attack", "ms", busy, "quiet run", quiet, None, note
        )
    ]


def _calls(house: House, sizes: Sizes) -> Samples:
    took = []
    house.ask("counters/quay-3/open", request=_request(), officer="lan")
    for _ in range(sizes.calls):
        house.ask("tickets", request=_request(), service="bao-tro")
        took.append(timed(lambda: house.ask("counters/quay-3/call-next", request=_request())) / 1000)
    return Samples.of(took)


def _slow_line(host: str, port: int, number: int) -> socket.socket:
    line = socket.create_connection((host, port), _WAIT_S, source_address=(f"127.0.{1 + number % 40}.9", 0))
    with contextlib.suppress(OSError):
        line.sendall(
            b"POST /t/A1-AAAAAAAAAAAAAAAA/rate HTTP/1.1\r\nHost: box\r\nContent-Length: 900\r\n\r\nc"
        )
    return line


def _forge(house: House, stop: threading.Event, told: dict[str, int], many: int) -> None:
    """Post ratings and leaves for tickets that are not the poster's, in every wrong way."""
    ways: list[Callable[[httpx2.Client, int], httpx2.Response]] = [
        lambda http, n: http.post(f"/t/A{n}-{'A' * 16}/rate", data={"level": "1", "csrf": "x"}),
        lambda http, n: http.post(
            f"/api/v1/tickets/A{n}-{'B' * 16}/rate", json={"level": 1, "request": f"f{n}"}
        ),
        lambda http, n: http.post(f"/t/A{n}-{'C' * 16}/leave", headers={"origin": "https://evil.example"}),
        lambda http, _: http.post("/api/v1/tickets/..%2f..%2fetc/leave", content=b"\xff" * 200),
    ]
    # An attacker may take any address of the net he sits in.
    transport = httpx2.HTTPTransport(local_address=f"127.0.{50 + threading.get_ident() % 40}.1")
    with httpx2.Client(base_url=house.public, transport=transport, timeout=_WAIT_S) as http:
        for number in range(many):
            if stop.is_set():
                return
            try:
                answer = ways[number % len(ways)](http, number + 1)
            except httpx2.TransportError:
                told["refused"] += 1
            else:
                told["refused"] += answer.status_code >= 400
            told["forged"] += 1


def _crowd(house: House, stop: threading.Event, told: dict[str, int], many: int) -> None:
    """Load the portal's page and agree to nothing in wrong ways, from many addresses."""
    for number in range(many):
        if stop.is_set():
            return
        source = f"127.0.{100 + number % 100}.{1 + number % 250}"
        # No TLS is spoken here; a context of its own for each would take longer than the page.
        transport = httpx2.HTTPTransport(local_address=source, verify=False)
        base = f"http://127.0.0.1:{house.portal_port}"
        with httpx2.Client(base_url=base, transport=transport, timeout=_WAIT_S) as http:
            try:
                page = http.get("/wifi")
                opened = http.post("/wifi/open", data={"pass": "x" * 40, "terms": "y"})
            except httpx2.TransportError:
                continue
            assert opened.status_code >= 400, opened.status_code
            told["pages"] += page.status_code < 500


# Memory.


def _memory(house: House, when: str) -> list[Figure]:
    figures = []
    for name, most in (("office", OFFICE_MB), ("public", PUBLIC_MB)):
        seen = psutil.Process(house.processes[name].pid).memory_full_info()
        note = f"USS {seen.uss / _MB:.1f} MB"
        figures.append(
            Figure(
                f"pages.memory_{name}_{when}",
                f"{name} process, {when}, RSS",
                "MB",
                Samples((seen.rss / _MB,)),
                "limit",
                limit(most),
                1.0,
                note,
            )
        )
    return figures


# Browsers without a window.


@contextmanager
def _browser(base: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=base, timeout=_WAIT_S, verify=False, headers={"accept": "text/html"}
    ) as client:
        yield client


def _form_token(browser: httpx2.Client, path: str) -> str:
    found = _TOKEN.search(browser.get(path).text)
    assert found is not None, path
    return found[1]


def _sign_in(browser: httpx2.Client, officer: str) -> None:
    token = _form_token(browser, "/sign-in")
    answer = browser.post("/sign-in", data={"csrf": token, "officer": officer, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


def _own_ticket(house: House) -> str:
    """Take a number at the kiosk; return the path of its page on a phone."""
    with _browser(house.own) as browser:
        token = _form_token(browser, "/kiosk")
        data = {"csrf": token, "service": "ho-tich", "request": _request()}
        answer = browser.post("/kiosk/tickets", data=data)
        assert answer.status_code == 303, answer.text
        return "/t/" + answer.headers["location"].rpartition("/")[2].partition("?")[0]


def _load(browser: httpx2.Client, path: str) -> None:
    assert browser.get(path).status_code == 200, path


def _icon(browser: httpx2.Client) -> None:
    assert browser.get("/static/icon.svg").status_code == 200


_numbers = count(1)


def _request() -> str:
    return f"bench-{next(_numbers)}"
