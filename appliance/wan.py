"""Whether the box has a way to the Internet: a link that is up towards it, and a default route.

That says nothing about what is behind the provider's router; it is what the box can know without asking
anybody outside. The gate asks, too: :mod:`appliance.hotspot.line`.
"""

from pathlib import Path
from typing import Final

NET: Final = Path("/proc/self/net")
LINKS: Final = Path("/sys/class/net")
_UP: Final = 0x1
_REJECT: Final = 0x200
_ANY4: Final = "00000000"
_ANY6: Final = "0" * 32


def has_wan(interface: str, net: Path = NET, links: Path = LINKS) -> bool:
    """Return whether there is one.

    Args:
        interface: towards the Internet.
        net: where the kernel shows its routes.
        links: where it shows its interfaces.
    """
    if text_of(links / interface / "carrier").strip() != "1":
        return False
    return _has_route4(interface, text_of(net / "route")) or _has_route6(
        interface, text_of(net / "ipv6_route")
    )


def _has_route4(interface: str, table: str) -> bool:
    # Interface, destination, gateway, flags, …, mask: hexadecimal.
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[0] == interface and fields[1] == fields[7] == _ANY4:  # noqa: PLR2004
            flags = int(fields[3], 16)
            if flags & _UP and not flags & _REJECT:
                return True
    return False


def _has_route6(interface: str, table: str) -> bool:
    # Destination, its length, …, flags, interface.
    for line in table.splitlines():
        fields = line.split()
        if len(fields) > 9 and fields[9] == interface and fields[:2] == [_ANY6, "00"]:  # noqa: PLR2004
            flags = int(fields[8], 16)
            if flags & _UP and not flags & _REJECT:
                return True
    return False


def text_of(path: Path) -> str:
    """Return what the kernel shows in a file; nothing where it does not."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:  # no such interface, or it is switched off
        return ""
