"""Addresses that no guest reaches, whatever the settings say (the IANA special-purpose registries)."""

from ipaddress import IPv4Network, IPv6Network
from typing import Final

CLOSED4: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
OPEN6: Final = ("2000::/3", "64:ff9b::/96")
"""What is not in here is no address of the Internet."""
CLOSED6: Final = ("2001:db8::/32", "2002::/16", "3fff::/20")
"""Documentation, and IPv4 in disguise, inside :data:`OPEN6`."""
TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""Behind this prefix a provider's translator has IPv4 (RFC 6052), :data:`CLOSED4` too."""


def translated(network: str) -> str:
    """Return an IPv4 network as it is reached through the translator."""
    plain = IPv4Network(network)
    return str(IPv6Network((int(TRANSLATED[0]) + int(plain[0]), 96 + plain.prefixlen)))
