"""How long an office's packets wait while guests fill the line: without a shaper, with rules only, with it.

Run as root where the kernel has what is to be measured: in QEMU's guest, where ``test_line.py`` takes it, or
on any machine with what it has. Namespaces are the town: a modem with a long dumb queue on both sides, behind
it the Internet; before it the box and a desk of the office, which does not send through the box; guests are
behind the box. The box's rules and queues are the gate's own. Each line printed is a name and JSON.

    PYTHONPATH=. python tests/image/line_town.py [--seconds N]
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

HERE = str(Path(__file__).resolve())
BOX_PYTHON = "/opt/motcua/bin/python3"
AGAIN = "LINE_TOWN_PYTHON"
UNIT = Path("/usr/lib/systemd/system/motcua-hotspot.service")
SANDBOX = frozenset(
    {"User", "Group", "CapabilityBoundingSet", "AmbientCapabilities", "NoNewPrivileges", "ProtectSystem"}
    | {"ProtectHome", "PrivateTmp", "ProtectKernelModules", "ProtectKernelTunables", "ProtectKernelLogs"}
    | {"RestrictAddressFamilies", "RestrictNamespaces", "SystemCallArchitectures", "SystemCallFilter"}
    | {"SystemCallErrorNumber", "MemoryDenyWriteExecute", "LockPersonality"}
)
"""Of the gate's unit: whether modules come for a process that may not load them is seen under these."""
PATH = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin"
WEB, MODEM, BOX, DESK = "93.184.216.34", "192.168.1.1", "192.168.1.2", "192.168.1.50"
GUEST, MAC = "10.77.0.10", "02:00:00:00:00:01"
MARK = 0x6D00_0001
UP_KBPS, DOWN_KBPS = 4_000, 10_000
QUEUE_MS = 1_000
"""Of the modem, as they are sold."""
FLOWS = 4
ECHO, SINK, SOURCE = 7, 9, 19
PER_S = 20
ARMS = {
    "none": {},
    "rules": {"line_up_kbps": UP_KBPS, "line_down_kbps": DOWN_KBPS},
    "queues": {"line_up_kbps": UP_KBPS, "line_down_kbps": DOWN_KBPS},
}
PLACES = ("net", "modem", "desk", "box", "guest")
WIRES = (
    (("net", "lan"), ("modem", "up")),
    (("modem", "p1"), ("box", "eth0")),
    (("modem", "p2"), ("desk", "eth0")),
    (("box", "air0"), ("guest", "wifi")),
)


def say(name, what):
    print(name, json.dumps(what), flush=True)


def sh(*words):
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "PATH": PATH}
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


def inside(place, *words):
    return ("ip", "netns", "exec", f"line-{place}", *words)


def ip(place, *words):
    sh("ip", "-n", f"line-{place}", *words)


def write(place, name, value):
    sh(*inside(place, "sh", "-c", f"echo {value} > /proc/sys/net/ipv4/{name}"))


def build():
    """Lay the wires of the town."""
    for place in PLACES:
        sh("ip", "netns", "add", f"line-{place}")
        ip(place, "link", "set", "lo", "up")
    for (one, port), (other, peer) in WIRES:
        ip(one, "link", "add", port, "type", "veth", "peer", "name", peer, "netns", f"line-{other}")
        for place, name in ((one, port), (other, peer)):
            # Packets of 1,500 bytes, as they come over a line, and not of 64 KiB.
            ip(place, "link", "set", "dev", name, "gso_max_segs", "1", "up")
    ip("modem", "link", "add", "br0", "type", "bridge")
    for port in ("p1", "p2"):
        ip("modem", "link", "set", port, "master", "br0")
    ip("modem", "link", "set", "br0", "up")
    ip("guest", "link", "set", "wifi", "address", MAC)
    for place, address, port in (
        ("net", f"{WEB}/32", "lo"),
        ("net", "100.64.0.1/24", "lan"),
        ("modem", "100.64.0.2/24", "up"),
        ("modem", f"{MODEM}/24", "br0"),
        ("box", f"{BOX}/24", "eth0"),
        ("desk", f"{DESK}/24", "eth0"),
        ("guest", f"{GUEST}/22", "wifi"),
    ):
        ip(place, "address", "add", address, "dev", port)
    ip("net", "route", "add", "192.168.1.0/24", "via", "100.64.0.2")
    for place, gateway in (("modem", "100.64.0.1"), ("box", MODEM), ("desk", MODEM), ("guest", "10.77.0.1")):
        ip(place, "route", "add", "default", "via", gateway)
    write("modem", "ip_forward", "1")
    for place in ("net", "guest"):
        # It goes on until something is lost, as there is always somebody who does.
        write(place, "tcp_congestion_control", "reno")
    for place, port, kbps in (("modem", "up", UP_KBPS), ("modem", "br0", DOWN_KBPS)):
        slow = ("tbf", "rate", f"{kbps}kbit", "burst", "5kb", "latency", f"{QUEUE_MS}ms")
        sh(*inside(place, "tc", "qdisc", "add", "dev", port, "root", *slow))


