"""``motcua hotspot selftest`` in the town: against a gate that stands, and against gates with a hole."""

import json
import re
import subprocess
import sys
from contextlib import closing

import pytest
from town import PATH, ROOT, WEB4, until

from appliance.doctor.gate_test.path import DETOUR, OUR_END
from appliance.doctor.gate_test.trial import CONDITIONS
from appliance.sockets import gate as messages
from appliance.sockets.gate_test import FILE, MOST_BYTES, GateTest

KEYS = {each.key for each in CONDITIONS}
LET_IN = "meta mark set 0x6d000000 accept"


@pytest.fixture(scope="module")
def town(build):
    made = build(is_started=False)
    # As systemd/sysctl.d/motcua.conf has it: a redirect uses up what the kernel says to a guest in a second.
    made.box.sysctl("ipv4/conf/all/send_redirects", 0)
    made.start()
    return made


def rights():
    """What the unit that the staff app's button starts lends to it, as setpriv says it."""
    unit = (ROOT / "systemd" / "motcua-gate-test.service").read_text(encoding="utf-8")
    [names] = re.findall(r"^CapabilityBoundingSet=(.+)$", unit, re.MULTILINE)
    kept = ",".join(f"+{name.removeprefix('CAP_').lower()}" for name in names.split())
    return ["setpriv", "--no-new-privs", f"--bounding-set=-all,{kept}"]


def command(town, *more):
    options = ["--config", str(town.config), "--run-dir", str(town.folder / "run"), "--json", *more]
    return [
        *("ip", "netns", "exec", town.box.name),
        *rights(),
        sys.executable,
        "-m",
        "appliance",
        "hotspot",
        "selftest",
        *options,
    ]


def environment(town):
    return {"PATH": PATH, "PYTHONPATH": str(ROOT), "HOME": str(town.folder)}


def outcome(town, *more):
    """The levels that a whole test found, by key, and what it ended with."""
    done = subprocess.run(
        command(town, *more), capture_output=True, text=True, check=False, cwd=ROOT, env=environment(town)
    )
    assert done.returncode in {0, 2, 3}, done.stderr
    findings = {each["key"]: each for each in json.loads(done.stdout)["findings"]}
    return findings, done.returncode


def broken(findings):
    return {key for key, each in findings.items() if each["level"] == "broken"}


def counted(town):
    with closing(town.line()) as line:
        counts = line.ask(messages.CountsNow)
    return counts.open, counts.joined


def is_clean(town):
    links = town.box.ip("-br", "link")
    return OUR_END not in links and DETOUR not in town.nft("list", "tables")


def delete(town, chain, words):
    """Take a rule out of the gate that stands."""
    listed = town.nft("-a", "list", "chain", "inet", "motcua_hotspot", chain)
    [handle] = [
        re.search(r"# handle (\d+)", line)[1]
        for line in listed.splitlines()
        if line.strip().startswith(words)
    ]
    town.nft("delete", "rule", "inet", "motcua_hotspot", chain, "handle", handle)


def insert(town, chain, rule):
    town.nft("insert", "rule", "inet", "motcua_hotspot", chain, *rule.split())


def test_a_gate_that_stands_is_proven_and_real_guests_do_not_notice(town):
    phone = town.guest("phone", 1, ("v4", "v6"))
    phone.join()
    assert town.agree(phone.address).state == "open"
    before = counted(town)
    rules = town.nft("-s", "list", "table", "inet", "motcua_hotspot").partition("chain guard")[2]

    findings, code = outcome(town, "--leave")

    assert set(findings) == KEYS
    left = GateTest.of_content((town.folder / "run" / FILE).read_bytes(), MOST_BYTES, FILE)
    assert {each.key: each.level for each in left.found} == {
        key: each["level"] for key, each in findings.items()
    }
    assert broken(findings) == set(), [findings[each]["en"] for each in broken(findings)]
    assert code == 0
    # Access points of the office's own: nothing here can tell whether they keep guests apart.
    assert findings["air"]["level"] == "unknown"
    assert "two phones" in findings["air"]["todo_en"]
    assert {each["level"] for key, each in findings.items() if key != "air"} == {"well"}
    assert town.nft("-s", "list", "table", "inet", "motcua_hotspot").partition("chain guard")[2] == rules
    # The gate looks at who is there now and then, and may have seen the test's guest.
    until(lambda: counted(town) == before, "the gate counts as before")
    assert phone.do("tcp", host=WEB4, port=443) == "internet"
    assert is_clean(town)


