"""The queues of the line: the kernel's and those in memory do the same; guests leave the office its share.

What is measured are bytes that the kernel's classes counted, beside each other; no time is asserted.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from pyroute2 import IPRoute, netns
from queues_in_memory import InMemoryShaper
from town import WEB4, WEB6, sh, until

from appliance.config.hotspot import Hotspot
from appliance.hotspot import shaper as kernel_shaper
from appliance.hotspot.errors import ShapingError
from appliance.hotspot.policy.plan import planned
from appliance.hotspot.policy.shaping import GUESTS, GUESTWARDS, KERNELS, OFFICE, ROOT, UPWARDS, trees
from appliance.sockets import gate as messages

OTHERS = ("pfifo", 0x99_0000)
OURS = {UPWARDS, GUESTWARDS}
PORTS = ("wan", "air")
LINE = """line_up_kbps = 8000
office_share_percent = 5
all_down_kbps = 8000
"""


def plan_of(**settings):
    wanted = {"enabled": True, "radio": "external", "interface": "air", "wan": "wan", **settings}
    return planned(Hotspot.model_validate(wanted, strict=False), 8081)


class Inside:
    """The kernel's queues, asked and set by a thread that is in a namespace."""

    def __init__(self, name):
        self.name = name
        self._pool = ThreadPoolExecutor(1, initializer=netns.setns, initargs=(name,))

    def __getattr__(self, called):
        return lambda *arguments: self._pool.submit(getattr(kernel_shaper, called), *arguments).result()

    def queues(self, port):
        """What stands on an interface: its roots' kinds and handles, with the packets that they sent."""
        return self._pool.submit(_queues, port).result()

    def classes(self, port):
        """The classes on an interface by number, each with its ceiling and what it sent and dropped."""
        return self._pool.submit(_classes, port).result()

    def close(self):
        self._pool.shutdown()


def _queues(port):
    with IPRoute() as netlink:
        found = netlink.get_qdiscs(index=netlink.link_lookup(ifname=port)[0])
        roots = [each for each in found if each["parent"] == ROOT]
        return {
            (each.get_attr("TCA_KIND"), each["handle"]): each.get_attr("TCA_STATS")["packets"]
            for each in roots
        }


def _classes(port):
    with IPRoute() as netlink:
        found = netlink.get_classes(index=netlink.link_lookup(ifname=port)[0])
        return {
            each["handle"] & 0xFFFF: {
                "ceil": each.get_attr("TCA_OPTIONS").get_attr("TCA_HTB_PARMS")["ceil"],
                "bytes": each.get_attr("TCA_STATS")["bytes"],
                "drops": each.get_attr("TCA_STATS")["drop"],
            }
            for each in found
            if each.get_attr("TCA_KIND") == "htb"
        }


@contextmanager
def namespace():
    name = f"m{uuid.uuid4().hex[:5]}-tc"
    sh("ip", "netns", "add", name)
    try:
        for port in PORTS:
            sh("ip", "-n", name, "link", "add", port, "type", "veth", "peer", "name", f"{port}-peer")
        yield name
    finally:
        sh("ip", "netns", "del", name)


@pytest.fixture
def real():
    with namespace() as name, closing(Inside(name)) as subject:
        yield subject


@pytest.fixture(params=["memory", "kernel"])
def subject(request):
    return InMemoryShaper(PORTS) if request.param == "memory" else request.getfixturevalue("real")


def test_a_tree_is_laid_once_and_again_where_it_changed(subject):
    kernel = subject.probe()
    for settings in ({}, {"all_up_kbps": 4_000, "all_down_kbps": 8_000}, {"line_up_kbps": 20_000}):
        for tree in trees(plan_of(**settings), kernel):
            assert subject.lay(tree)
            assert not subject.lay(tree)


def test_nothing_of_ours_is_left_on_interfaces_that_are_not_named(subject):
    laid = trees(plan_of(), subject.probe())
    for tree in laid:
        subject.lay(tree)
    subject.keep_only({"wan"})
    assert [subject.lay(tree) for tree in laid] == [False, True]
    subject.keep_only(())
    assert [subject.lay(tree) for tree in laid] == [True, True]


def unknown(tree):
    """The same with a queue that no kernel has."""
    *shares, last = tree.shares
    return replace(tree, shares=(*shares, replace(last, leaf=replace(last.leaf, kind="nonesuch"))))


