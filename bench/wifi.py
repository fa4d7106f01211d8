"""The public WiFi: forwarding, agreeing, the portal's page, memory, over veth at 1,500 bytes, as root.

Two towns in network namespaces: one with our gate, one whose gate is gone and that forwards without any rule,
through the same queues. They download in turn.
"""

import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http import HTTPStatus
from pathlib import Path

import psutil
from hall import SERVICES
from memory import Caller, office_running
from samples import Samples, timed
from sizes import Sizes
from table import Figure, limit

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "integration" / "hotspot"))

from guest_frames import dhcp_request
from town import GATE4, WEB4, Guest, Line, Town, missing, until

from appliance.config import loads
from appliance.office.portal import portal_of
from appliance.office.public_views import known
from appliance.sockets import gate as messages
from appliance.sockets.known import FILE

ROOT = Path(__file__).parents[1]
PORTAL_PORT = 8085
"""Free in the town: its own stand-in has another."""
LOSS = 1 / 0.9
"""What a download may take beside one without a rule: nine tenths of its rate."""
FIRST_MS = 250.0
"""What a citizen takes for at once."""
MEMORY_MB = 70.0
MEMORY_SESSIONS = 250
PAGE_BYTES = 30_000
AT_ONCE = 8
HELD_EACH = 24
LIES = 2_000
CHADDR = 14 + 20 + 8 + 28
"""Where a question for an address names the device."""
FIRST_READER = 3
_NEWCOMERS_PER_S = 18
"""The gate takes twenty a second that it has never seen."""
_MB = 1_000_000
_CONFIG = f"""
[hotspot]
enabled = true
radio = "external"
interface = "wlan0"
subnet = "10.77.0.0/21"
max_clients = 1000
quota_mib = 1048576
ipv6 = "nat"
classes = [{{ id = "basic", down_kbps = 1000000, up_kbps = 1000000 }}]
[portal]
port = {PORTAL_PORT}
"""


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Build both towns and measure."""
    reason = missing()
    if reason:
        print(f"wifi: left out, {reason}", file=sys.stderr)
        return []
    with ExitStack() as stack:
        ours, guest = stack.enter_context(_town(is_ours=True))
        bare, other = stack.enter_context(_town(is_ours=False))
        assert _queues(bare) == _queues(ours), "no peers"
        assert ours.agree(guest.address).state == "open"
        with closing(ours.line()) as line:
            first = _handles(line)
        figures, online = [], 1
        for count in sizes.sessions:
            _join(ours, range(online, count))
            online = count
            if count == MEMORY_SESSIONS or (count == sizes.sessions[-1] and count < MEMORY_SESSIONS):
                figures.append(_memory(ours, count))
            figures.append(_forwarding(guest, other, count, sizes))
        with closing(ours.line()) as line:
            others = _handles(line) - first
        figures.append(_agreeing(ours, guest, others, sizes))
        figures += _portal(ours, guest, others, sizes)
        figures.append(_attacked(ours, guest, folder, sizes))
    return figures


@contextmanager
def _town(*, is_ours: bool) -> Iterator[tuple[Town, Guest]]:
    base = (ROOT / "tests/unit/config/base.toml").read_text(encoding="utf-8")
    # Not in a folder that is root's alone: the gate runs without root.
    with tempfile.TemporaryDirectory(prefix="motcua-town-") as folder:
        town = Town(Path(folder), base + _CONFIG)
        try:
            guest = _phone(town, "phone", 1)
            town.start()
            guest.join()
            if not is_ours:
                _forward(town)
            yield town, guest
        finally:
            town.close()


def _phone(town: Town, name: str, number: int) -> Guest:
    guest = town.guest(name, number, ("v4",))
    guest.length4 = 21
    return guest


def _forward(town: Town) -> None:
    """Let the box forward as any Linux does: no rule, no address translated, no gate; the queues stay."""
    town.stop(kill=True)
    town.box.run("nft", "flush", "ruleset")
    town.internet.ip("route", "add", "10.77.0.0/21", "via", "192.168.1.2")
    guest = town.guests["phone"]
    until(lambda: guest.do("tcp", host=WEB4, port=80) == "internet", "the bare box forwards")


def _queues(town: Town) -> list[str]:
    """Return the kinds of queues that stand in the box."""
    return re.findall(r"^qdisc (\S+)", town.box.run("tc", "qdisc", "show"), re.MULTILINE)


def _join(town: Town, numbers: range) -> None:
    """Let further devices take their leases, and agree to the terms."""
    guest = town.guests.get("crowd") or town.guest("crowd", 2, ("v4",))
    town.guests["crowd"] = guest
    devices = [(f"06:00:00:00:{number >> 8:02x}:{number & 255:02x}", _address(number)) for number in numbers]
    for mac, address in devices:
        guest.do("frames", interface="wifi", hexes=[dhcp_request(mac, address)])
        threading.Event().wait(1 / _NEWCOMERS_PER_S)
    with closing(town.line()) as line:
        for mac, address in devices:
            for _ in range(20):
                told = line.ask(messages.Open, address=address, terms="ab" * 32, consents=[])
                if isinstance(told, messages.Status):
                    break
                guest.do("frames", interface="wifi", hexes=[dhcp_request(mac, address)])
                threading.Event().wait(0.2)
            assert isinstance(told, messages.Status), told
        counts = line.ask(messages.CountsNow)
    assert counts.open == numbers.stop if numbers else True, counts


def _address(number: int) -> str:
    """Return one of the upper half of the guests' network; dnsmasq leases no first or last of 256."""
    return f"10.77.{4 + number // 254}.{1 + number % 254}"


