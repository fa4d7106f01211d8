"""The resolvers of the line, as the system keeps them."""

from ipaddress import ip_address
from pathlib import Path


def resolvers_of(path: Path) -> tuple[str, ...]:
    """Return the addresses in a file of the form of /etc/resolv.conf; none if there is no file."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ()
    lines = [line.split() for line in text.splitlines()]
    named = [fields[1] for fields in lines if fields[:1] == ["nameserver"] and len(fields) > 1]
    return tuple(each for each in named if _is_address(each))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