def tear_down():
    for place in PLACES:
        subprocess.run(
            ["ip", "netns", "del", f"line-{place}"], capture_output=True, check=False, env={"PATH": PATH}
        )


def start(place, *words):
    return subprocess.Popen(inside(place, sys.executable, HERE, *words), env={**os.environ, "PATH": PATH})


def ask(place, *words):
    return json.loads(sh(*inside(place, sys.executable, HERE, *words)))


# What runs inside the places.


def be_internet():
    """Echo datagrams, swallow what is sent, send what is asked for."""

    def meet(line, port):
        with line, suppress(OSError):
            block = bytes(65_536)
            while line.recv(65_536) if port == SINK else line.send(block):
                pass

    def listen(port):
        with socket.create_server((WEB, port), backlog=64) as listening:
            while True:
                line, _ = listening.accept()
                threading.Thread(target=meet, args=(line, port), daemon=True).start()

    for port in (SINK, SOURCE):
        threading.Thread(target=listen, args=(port,), daemon=True).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((WEB, ECHO))
        while True:
            said, peer = line.recvfrom(2_000)
            line.sendto(said, peer)


def fill(way):
    """Fill the line one way until killed: four connections, begun again if they break."""

    def flow():
        while True:
            with suppress(OSError):
                port = SINK if way == "up" else SOURCE
                with socket.create_connection((WEB, port), timeout=30) as line:
                    block = bytes(16_384)
                    while line.send(block) if way == "up" else line.recv(65_536):
                        pass

    flows = [threading.Thread(target=flow, daemon=True) for _ in range(FLOWS)]
    for each in flows:
        each.start()
    flows[0].join()