def _forwarding(guest: Guest, other: Guest, sessions: int, sizes: Sizes) -> Figure:
    size = sizes.download_mib << 20

    def fetch(who: Guest) -> float:
        def act() -> None:
            assert who.do("download", host=WEB4, size=size) == size

        return timed(act) / 1000

    taken: dict[str, list[float]] = {guest.name: [], other.name: []}
    for number in range(sizes.downloads):
        # Each goes first as often as second: what a download leaves behind is paid by the next one.
        for who in (guest, other) if number % 2 else (other, guest):
            taken[who.name].append(fetch(who))
    ours, peer = Samples.of(taken[guest.name]), Samples.of(taken[other.name])
    rates = [size * 8 / 1e3 / each.median for each in (ours, peer)]
    note = f"{rates[0]:.0f} beside {rates[1]:.0f} Mbit/s; guest, box and Internet share the processor"
    name = f"{sizes.download_mib} MiB through the gate, {sessions} online"
    return Figure(f"wifi.forward_{sessions}", name, "ms", ours, "no rule", peer, LOSS, note)


def _memory(town: Town, sessions: int) -> Figure:
    gate = psutil.Process(town.process.pid)
    engines = sum(each.memory_info().rss for each in gate.children(recursive=True)) / _MB
    with closing(town.line()) as line:
        online = line.ask(messages.CountsNow).open
    note = f"and {engines:.1f} MB of dnsmasq twice and radvd; USS {gate.memory_full_info().uss / _MB:.1f} MB"
    ours = Samples((gate.memory_info().rss / _MB,))
    name = f"gate process, {online} online, RSS"
    return Figure(f"wifi.memory_{sessions}", name, "MB", ours, "limit", limit(MEMORY_MB), 1.0, note)


def _agreeing(town: Town, guest: Guest, others: set[str], sizes: Sizes) -> Figure:
    """From the word to the gate until the first packet is back from the Internet."""
    taken = []
    with closing(town.line()) as line:
        for _ in range(sizes.agreements):
            _end(line, others)
            assert guest.do("udp", host=WEB4, port=443) != "internet"

            def act() -> None:
                line.ask(messages.Open, address=guest.address, terms="ab" * 32, consents=[])
                assert guest.do("udp", host=WEB4, port=443) == "internet"

            taken.append(timed(act) / 1000)
    note = "one UDP packet there and back, and the bench's own pipe to the guest"
    ours, name = Samples.of(taken), "agree -> first packet back"
    return Figure("wifi.agree", name, "ms", ours, "limit", limit(FIRST_MS), 1.0, note)


def _handles(line: Line) -> set[str]:
    told = line.ask(messages.ClientsNow)
    found = {each.handle for each in told.clients}
    while not told.is_last:
        told = line.hear()
        found |= {each.handle for each in told.clients}
    return found


def _end(line: Line, others: set[str]) -> None:
    """Put who is not of the others back before the gate: the office blocks him, and lets him again."""
    [handle] = _handles(line) - others
    for kind, more in ((messages.Block, {"minutes": 5}), (messages.Unblock, {})):
        told = line.ask(kind, handle=handle, **more)
        assert isinstance(told, messages.Done), told


