"""Runs inside the machine: two phones in the air of mac80211_hwsim, an Internet behind a wire, in namespaces.

Standard library only; it is handed over after ``guest_agent.py``, whose functions it uses. Each line that it
prints is a name and JSON, as the observer's.
"""

import http.client
import json
import re
import subprocess
import sys
import time
import urllib.parse
from contextlib import closing
from pathlib import Path

from guest_agent import dhcp, names, serve, tcp

WEB4, DNS4, GATE4 = "93.184.216.34", "9.9.9.9", "10.77.0.1"
PROBE = "connectivitycheck.gstatic.com"
HERE = str(Path(__file__).resolve())
RADIO, PHONE, OTHER = "wlan0", "wlan1", "wlan2"
LINKS = Path("/sys/class/net")
OTHERS_ADDRESS = Path("/run/other-phone")
BOX_PYTHON = "/opt/motcua/bin/python"
PORTS = (("tcp", 80), ("tcp", 443))
WPA = 'country=VN\nnetwork={\n ssid="%s"\n key_mgmt=NONE\n scan_ssid=1\n}\n'
JOINED_S = 600
PAGE_S = 300  # the first guest starts the strangers' app
GATE = "motcua-hotspot"
STANDS = ("ActiveState", "MainPID")
DAY_S = 86_400
TICKS_S = 15  # the gate looks every two seconds, and around itself every ten


def sh(*words, check=True):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


def say(name, what):
    print(name, json.dumps(what), flush=True)


def until(look, what, within_s=JOINED_S):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(1)
    raise RuntimeError(f"never: {what}")


def build_internet():
    """An Internet of two addresses behind ``wan0``."""
    sh("ip", "netns", "add", "net")
    sh("ip", "link", "add", "wan0", "type", "veth", "peer", "name", "lan", "netns", "net")
    for words in (
        ("link", "set", "lo", "up"),
        ("link", "set", "lan", "up"),
        ("address", "add", "192.168.9.1/24", "dev", "lan"),
        ("address", "add", f"{WEB4}/32", "dev", "lo"),
        ("address", "add", f"{DNS4}/32", "dev", "lo"),
    ):
        sh("ip", "-n", "net", *words)
    sh("ip", "link", "set", "wan0", "up")
    sh("ip", "address", "add", "192.168.9.2/24", "dev", "wan0")
    sh("ip", "route", "add", "default", "via", "192.168.9.1", "dev", "wan0", "metric", "10")
    return subprocess.Popen(["ip", "netns", "exec", "net", sys.executable, HERE, "internet"])


def be_internet():
    serve([[kind, host, port, "internet"] for host in (WEB4, DNS4) for kind, port in PORTS])
    while True:
        time.sleep(3600)


def inside(phone, *words):
    return ["ip", "netns", "exec", phone, *words]


def take_phone(ssid, phone):
    """Let a radio of the box be a phone's, in a namespace of the same name, and join."""
    until((LINKS / phone).exists, f"a radio {phone}")
    phy = (LINKS / phone / "phy80211" / "name").read_text().strip()
    sh("ip", "netns", "add", phone)
    # As the box has it; but a phone takes its first address by raw frames, which no filter sees.
    sh(*inside(phone, "sysctl", "-q", "net.ipv4.conf.all.rp_filter=0"))
    sh("iw", "phy", phy, "set", "netns", "name", phone)
    sh("ip", "-n", phone, "link", "set", "lo", "up")
    sh("ip", "-n", phone, "link", "set", phone, "up")
    sh(*inside(phone, "sysctl", "-q", f"net.ipv4.conf.{phone}.rp_filter=0"))
    conf = Path(f"/run/{phone}.conf")
    conf.write_text(WPA % ssid, "utf-8")
    wpa = ("wpa_supplicant", "-i", phone, "-c", str(conf), "-D", "nl80211")
    joining = subprocess.Popen(inside(phone, *wpa), stdout=subprocess.DEVNULL)
    wait_joined(phone)
    return joining


def wait_joined(phone):
    until(lambda: "Connected to" in sh(*inside(phone, "iw", "dev", phone, "link")), f"{phone} joined")