def test_what_cannot_be_laid_changes_nothing(subject):
    first, _ = trees(plan_of(all_up_kbps=4_000), subject.probe())
    second, _ = trees(plan_of(all_up_kbps=2_000), subject.probe())
    with pytest.raises(ShapingError):
        subject.lay(unknown(first))
    assert subject.lay(first)
    with pytest.raises(ShapingError):
        subject.lay(unknown(second))
    assert not subject.lay(first)


def test_an_interface_that_is_not_there_is_told(subject):
    tree, _ = trees(plan_of(wan="gone"), subject.probe())
    with pytest.raises(ShapingError):
        subject.lay(tree)


def test_the_kernel_is_asked_where_nobody_s_packets_are_and_nothing_is_left(real):
    before = sh("ip", "-n", real.name, "-br", "link")
    kernel = real.probe()
    assert kernel in KERNELS
    assert sh("ip", "-n", real.name, "-br", "link") == before
    # What was left by somebody who was killed on the way is used up.
    sh("ip", "-n", real.name, "link", "add", "motcua-tc0", "type", "veth", "peer", "name", "motcua-tc1")
    assert real.probe() == kernel
    assert sh("ip", "-n", real.name, "-br", "link") == before


def test_somebody_else_s_queue_stays_where_ours_cannot_be_laid_and_others_queues_are_not_touched(real):
    first, second = trees(plan_of(), real.probe())
    for port in PORTS:
        sh(
            "ip",
            "netns",
            "exec",
            real.name,
            "tc",
            "qdisc",
            "add",
            "dev",
            port,
            "root",
            "handle",
            "99:",
            "pfifo",
        )
    with pytest.raises(ShapingError):
        real.lay(unknown(first))
    real.keep_only(())
    assert set(real.queues("wan")) == set(real.queues("air")) == {OTHERS}
    assert real.lay(second)
    assert set(real.queues("air")) == {(second.root.kind, GUESTWARDS)}
    assert set(real.queues("wan")) == {OTHERS}


def test_rates_are_changed_without_a_new_root(real):
    kernel = real.probe()
    if not kernel.has_htb:
        pytest.skip("this kernel has no HTB")
    port = "wan"
    for each in (port, f"{port}-peer"):
        sh("ip", "-n", real.name, "link", "set", each, "up")
    laid, _ = trees(plan_of(all_up_kbps=4_000), kernel)
    real.lay(laid)
    frames = (
        "import socket; s = socket.socket(17, 3); s.bind(('wan', 0)); [s.send(bytes(60)) for _ in range(9)]"
    )
    sh("ip", "netns", "exec", real.name, "python3", "-c", frames)
    sent = until(lambda: real.queues(port)["htb", UPWARDS], "packets left")
    real.lay(trees(plan_of(all_up_kbps=2_000), kernel)[0])
    assert real.queues(port)["htb", UPWARDS] >= sent


# The rest is a gate as its unit runs it.


@pytest.fixture(scope="module")
def town(build):
    subject = build(LINE, without="quota_mib")
    subject.tc = Inside(subject.box.name)
    if ("htb", UPWARDS) not in subject.tc.queues("eth0"):
        pytest.skip("this kernel has no HTB")
    subject.internet.do("swallow", host=WEB4, port=9000)
    for number, families in ((1, ("v4",)), (2, ("v4", "v6"))):
        guest = subject.guest(f"g{number}", number, families)
        guest.join()
        assert subject.agree(guest.address).state == "open"
    yield subject
    subject.tc.close()


def gained(before, after, who, what="bytes"):
    return after[who][what] - before[who][what]


def told_of_shaper(town):
    with closing(town.line()) as line:
        counts = line.ask(messages.CountsNow)
    assert counts.fault is None
    return [(each.standing, each.restarts) for each in counts.engines if each.name == "shaper"]


def shaper_of(town):
    return next((standing for standing, _ in told_of_shaper(town)), None)


def apply(town):
    with closing(town.line()) as line:
        return line.ask(messages.Apply)


def test_guests_who_flood_the_line_leave_it_to_the_office_and_are_not_cut_off(town):
    assert shaper_of(town) == "running"
    flood = town.guests["g1"]
    flood.do("pour", host=WEB4, port=9000)
    until(lambda: town.tc.classes("eth0")[GUESTS]["drops"] > 50, "guests have too much")
    alone = town.tc.classes("eth0")
    until(lambda: gained(alone, town.tc.classes("eth0"), GUESTS) > 500_000, "the line is lent to guests")

    before = town.tc.classes("eth0")
    assert town.box.do("upload", host=WEB4, port=9000, size=3_000_000) == 3_000_000
    after = town.tc.classes("eth0")
    assert flood.do("stop_pouring") > 1_000_000

    # They may have 95 of 100 while nobody else sends, and keep 5 when the office does.
    office, guests = gained(before, after, OFFICE), gained(before, after, GUESTS)
    assert office > 2_900_000
    assert 0 < guests < office / 2
    assert gained(before, after, GUESTS, "drops") > 50


