"""dnsmasq's file of leases."""

from ipaddress import IPv4Address

from appliance.hotspot.policy.elements import Lease

_FIELDS = 5


def leases_of(text: str, wall_s: int) -> tuple[Lease, ...]:
    """Return the leases in a file, of IPv4 and not over; lines that are none are passed over.

    Args:
        text: one lease a line: end, hardware address, address, name, client id.
        wall_s: the clock that dnsmasq reads too, seconds since 1970.
    """
    found = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) != _FIELDS or not fields[0].isdigit():
            continue
        ends_s, mac, address, _name, client = fields
        try:
            IPv4Address(address)
        except ValueError:
            continue
        if int(ends_s) > wall_s:
            found.append(Lease(mac.lower(), address, int(ends_s) - wall_s, client))
    return tuple(found)
