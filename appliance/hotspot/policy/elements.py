"""What fills the gate and changes while it stands: sessions, leases, the office's networks.

Each function returns lines for ``nft -f``. What is deleted is added first, in the same transaction: it may
have timed out by itself in between, and deleting what is not there would refuse everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.hotspot.policy.marks import index_of
from appliance.hotspot.policy.plan import Plan
from appliance.hotspot.policy.ruleset import OWNED_S, TABLE
from appliance.hotspot.policy.together import together


@dataclass(frozen=True, slots=True)
class Lease:
    """An IPv4 address that a device has for a while.

    Attributes:
        mac: hardware address, lower case with colons.
        address: IPv4.
        left_s: seconds until it ends.
        client: what the device calls itself towards the DHCP server, hex; ``*`` if nothing.
    """

    mac: str
    address: str
    left_s: int
    client: str = "*"


def opened(mac: str, mark: int, left_s: int) -> list[str]:
    """Let a device through for ``left_s`` seconds, at least one."""
    return [
        f"add element inet {TABLE} sessions {{ {mac} timeout {left_s}s : {mark:#010x} }}",
        f"add element inet {TABLE} current {{ {index_of(mark):#010x} timeout {left_s}s : {mark:#010x} }}",
        f"add element inet {TABLE} sent {{ {mark:#010x} timeout {left_s}s }}",
        f"add element inet {TABLE} live {{ {mark:#010x} timeout {left_s}s }}",
    ]


def closed(mac: str, mark: int) -> list[str]:
    """Stop a device, and what is on its way to it, on the next packet; what it used is forgotten."""
    index = f"{index_of(mark):#010x}"
    return [
        f"add element inet {TABLE} sessions {{ {mac} timeout 1s : {mark:#010x} }}",
        f"delete element inet {TABLE} sessions {{ {mac} }}",
        f"add element inet {TABLE} current {{ {index} timeout 1s : {mark:#010x} }}",
        f"delete element inet {TABLE} current {{ {index} }}",
        *(
            f"{verb} element inet {TABLE} {name} {{ {mark:#010x}{timeout} }}"
            for name in ("sent", "live", "spent")
            for verb, timeout in (("add", " timeout 1s"), ("delete", ""))
        ),
    ]


def leased(leases: Iterable[Lease]) -> list[str]:
    """Know these leases and no others."""
    lines = [f"flush set {family} {TABLE} {name}" for family in ("inet", "arp") for name in _LEASES]
    holders: dict[str, Lease] = {}
    for lease in leases:
        if lease.left_s > 0:
            holders[lease.address] = lease
    if not holders:
        return lines
    bound = ", ".join(f"{each.mac} . {each.address} timeout {each.left_s}s" for each in holders.values())
    taken = ", ".join(f"{each.address} timeout {each.left_s}s" for each in holders.values())
    for family in ("inet", "arp"):
        lines.append(f"add element {family} {TABLE} leases {{ {bound} }}")
        lines.append(f"add element {family} {TABLE} leased {{ {taken} }}")
    return lines


def waking(devices: Iterable[str], left_s: int) -> list[str]:
    """Let devices whose sessions outlived a power cut use the address they had, until they ask for one again.

    Args:
        devices: hardware addresses, of whose leases nothing is known.
        left_s: seconds in which all of them must have asked.
    """
    known = ", ".join(f"{mac} timeout {left_s}s" for mac in devices)
    return [f"add element inet {TABLE} waking {{ {known} }}"] if known and left_s > 0 else []


def owned(owners: Iterable[tuple[int, str]]) -> list[str]:
    """Know whose IPv6 addresses these are, for a gate that is made anew.

    Args:
        owners: addresses as numbers, and the hardware address of who uses each.
    """
    known = dict(owners)
    if not known:
        return []
    pairs = ", ".join(f"{number:#034x} . {mac} timeout {OWNED_S}s" for number, mac in known.items())
    taken = ", ".join(f"{number:#034x} timeout {OWNED_S}s" for number in known)
    return [
        f"add element inet {TABLE} owners6 {{ {pairs} }}",
        f"add element inet {TABLE} owned6 {{ {taken} }}",
    ]


def office_networks(networks: Iterable[str]) -> list[str]:
    """Keep guests out of these networks, which are those on the office's own links."""
    lines = [f"flush set inet {TABLE} office{family}" for family in ("4", "6")]
    known = list(networks)
    for family, those in (("4", [n for n in known if ":" not in n]), ("6", [n for n in known if ":" in n])):
        if those:
            lines.append(f"add element inet {TABLE} office{family} {{ {', '.join(those)} }}")
    return lines


def offline(guest: str, *, is_offline: bool) -> list[str]:
    """Lead everybody's names and pages to the portal while there is no way to the Internet, or no more.

    Args:
        guest: interface towards guests.
        is_offline: whether there is none.
    """
    lines = [f"flush set inet {TABLE} offline"]
    if is_offline:
        lines.append(f'add element inet {TABLE} offline {{ "{guest}" }}')
    return lines


_LEASES = ("leases", "leased")


def policing(plan: Plan, *, is_up_queued: bool, is_down_queued: bool) -> list[str]:
    """Return the lines for a gate that stands: drop what is too much only where no queue holds it back.

    A queue behind a rule that drops would never fill, and whoever waits in it would be dropped nevertheless.
    """
    lines = []
    for way, per_s, is_queued in (
        ("up", plan.all_up, is_up_queued),
        ("down", plan.all_down, is_down_queued),
    ):
        lines.append(f"flush chain inet {TABLE} all_{way}")
        if not is_queued:
            lines += [f"add rule inet {TABLE} all_{way} {rule}" for rule in together(per_s)]
    return lines