@pytest.mark.parametrize(
    ("hole", "wanted"),
    [
        (lambda town: delete(town, "up", 'oifname != "eth0"'), {"rules"}),
        (lambda town: insert(town, "up", LET_IN), {"rules", "internet", "office", "others"}),
        (
            lambda town: insert(town, "up", f"meta nfproto ipv6 {LET_IN}"),
            {"rules", "internet", "office", "others"},
        ),
        (lambda town: insert(town, "up", f"ip daddr 192.168.1.0/24 {LET_IN}"), {"rules", "office"}),
        (lambda town: insert(town, "arriving_guests", "tcp dport 8443 goto let_in"), {"rules", "staff"}),
        (
            lambda town: insert(town, "arriving_guests", "ip daddr 192.168.1.2 udp dport 443 goto let_in"),
            {"rules", "staff"},
        ),
        (lambda town: delete(town, "strangers_way", "meta nfproto ipv4 meta l4proto"), {"rules", "names"}),
        (lambda town: delete(town, "strangers_way", "meta nfproto ipv6 tcp dport 80"), {"rules", "portal"}),
        (
            lambda town: delete(town, "refuse", "meta l4proto tcp"),
            {"rules", "internet", "staff", "office", "others"},
        ),
        (lambda town: town.nft("delete", "table", "inet", "motcua"), {"box_rules"}),
    ],
)
def test_a_hole_is_found(town, hole, wanted):
    hole(town)
    try:
        findings, code = outcome(town)
    finally:
        town.stop()
        town.nft("-f", str(ROOT / "systemd" / "nftables.conf"))
        town.start()
    assert wanted <= broken(findings)
    # What the hole has nothing to do with is still proven; a refusal that is missing shows in several.
    assert not broken(findings) & {"gate", "air"}
    assert code == 2
    assert is_clean(town)


def test_a_gate_that_is_gone_with_its_rules_is_found(town):
    town.stop(kill=True)
    town.nft("delete", "table", "inet", "motcua_hotspot")
    try:
        findings, code = outcome(town)
    finally:
        town.start()
    assert {"gate", "rules", "internet"} <= broken(findings)
    assert code == 2


def test_a_test_that_is_killed_leaves_nothing_behind(town):
    process = subprocess.Popen(
        command(town), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment(town)
    )
    try:
        until(lambda: not is_clean(town) or process.poll() is not None, "the test has begun")
        assert process.poll() is None
        assert OUR_END in town.box.ip("-br", "link")
    finally:
        process.kill()
        process.wait(20)
    until(lambda: is_clean(town), "all of it is gone")
    findings, _ = outcome(town)
    assert broken(findings) == set(), [findings[each]["en"] for each in broken(findings)]


def test_two_tests_at_once_are_one_too_many(town):
    town.box.ip("link", "add", OUR_END, "type", "veth", "peer", "name", "other-end")
    try:
        findings, code = outcome(town)
    finally:
        town.box.ip("link", "del", OUR_END)
    assert [each["level"] for each in findings.values()] == ["unseen"]
    assert OUR_END in findings["gate"]["en"]
    assert code == 3


def test_where_there_is_no_way_nothing_is_claimed(town):
    try:
        town.box.ip("-6", "route", "del", "default")
        findings, code = outcome(town)
        assert (broken(findings), code) == (set(), 0), [findings[each]["en"] for each in broken(findings)]
        assert findings["internet"]["level"] == "well"
        assert "by IPv6: not tried" in findings["internet"]["en"]
        town.box.ip("route", "del", "default")
        findings, _ = outcome(town)
        assert broken(findings) == set(), [findings[each]["en"] for each in broken(findings)]
        assert findings["internet"]["level"] == "unknown"
        town.box.ip("address", "flush", "dev", "eth0")
        findings, _ = outcome(town)
        assert broken(findings) == set(), [findings[each]["en"] for each in broken(findings)]
        assert findings["office"]["level"] == "unknown"
    finally:
        town.box.ip("address", "replace", "192.168.1.2/24", "dev", "eth0")
        town.box.ip("address", "replace", "2a00:1:1::2/64", "dev", "eth0", "nodad")
        town.box.ip("route", "replace", "default", "via", "192.168.1.1")
        town.box.ip("-6", "route", "replace", "default", "via", "2a00:1:1::1")
    findings, _ = outcome(town)
    assert findings["internet"]["level"] == findings["office"]["level"] == "well"
