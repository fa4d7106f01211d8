"""Runs inside the machine: a phone in the air of mac80211_hwsim and an Internet behind a wire, in namespaces.

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
PHONE = "wlan1"
PHONE_FILES = Path("/sys/class/net") / PHONE
PORTS = (("tcp", 80), ("tcp", 443))
WPA = 'country=VN\nnetwork={\n ssid="%s"\n key_mgmt=NONE\n scan_ssid=1\n}\n'
JOINED_S = 600
PAGE_S = 300  # the first guest starts the strangers' app
GATE = "motcua-hotspot"


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


def take_phone(ssid):
    """Let the second radio be a phone's, and join."""
    until(PHONE_FILES.exists, "a second radio")
    phy = (PHONE_FILES / "phy80211" / "name").read_text().strip()
    sh("ip", "netns", "add", "phone")
    # As the box has it; but a phone takes its first address by raw frames, which no filter sees.
    sh("ip", "netns", "exec", "phone", "sysctl", "-q", "net.ipv4.conf.all.rp_filter=0")
    sh("iw", "phy", phy, "set", "netns", "name", "phone")
    sh("ip", "-n", "phone", "link", "set", "lo", "up")
    sh("ip", "-n", "phone", "link", "set", PHONE, "up")
    sh("ip", "netns", "exec", "phone", "sysctl", "-q", f"net.ipv4.conf.{PHONE}.rp_filter=0")
    Path("/run/phone.conf").write_text(WPA % ssid, "utf-8")
    wpa = ("wpa_supplicant", "-i", PHONE, "-c", "/run/phone.conf", "-D", "nl80211")
    joining = subprocess.Popen(["ip", "netns", "exec", "phone", *wpa], stdout=subprocess.DEVNULL)
    until(lambda: "Connected to" in sh("ip", "netns", "exec", "phone", "iw", "dev", PHONE, "link"), "joined")
    return joining


def page(method, path, body=None):
    """Ask the portal, as a browser without script: status, where it leads, and the text."""
    with closing(http.client.HTTPConnection(GATE4, 80, timeout=PAGE_S)) as line:
        headers = {"Host": "wifi.motcua.internal", "Accept-Language": "vi"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, body=body, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.getheader("location"), answer.read().decode()


def probe():
    with closing(http.client.HTTPConnection(GATE4, 80, timeout=PAGE_S)) as line:
        line.request("GET", "/generate_204", headers={"Host": PROBE})
        answer = line.getresponse()
        return answer.status, answer.getheader("location")


def reached():
    return {"https": tcp(WEB4, 443), "office": tcp(GATE4, 8443), "lan": tcp("192.168.9.1", 443)}


def be_phone():
    address = dhcp(PHONE, (PHONE_FILES / "address").read_text().strip(), timeout_s=60)
    say("wifi.address", address)
    sh("ip", "address", "add", f"{address}/22", "dev", PHONE)
    sh("ip", "route", "add", "default", "via", GATE4)
    known = {"own": names(GATE4, PROBE).get("address"), "other": names(GATE4, "example.org")["said"]}
    say("wifi.before", {"probe": probe(), "names": known, "reached": reached()})
    status, _, text = page("GET", "/wifi")
    form = dict(re.findall(r'name="(pass|terms)" value="([^"]+)"', text))
    posted, where, _ = page("POST", "/wifi/open", urllib.parse.urlencode(form))
    is_online = "Quý vị đã vào mạng" in page("GET", "/wifi")[2]
    say("wifi.agreed", {"page": status, "posted": posted, "where": where, "online": is_online})
    say("wifi.after", reached())
    links = json.loads(sh("ip", "-j", "-6", "address", "show", "dev", PHONE, "scope", "global"))
    found = [each for link in links for each in link.get("addr_info", ())]
    say("wifi.ipv6", [each["local"] for each in found if "local" in each])


def logged():
    return sh("journalctl", "--no-pager", "-b", "-o", "cat", "-n", "40", "-u", GATE)


def main():
    internet = build_internet()
    until(lambda: sh("systemctl", "is-active", GATE, check=False).strip() == "active", "the gate runs")
    joining = take_phone(sys.argv[1])
    say("wifi.joined", PHONE)
    phone = subprocess.run(["ip", "netns", "exec", "phone", sys.executable, HERE, "phone"], check=False)
    memory = sh("systemctl", "show", "-p", "MemoryCurrent", "--value", GATE).strip()
    say("wifi.done", {"rc": phone.returncode, "memory": int(memory), "log": logged()})
    for each in (joining, internet):
        each.wait()


if __name__ == "__main__":
    try:
        {"internet": be_internet, "phone": be_phone}.get(sys.argv[1], main)()
    except Exception as error:
        say("wifi.failed", f"{error!r} {logged()}")
        raise