def test_the_office_s_own_network_is_not_counted_to_the_line(town):
    before = town.tc.classes("eth0")
    town.internet.do("swallow", host="192.168.1.50", port=9000)
    assert town.box.do("upload", host="192.168.1.50", port=9000, size=3_000_000) == 3_000_000
    assert gained(before, town.tc.classes("eth0"), OFFICE) < 300_000


def test_downloads_of_guests_leave_the_line_to_the_office_s(town):
    guests = list(town.guests.values())
    before = town.tc.classes("wlan0")
    with ThreadPoolExecutor(2) as pool:
        downloads = [
            pool.submit(guest.do, "download", host=host, size=4_000_000)
            for guest, host in zip(guests, (WEB4, WEB6), strict=True)
        ]
        until(lambda: gained(before, town.tc.classes("wlan0"), GUESTS) > 100_000, "guests load")
        begun = town.tc.classes("wlan0")
        assert town.box.do("download", host=WEB4, size=20_000_000) == 20_000_000
        meanwhile = gained(begun, town.tc.classes("wlan0"), GUESTS)
        # 8 Mbit/s beside a wire of some hundreds; and what waits is not lost.
        assert meanwhile < 20_000_000 / 3
        assert [each.result() for each in downloads] == [4_000_000, 4_000_000]


def test_settings_change_in_use_and_a_download_goes_on(town):
    text = town.config.read_text()
    guest = town.guests["g2"]
    before = town.tc.classes("wlan0")
    with ThreadPoolExecutor(1) as pool:
        download = pool.submit(guest.do, "download", host=WEB4, size=5_000_000)
        until(lambda: gained(before, town.tc.classes("wlan0"), GUESTS) > 100_000, "it loads")
        town.config.write_text(text.replace("all_down_kbps = 8000", "all_down_kbps = 40000"))
        assert isinstance(apply(town), messages.Done)
        assert town.tc.classes("wlan0")[GUESTS]["ceil"] == 5_000_000
        assert download.result() == 5_000_000
    assert gained(before, town.tc.classes("wlan0"), GUESTS) > 5_000_000  # the class is the same one
    assert "limit rate" not in town.nft("list", "chain", "inet", "motcua_hotspot", "all_down")
    town.config.write_text(text)
    assert isinstance(apply(town), messages.Done)


def test_queues_that_somebody_took_away_are_laid_again(town):
    town.box.run("tc", "qdisc", "del", "dev", "eth0", "root")
    until(lambda: ("htb", UPWARDS) in town.tc.queues("eth0"), "they stand again")
    until(lambda: told_of_shaper(town) == [("running", 1)], "and it is told")


def test_without_wifi_no_queue_is_left(build):
    town = build(LINE)
    until(lambda: shaper_of(town) is not None, "it is told")
    town.config.write_text(town.config.read_text().replace("enabled = true\nradio", "enabled = false\nradio"))
    assert isinstance(apply(town), messages.Done)
    until(lambda: town.process.poll() is not None, "the gate ends")
    with closing(Inside(town.box.name)) as inside:
        assert not any(handle in OURS for port in ("eth0", "wlan0") for _, handle in inside.queues(port))
    assert town.box.do("download", host=WEB4, size=1_000_000) == 1_000_000


def test_where_queues_cannot_be_had_the_link_goes_on_guests_are_held_back_and_it_is_told(build):
    town = build(LINE, is_started=False)
    town.box.run("tc", "qdisc", "add", "dev", "eth0", "root", "handle", "99:", "pfifo", "limit", "300")
    # A name that the gate needs for trying is taken.
    town.box.ip("link", "add", "motcua-tc1", "type", "bridge")
    town.start()
    guest = town.guest("g1", 1, ("v4",))
    guest.join()
    assert town.agree(guest.address).state == "open"

    assert shaper_of(town) == "failed"
    with closing(Inside(town.box.name)) as inside:
        assert set(inside.queues("eth0")) == {OTHERS}
    assert town.logged("queues.not_set")
    assert "limit rate" in town.nft("list", "chain", "inet", "motcua_hotspot", "all_down")
    assert guest.do("download", host=WEB4, size=500_000) == 500_000
    assert town.box.do("download", host=WEB4, size=500_000) == 500_000

    town.box.ip("link", "del", "motcua-tc1")
    until(lambda: shaper_of(town) != "failed", "it is tried again")
