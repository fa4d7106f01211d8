"""By which requests phones and computers find out whether a network leads to the Internet.

All are plain HTTP, so that whoever stands in the way may answer; a network that answers otherwise than the
maker's own server is taken for one with a portal. The table is by maker: where one has several names, any of
them may be asked.

Sources: AOSP NetworkMonitor and its settings ``captive_portal_*``; Apple "How to use captive Wi-Fi networks";
Microsoft "Network Connectivity Status Indicator"; Firefox ``captivedetect.canonicalURL``; NetworkManager
``[connectivity]`` as GNOME, Debian and Ubuntu ship it. Those of Chinese makers and of the Kindle are from
observation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Probe:
    """How one kind of device asks.

    Args:
        system: which.
        hosts: names, in lower case.
        paths: any of them, without a query.
    """

    system: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]


_204: Final = "/generate_204"
PROBES: Final = (
    Probe(
        "iOS, macOS",
        ("captive.apple.com", "www.apple.com"),
        ("/hotspot-detect.html", "/library/test/success.html", "/"),
    ),
    Probe(
        "Android, ChromeOS",
        (
            "connectivitycheck.gstatic.com",
            "connectivitycheck.android.com",
            "clients3.google.com",
            "play.googleapis.com",
            "www.google.com",
        ),
        (_204, "/gen_204"),
    ),
    Probe("Xiaomi", ("connect.rom.miui.com",), (_204,)),
    Probe("Huawei, Honor", ("connectivitycheck.platform.hicloud.com",), (_204,)),
    Probe("Oppo, Realme, OnePlus", ("conn1.oppomobile.com", "conn2.oppomobile.com"), (_204,)),
    Probe("vivo", ("wifi.vivo.com.cn",), (_204,)),
    Probe(
        "Windows 10, 11",
        ("www.msftconnecttest.com", "ipv6.msftconnecttest.com"),
        ("/connecttest.txt", "/redirect"),
    ),
    Probe("Windows 7, 8", ("www.msftncsi.com",), ("/ncsi.txt",)),
    Probe("Firefox", ("detectportal.firefox.com",), ("/canonical.html", "/success.txt")),
    Probe("GNOME", ("nmcheck.gnome.org",), ("/check_network_status.txt",)),
    Probe("Debian", ("network-test.debian.org",), ("/nm",)),
    Probe("Ubuntu", ("connectivity-check.ubuntu.com",), ("/",)),
    Probe("Kindle", ("spectrum.s3.amazonaws.com",), ("/kindle-wifi/wifistub.html",)),
)


def probe_of(host: str, path: str) -> Probe | None:
    """Return which probe a request is.

    Args:
        host: of its ``Host`` header, in lower case and without a port.
        path: without a query.
    """
    return next((each for each in PROBES if host in each.hosts and path in each.paths), None)


def names() -> Iterator[str]:
    """Yield every name that must resolve before a guest has agreed, or nothing would ask us.

    Before login they lead to the portal, whose redirect to itself says that it is one; afterwards they are
    the Internet's. None of them may be in the walled garden: the phone would believe that it is online.
    """
    for probe in PROBES:
        yield from probe.hosts
