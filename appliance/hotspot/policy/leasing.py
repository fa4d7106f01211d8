"""dnsmasq's leases: its file, and which device an address is bound to."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from appliance.hotspot.policy.elements import Lease
from appliance.hotspot.policy.plan import LEASE_S

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


@dataclass(frozen=True, slots=True)
class _Held:
    mac: str
    client: str
    until_ms: int


class Bindings:
    """Which device has which IPv4 address, by a clock that never jumps.

    When the wall clock steps forward dnsmasq drops every lease, but phones go on using their addresses
    until they ask again. An address therefore stays bound for as long as it was given, or until another
    device gets it.
    """

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def take(self, leases: Iterable[Lease], up_ms: int) -> bool:
        """Take in the leases of now; return whether the bindings are other ones.

        Args:
            leases: as the file has them.
            up_ms: now.
        """
        before = self._key()
        self._held = {address: each for address, each in self._held.items() if each.until_ms > up_ms}
        for lease in leases:
            until_ms = up_ms + min(lease.left_s, LEASE_S) * 1000
            held = self._held.get(lease.address)
            if (
                held is None
                or held.mac != lease.mac
                or held.client != lease.client
                or held.until_ms < until_ms
            ):
                self._held[lease.address] = _Held(lease.mac, lease.client, until_ms)
        return self._key() != before

    def holder(self, address: str, up_ms: int) -> str | None:
        """Return the hardware address of who has an address, None for nobody."""
        held = self._held.get(address)
        return None if held is None or held.until_ms <= up_ms else held.mac

    def current(self, up_ms: int) -> tuple[Lease, ...]:
        """Return the bindings as leases, with what is left of them."""
        return tuple(
            Lease(each.mac, address, -(-(each.until_ms - up_ms) // 1000), each.client)
            for address, each in self._held.items()
            if each.until_ms > up_ms
        )

    def __len__(self) -> int:
        return len(self._held)

    def _key(self) -> dict[str, tuple[str, int]]:
        # Half a minute more or less is no news to the kernel; a renewal is.
        return {address: (each.mac, each.until_ms // 30_000) for address, each in self._held.items()}