def page(method, path, body=None):
    """Ask the portal, as a browser without script: status, where it leads, and the text."""
    with closing(http.client.HTTPConnection(GATE4, 80, timeout=PAGE_S)) as line:
        headers = {"Host": "wifi.motcua.internal", "Accept-Language": "vi"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, body=body, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.getheader("location"), answer.read().decode()


def take_number():
    """Take a number at the box's own screen, as a citizen does without the buttons; the token of its page."""
    with closing(http.client.HTTPConnection("127.0.0.1", 8080, timeout=PAGE_S)) as line:
        line.request("GET", "/kiosk")
        answer = line.getresponse()
        cookies = [each.split(";")[0] for each in answer.headers.get_all("set-cookie") or ()]
        form = dict(re.findall(r'name="(csrf|request)" value="([^"]+)"', answer.read().decode()))
        wish = urllib.parse.urlencode(form | {"service": "ho-tich", "priority": "none"})
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "; ".join(cookies)}
        line.request("POST", "/kiosk/tickets", body=wish, headers=kind)
        answer = line.getresponse()
        where = answer.getheader("location") or ""
        answer.read()
    return where.removeprefix("/kiosk/tickets/").split("?")[0]


def probe():
    with closing(http.client.HTTPConnection(GATE4, 80, timeout=PAGE_S)) as line:
        line.request("GET", "/generate_204", headers={"Host": PROBE})
        answer = line.getresponse()
        return answer.status, answer.getheader("location")


def reached():
    return {"https": tcp(WEB4, 443), "office": tcp(GATE4, 8443), "lan": tcp("192.168.9.1", 443)}


def take_address(phone):
    address = dhcp(phone, (LINKS / phone / "address").read_text().strip(), timeout_s=60)
    sh("ip", "address", "add", f"{address}/22", "dev", phone)
    sh("ip", "route", "add", "default", "via", GATE4)
    return address


def be_phone():
    say("wifi.address", take_address(PHONE))
    known = {"own": names(GATE4, PROBE).get("address"), "other": names(GATE4, "example.org")["said"]}
    say("wifi.before", {"probe": probe(), "names": known, "reached": reached()})
    # Who waits in the hall sees his number on the phone before he has agreed to anything.
    tickets, _, text = page("GET", f"/t/{sys.argv[2]}")
    number = sys.argv[2].split("-")[0]
    say("wifi.ticket", {"help": page("GET", "/wifi/tickets")[0], "page": tickets, "shows": number in text})
    status, _, text = page("GET", "/wifi")
    form = dict(re.findall(r'name="(pass|terms)" value="([^"]+)"', text))
    posted, where, _ = page("POST", "/wifi/open", urllib.parse.urlencode(form))
    is_online = "Quý vị đã vào mạng" in page("GET", "/wifi")[2]
    say("wifi.agreed", {"page": status, "posted": posted, "where": where, "online": is_online})
    say("wifi.after", reached())
    links = json.loads(sh("ip", "-j", "-6", "address", "show", "dev", PHONE, "scope", "global"))
    found = [each for link in links for each in link.get("addr_info", ())]
    say("wifi.ipv6", [each["local"] for each in found if "local" in each])


def be_other():
    """Be a phone that would answer another one, if it were let."""
    address = take_address(OTHER)
    serve([["tcp", address, 443, "other"]])
    OTHERS_ADDRESS.write_text(address, "utf-8")
    while True:
        time.sleep(3600)


def reach_other():
    """What a phone gets of the other one's server."""
    sh("ip", "neighbour", "flush", "all")
    say(sys.argv[2], tcp(OTHERS_ADDRESS.read_text("utf-8"), 443))


def stop_keeping_apart():
    """Let the radio hand frames from phone to phone, with the box's own Python: ``iw`` has no word for it."""
    from pyroute2 import IW
    from pyroute2.netlink import NLM_F_ACK, NLM_F_REQUEST
    from pyroute2.netlink.nl80211 import NL80211_NAMES, nl80211cmd

    wish = nl80211cmd()
    wish["cmd"] = NL80211_NAMES["NL80211_CMD_SET_BSS"]
    index = int((LINKS / RADIO / "ifindex").read_text())
    wish["attrs"] = [("NL80211_ATTR_IFINDEX", index), ("NL80211_ATTR_AP_ISOLATE", b"\0")]
    with closing(IW()) as radio:
        radio.nlm_request(wish, msg_type=radio.prid, msg_flags=NLM_F_REQUEST | NLM_F_ACK)