def measure(count):
    """Send small datagrams there and back, as a video meeting does; return how long they were on the way."""
    sent, took = {}, []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        line.connect((WEB, ECHO))

        def hear():
            with suppress(OSError):
                while len(took) < count:
                    number = int.from_bytes(line.recv(2_000)[:4], "big")
                    took.append(1000 * (time.monotonic() - sent[number]))

        hearing = threading.Thread(target=hear)
        hearing.start()
        for number in range(count):
            sent[number] = time.monotonic()
            with suppress(OSError):
                line.send(number.to_bytes(4, "big") + bytes(156))
            time.sleep(1 / PER_S)
        hearing.join()
    took.sort()
    if not took:
        return {"lost": 1.0}
    return {
        "p50_ms": round(took[len(took) // 2], 1),
        "p95_ms": round(took[len(took) * 95 // 100], 1),
        "lost": round(1 - len(took) / count, 3),
    }


def gained(port):
    """What came in through an interface, bytes."""
    return int(Path(f"/sys/class/net/{port}/statistics/rx_bytes").read_text())


def be_box(arm):
    """Put up rules and queues as the gate does, and say what stands."""
    from appliance import logs
    from appliance.config.hotspot import Hotspot
    from appliance.hotspot import links, shaper
    from appliance.hotspot.firewall import NftFirewall
    from appliance.hotspot.policy import elements
    from appliance.hotspot.policy.plan import planned
    from appliance.hotspot.policy.ruleset import ruleset
    from appliance.hotspot.policy.shaping import trees

    # As a service does: what it logs is no part of what it says.
    logs.configure("warning")
    fast = [{"id": "basic", "down_kbps": 1_000_000, "up_kbps": 1_000_000}]
    settings = {"enabled": True, "radio": "external", "interface": "air0", "wan": "eth0", "ipv6": "off"}
    wanted = Hotspot.model_validate(settings | {"classes": fast} | ARMS[arm], strict=False)
    plan = planned(wanted, 8081)
    links.prepare(plan)
    lines = [
        *elements.opened(MAC, MARK, 14_400),
        *elements.leased([elements.Lease(MAC, GUEST, 1200)]),
        *elements.office_networks(links.office_networks(plan)),
    ]
    kernel = shaper.probe()
    laid = trees(plan, kernel) if arm == "queues" else ()
    shaper.keep_only({tree.interface for tree in laid})
    for tree in laid:
        shaper.lay(tree)
    if laid:
        lines += elements.policing(plan, is_up_queued=True, is_down_queued=True)
    with closing(NftFirewall.open()) as firewall:
        firewall.apply(ruleset(plan, lines))
    return {"kernel": kernel.shaper, "has_htb": kernel.has_htb, "standing": sh("tc", "qdisc", "show")}


# The town's day.


def both(seconds):
    """Measure from the desk, from the box, and as one more guest, at once."""
    count = str(seconds * PER_S)
    found = {}

    def from_place(place):
        found[place] = ask(place, "measure", count)

    threads = [threading.Thread(target=from_place, args=(place,)) for place in ("desk", "box", "guest")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def filled(way, seconds):
    """Measure while guests fill the line one way, and how much they got."""
    filling = start("guest", "fill", way)
    place, port = ("net", "lan") if way == "up" else ("guest", "wifi")
    try:
        time.sleep(seconds / 2)  # until they have found out how much there is
        before, began_s = ask(place, "gained", port), time.monotonic()
        found = both(seconds)
        got = ask(place, "gained", port) - before
        found["guests_kbps"] = round(got * 8 / 1000 / (time.monotonic() - began_s))
    finally:
        filling.kill()
        filling.wait()
    return found


def in_the_unit():
    """What a process with the gate's rights finds that the kernel can, and which modules came for it."""
    names = ("sch_cake", "sch_htb", "sch_fq_codel", "veth")
    before = [each for each in names if Path("/sys/module", each).exists()]
    lines = UNIT.read_text().splitlines() if UNIT.exists() else ()
    kept = [each for each in lines if each.partition("=")[0] in SANDBOX]
    asked = "from appliance.hotspot import shaper; print(shaper.probe().shaper)"
    found = sh(
        "systemd-run", "--quiet", "--wait", "--pipe", *(f"--property={each}" for each in kept),
        sys.executable, "-c", asked,
    )  # fmt: skip
    after = [each for each in names if Path("/sys/module", each).exists()]
    return {"shaper": found.strip(), "properties": len(kept), "before": before, "after": after}


def main(seconds):
    tear_down()
    if UNIT.exists():
        try:
            say("line.unit", in_the_unit())
        except RuntimeError as error:
            say("line.unit", {"error": str(error)})
    internet = None
    try:
        build()
        internet = start("net", "internet")
        for arm in ARMS:
            found = ask("box", "box", arm)
            say("line.box", {"arm": arm, **found})
            say("line.rtt", {"arm": arm, "way": "idle", **both(seconds)})
            for way in ("up", "down"):
                say("line.rtt", {"arm": arm, "way": way, **filled(way, seconds)})
        say("line.done", {"up_kbps": UP_KBPS, "down_kbps": DOWN_KBPS, "queue_ms": QUEUE_MS})
    finally:
        if internet is not None:
            internet.kill()
            internet.wait()
        tear_down()


if __name__ == "__main__":
    if Path(BOX_PYTHON).exists() and os.environ.get(AGAIN) != BOX_PYTHON:
        os.environ[AGAIN] = BOX_PYTHON
        os.execv(BOX_PYTHON, [BOX_PYTHON, "-u", HERE, *sys.argv[1:]])  # noqa: S606 - itself
    match sys.argv[1:]:
        case ["internet"]:
            be_internet()
        case ["fill", way]:
            fill(way)
        case ["measure", count]:
            print(json.dumps(measure(int(count))))
        case ["gained", port]:
            print(gained(port))
        case ["box", arm]:
            print(json.dumps(be_box(arm)))
        case ["--seconds", seconds]:
            main(int(seconds))
        case _:
            main(20)
