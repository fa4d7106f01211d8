"""Which device has which address: leases of dnsmasq for IPv4, what the kernel learned for IPv6."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

from appliance.hotspot.errors import NotAGuestError, RulesRefusedError
from appliance.hotspot.firewall import Firewall
from appliance.hotspot.policy.elements import Lease
from appliance.hotspot.policy.leasing import Bindings, leases_of
from appliance.hotspot.policy.plan import LEASE_S

LOOK_MS: Final = 200
"""Between two looks at the kernel for an address that is not known."""


class Guests:
    """See the module.

    Args:
        leases: dnsmasq's file.
        firewall: knows the owners of IPv6 addresses.
        wall_us: the system's wall clock, by which dnsmasq counts.
    """

    def __init__(self, leases: Path, firewall: Firewall, wall_us: Callable[[], int]) -> None:
        self._leases, self._firewall, self._wall_us = leases, firewall, wall_us
        self._bindings = Bindings()
        self._owners: dict[int, str] = {}
        self._woken: dict[str, str] = {}
        self._waking: frozenset[str] = frozenset()
        self._waking_until_ms = 0
        self._looked_ms: int | None = None

    def joined(self, up_ms: int) -> int:
        """Return how many devices have an address."""
        return len({each.mac for each in self._bindings.current(up_ms)} | set(self._owners.values()))

    def mac_of(self, address: str, up_ms: int) -> str:
        """Return the device that has an address.

        Raises:
            NotAGuestError: none has.
        """
        try:
            parsed = ip_address(address)
        except ValueError:
            raise NotAGuestError from None
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        if isinstance(parsed, IPv4Address):
            mac = self._bindings.holder(str(parsed), up_ms) or self._waker(str(parsed), up_ms)
        else:
            mac = self._owner(int(parsed), up_ms)
        if mac is None:
            raise NotAGuestError
        return mac

    def leases(self, up_ms: int) -> tuple[Lease, ...]:
        """Return the leases of now, by a clock that never jumps."""
        self._bindings.take(self._read(), up_ms)
        return self._bindings.current(up_ms)

    def wake(self, macs: Iterable[str], up_ms: int) -> None:
        """Remember whose session went on while nothing is known of a lease: it will be asked for, in time."""
        self._waking = frozenset(macs) - {each.mac for each in self.leases(up_ms)}
        self._waking_until_ms = up_ms + LEASE_S * 1000

    def waking(self, up_ms: int) -> tuple[frozenset[str], int]:
        """Return those devices, and the seconds in which they have asked."""
        return self._waking, max(0, self._waking_until_ms - up_ms) // 1000

    def known_leases(self, up_ms: int) -> tuple[Lease, ...]:
        """Return the leases as they were last read."""
        return self._bindings.current(up_ms)

    def changed_leases(self, up_ms: int) -> tuple[Lease, ...] | None:
        """Return the leases of now if they are other ones than before."""
        before = len(self._bindings)
        if self._bindings.take(self._read(), up_ms) or len(self._bindings) != before:
            return self._bindings.current(up_ms)
        return None

    def owners(self) -> tuple[tuple[int, str], ...]:
        """Return who has which IPv6 address, as was last looked."""
        return tuple(self._owners.items())

    def look(self) -> None:
        """Ask the kernel who has which IPv6 address, and which IPv4 address without a lease.

        Raises:
            RulesRefusedError: it does not say.
        """
        self._owners = dict(self._firewall.owners6())
        self._woken = dict(self._firewall.woken4())

    def _owner(self, number: int, up_ms: int) -> str | None:
        if number not in self._owners:
            self._look_once_in_a_while(up_ms)
        return self._owners.get(number)

    def _waker(self, address: str, up_ms: int) -> str | None:
        # Strangers ask, too: the kernel is asked only where it can know somebody.
        if address not in self._woken and self._waking:
            self._look_once_in_a_while(up_ms)
        return self._woken.get(address)

    def _look_once_in_a_while(self, up_ms: int) -> None:
        if self._looked_ms is None or up_ms - self._looked_ms >= LOOK_MS:
            self._looked_ms = up_ms
            with suppress(RulesRefusedError):
                self.look()

    def _read(self) -> tuple[Lease, ...]:
        try:
            text = self._leases.read_text(encoding="ascii", errors="replace")
        except OSError:
            return ()
        return leases_of(text, self._wall_us() // 1_000_000)