def kill_hostapd():
    """End the program that makes the air; the gate begins another one, and phones come back."""
    old = sh("pidof", "hostapd").split()
    sh("kill", "-KILL", *old)
    until(lambda: set(sh("pidof", "hostapd", check=False).split()) - set(old), "another hostapd")
    wait_joined(PHONE)


def use_again(name="wifi.again"):
    """A phone that had agreed is online without being asked again."""
    say(name, until(lambda: [each for each in [tcp(WEB4, 443)] if each != "silent"], "an answer"))


def step_clock(seconds):
    """Set the machine's wall clock so much forward or back, and let the gate look at it a few times."""
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)
    time.sleep(TICKS_S)


def kill_gate():
    """End the gate with all its programs at once; systemd begins another one, and phones come back."""
    old = sh("systemctl", "show", "-p", "MainPID", "--value", GATE).strip()
    sh("systemctl", "kill", "-s", "KILL", GATE)

    def is_back():
        active, pid = (sh("systemctl", "show", "-p", each, "--value", GATE).strip() for each in STANDS)
        return active == "active" and pid not in {"0", old}

    until(is_back, "another gate")
    wait_joined(PHONE)


def come_back():
    """After a power cut: a phone joins again and asks for nothing but its address."""
    internet = build_internet()
    joining = take_phone(sys.argv[2], PHONE)
    code = subprocess.run(inside(PHONE, sys.executable, HERE, "back"), check=False).returncode
    say("wifi.done", {"codes": [code], "log": logged()})
    for each in (joining, internet):
        each.wait()


def look_in():
    """A phone in the air of a box that nobody has set up but by its card."""
    joining = take_phone(sys.argv[2], PHONE)
    code = subprocess.run(inside(PHONE, sys.executable, HERE, "look"), check=False).returncode
    say("wifi.done", {"codes": [code], "log": logged()})
    joining.wait()


def look():
    say("wifi.address", take_address(PHONE))
    say(
        "wifi.before",
        {"probe": probe(), "names": names(GATE4, "example.org")["said"], "page": page("GET", "/wifi")[0]},
    )


def be_back():
    say("wifi.address", take_address(PHONE))
    use_again()
    say("wifi.after", reached())


def logged():
    return sh("journalctl", "--no-pager", "-b", "-o", "cat", "-n", "40", "-u", GATE)


def main():
    internet = build_internet()
    until(lambda: sh("systemctl", "is-active", GATE, check=False).strip() == "active", "the gate runs")
    joining = [take_phone(sys.argv[1], phone) for phone in (PHONE, OTHER)]
    say("wifi.joined", [PHONE, OTHER])
    other = subprocess.Popen(inside(OTHER, sys.executable, HERE, "other"))

    def be(*words, phone=PHONE):
        return subprocess.run(inside(phone, sys.executable, HERE, *words), check=False).returncode

    codes = [be("phone", take_number())]
    until(OTHERS_ADDRESS.exists, "the other phone's address")
    codes.append(be("reach", "wifi.own", phone=OTHER))
    codes.append(be("reach", "wifi.apart"))
    sh(BOX_PYTHON, HERE, "together")
    codes.append(be("reach", "wifi.together"))
    kill_hostapd()
    codes.append(be("again"))
    codes.append(be("reach", "wifi.apart-again"))
    # A clock that is set, forward or back, takes nobody's session.
    for name, seconds in (
        ("wifi.tomorrow", DAY_S),
        ("wifi.last-year", -400 * DAY_S),
        ("wifi.today", 399 * DAY_S),
    ):
        step_clock(seconds)
        codes.append(be("again", name))
    kill_gate()
    codes.append(be("again", "wifi.restarted"))
    tracked = int(Path("/proc/sys/net/netfilter/nf_conntrack_max").read_text())
    memory = sh("systemctl", "show", "-p", "MemoryCurrent", "--value", GATE).strip()
    say("wifi.done", {"codes": codes, "memory": int(memory), "tracked": tracked, "log": logged()})
    for each in (*joining, other, internet):
        each.wait()


ROLES = {
    "internet": be_internet,
    "phone": be_phone,
    "other": be_other,
    "reach": reach_other,
    "together": stop_keeping_apart,
    "again": lambda: use_again(*sys.argv[2:]),
    "card": look_in,
    "look": look,
    "woken": come_back,
    "back": be_back,
}

if __name__ == "__main__":
    try:
        ROLES.get(sys.argv[1], main)()
    except Exception as error:
        say("wifi.failed", f"{error!r} {logged()}")
        raise
