"""How often strangers may ask: each address by itself, and all together, before the office hears of it."""

import ipaddress
from typing import Final

from appliance.httpd.limiter import Limiter, Rate
from appliance.public.errors import TooOftenError

PAGES: Final = Rate(per_s=4.0, burst=60)
"""Of one address: a family behind one router reloads now and then."""
CHANGES: Final = Rate(per_s=1.0, burst=10)
"""Of one address."""
ALL_CHANGES: Final = Rate(per_s=12.0, burst=5)
"""Of everybody, for tickets that exist: below what the office takes."""
GUESSES: Final = Rate(per_s=40.0, burst=80)
"""Of everybody, for tickets that nobody has seen yet."""
_PREFIX: Final = 64
"""Bits that one IPv6 subscriber has."""


class Callers:
    """Counts who asks; for the event loop only."""

    def __init__(self) -> None:
        self._pages, self._changes = Limiter(PAGES), Limiter(CHANGES)
        self._all_changes, self._guesses = Limiter(ALL_CHANGES), Limiter(GUESSES)

    def page(self, address: str, now_s: float) -> None:
        """Note that an address asks for a page.

        Raises:
            TooOftenError: too often.
        """
        _check(self._pages, address, now_s)

    def change(self, address: str, now_s: float) -> None:
        """Note that an address wants to change something; as :meth:`page`."""
        _check(self._changes, address, now_s)

    def any_change(self, now_s: float) -> None:
        """Note that something is to be changed; as :meth:`page`."""
        _check(self._all_changes, "", now_s)

    def guess(self, now_s: float) -> None:
        """Note that a ticket is asked for that may not exist; as :meth:`page`."""
        _check(self._guesses, "", now_s)


def key_of(address: str, guests: ipaddress.IPv6Network | None = None) -> str:
    """Return whom an address stands for: IPv6 subscribers have a whole network of them.

    Args:
        address: who calls.
        guests: the network that all guests of the public WiFi share: there each address is somebody.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if guests is not None and parsed in guests:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), _PREFIX), strict=False))


def _check(limiter: Limiter, key: str, now_s: float) -> None:
    wait_s = limiter.wait_s(key, now_s)
    if wait_s > 0:
        raise TooOftenError(retry_s=int(wait_s) + 1)
