"""The addresses of this box, through netifaces: the one file that uses it."""

import ipaddress

import netifaces


def addresses() -> tuple[str, ...]:
    """Return every IPv4 and IPv6 address that could reach beyond its own link, sorted."""
    found: set[str] = set()
    for name in netifaces.interfaces():
        try:
            families = netifaces.ifaddresses(name)
        except ValueError:  # the link went away in between
            continue
        for family in (netifaces.AF_INET, netifaces.AF_INET6):
            for entry in families.get(family, ()):
                text = str(entry.get("addr", "")).partition("%")[0]
                if text and not _local(text):
                    found.add(text)
    return tuple(sorted(found))


def in_url(host: str) -> str:
    """Return a host name or an address as a URL writes it."""
    return f"[{host}]" if ":" in host else host


def _local(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return address.is_loopback or address.is_link_local