def _portal(town: Town, guest: Guest, others: set[str], sizes: Sizes) -> list[Figure]:
    """Load the page before login, one after the other and several at once, beside its own style sheet."""
    settings = loads(town.config.read_text(encoding="utf-8"))
    (town.folder / FILE).write_bytes(known(settings, portal_of(settings, has_wan=True)).line())
    town.start_portal(PORTAL_PORT)
    with closing(town.line()) as line:
        _end(line, others)
    _, body, style = guest.do("fetch", host=GATE4, port=80, path="/wifi")
    assert style is not None, "not our page"
    phones = [_phone(town, f"reader{number}", FIRST_READER + number) for number in range(AT_ONCE)]
    for each in phones:
        each.join()
    return [
        _loads(phones, "/wifi", style, sizes),
        Figure(
            "wifi.page_bytes", "page of the portal with its style sheet", "bytes",
            Samples((float(body + guest.do("fetch", host=GATE4, port=80, path=style)[1]),)),
            "limit", limit(PAGE_BYTES), 1.0,
        ),
        Figure(
            "wifi.public_memory", "strangers' app after that, RSS", "MB",
            Samples((psutil.Process(town.portal.pid).memory_info().rss / _MB,)),
            "limit", limit(MEMORY_MB), 1.0,
        ),
    ]  # fmt: skip


def _attacked(town: Town, guest: Guest, folder: Path, sizes: Sizes) -> Figure:
    """Take numbers in an office on the same machine while guests flood, hold the portal and download."""
    liar = _phone(town, "liar", FIRST_READER + AT_ONCE)
    frame, stop, told = dhcp_request(liar.mac, _address(0)), threading.Event(), {"frames": 0, "held": 0}

    def flood() -> None:
        while not stop.is_set():
            told["frames"] += liar.do("flood", interface="wifi", count=LIES, template=frame, place=CHADDR)

    def download() -> None:
        while not stop.is_set():
            guest.do("download", host=WEB4, size=4 << 20)

    with (
        tempfile.TemporaryDirectory(prefix="motcua-") as runtime,
        office_running(folder, Path(runtime)) as (_, path),
        closing(Caller(path)) as caller,
    ):
        quiet = _numbers(caller, "quiet", sizes)
        town.agree(guest.address)
        readers = [each for name, each in town.guests.items() if name.startswith("reader")]
        for each in readers:
            source = [each.address4]
            told["held"] += each.do("hold", host=GATE4, port=80, sources=source, each=HELD_EACH)
        attackers = [threading.Thread(target=each) for each in (flood, download)]
        for thread in attackers:
            thread.start()
        busy = _numbers(caller, "busy", sizes)
        stop.set()
        for thread in attackers:
            thread.join()
    note = (
        f"{told['frames']:,} frames from {LIES:,} hardware addresses, {told['held']} connections held at the"
        " portal, a download; all on the same processor"
    )
    return Figure("wifi.attacked", "a number while guests attack", "ms", busy, "quiet run", quiet, note=note)


def _numbers(caller: Caller, when: str, sizes: Sizes) -> Samples:
    def take(number: int) -> float:
        def act() -> None:
            body = {"request": f"{when}-{number}", "service": SERVICES[0], "source": "kiosk"}
            assert caller.post("/v1/tickets", body) == HTTPStatus.OK

        return timed(act) / 1000

    return Samples.of(take(number) for number in range(sizes.calls))


def _loads(phones: list[Guest], page: str, style: str, sizes: Sizes) -> Figure:
    """Load both from several phones at once: one phone alone is served no more than 60 in a row."""
    rounds = 5 if sizes.portal_loads > AT_ONCE * 5 else 1
    count = max(1, sizes.portal_loads // AT_ONCE // rounds)

    def per_page(path: str) -> float:
        def load(phone: Guest) -> None:
            phone.do("load", host=GATE4, port=80, path=path, count=count, at_once=1)

        def act() -> None:
            list(pool.map(load, phones))

        return timed(act) / 1000 / (count * AT_ONCE)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        pairs = [(per_page(page), per_page(style)) for _ in range(rounds)]
    ours, peer = Samples.of(each for each, _ in pairs), Samples.of(each for _, each in pairs)
    note = f"{1000 / ours.median:.0f} beside {1000 / peer.median:.0f} a second, {AT_ONCE} phones at once"
    return Figure("wifi.page", "page of the portal before login", "ms", ours, "style sheet", peer, note=note)
