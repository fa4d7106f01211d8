"""Two devices with one hardware address: what gives a clone away.

A device has one link-local IPv6 address and one name towards the DHCP server. Two of either, in use at once,
are two devices, of which one may have copied the other's hardware address to use its session. Nothing but a
passphrase or OWE prevents that; it is reported, and both together have one quota.
"""

from collections import defaultdict
from collections.abc import Iterable
from ipaddress import IPv6Address

from appliance.hotspot.policy.elements import Lease


def conflicting(leases: Iterable[Lease], owners: Iterable[tuple[int, str]]) -> set[str]:
    """Return the hardware addresses that more than one device seems to use.

    Args:
        leases: those that run.
        owners: IPv6 addresses in use, as numbers, and by whom.
    """
    clients: dict[str, set[str]] = defaultdict(set)
    for lease in leases:
        if lease.left_s > 0:
            clients[lease.mac].add(lease.client)
    links: dict[str, set[int]] = defaultdict(set)
    for address, mac in owners:
        if IPv6Address(address).is_link_local:
            links[mac].add(address)
    return {mac for found in (clients, links) for mac, those in found.items() if len(those) > 1}
