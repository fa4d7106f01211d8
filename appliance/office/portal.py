"""What the office puts up for the portal of the public WiFi: its texts, its hours, and its certificate."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from appliance.config import Settings
from appliance.config.hours import hours_text
from appliance.journal.journal import write_durably
from appliance.office import retention
from appliance.office.portal_terms import recorded, terms_of
from appliance.sockets.door import Named
from appliance.sockets.portal import IDENTITY, Portal, Purpose, Terms

log = structlog.get_logger(__name__)

MODE = 0o640
MOST_PEM = 65_536


def portal_of(settings: Settings, *, has_wan: bool) -> Portal | None:
    """Return what the strangers' app may know of the public WiFi; None where there is none.

    Args:
        settings: of the office.
        has_wan: whether there is a way to the Internet.
    """
    hotspot, portal, office = settings.hotspot, settings.portal, settings.office
    if not hotspot.enabled:
        return None
    found = retention.found(settings)
    policy = None if found is None else found.policy
    if portal.terms is None:
        terms = terms_of(office.name, office.name_en or office.name, policy)
    else:
        terms = Terms(vi=portal.terms, en=portal.terms_en or portal.terms)
        # Citizens are told, whatever the office's own terms say.
        terms = terms if policy is None else recorded(terms, policy)
    has_ipv6 = hotspot.ipv6 != "off"
    return Portal(
        name=hotspot.portal_name,
        hosts=_hosts(settings),
        guests=hotspot.prefix6 if has_ipv6 else None,
        terms=terms,
        purposes=tuple(
            Purpose(key=each.id, name=Named(vi=each.name, en=each.name_en or each.name))
            for each in portal.purposes
        ),
        hours=tuple(hours_text(day) for day in hotspot.hours.week()),
        has_tickets=bool(settings.services),
        has_wan=has_wan,
    )


def hand_over_identity(settings: Settings) -> None:
    """Write the portal's certificate and key where the strangers' app finds them, or take them away.

    What cannot be read is said in the log; without it the portal is served over plain HTTP only.

    Raises:
        OSError: the directory cannot be written to.
    """
    path = settings.public.link_dir / IDENTITY
    hotspot = settings.hotspot
    content = None
    if hotspot.enabled and hotspot.certificate is not None and hotspot.key is not None:
        content = _joined(hotspot.certificate, hotspot.key)
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != content:
        write_durably(path, content, MODE)


def _joined(certificate: Path, key: Path) -> bytes | None:
    try:
        parts = [each.read_bytes() for each in (certificate, key)]
    except OSError as error:
        log.warning("portal.certificate_unreadable", reason=str(error))
        return None
    if sum(map(len, parts)) > MOST_PEM:
        log.warning("portal.certificate_unreadable", reason=f"larger than {MOST_PEM} bytes")
        return None
    return b"\n".join(part.strip() for part in parts) + b"\n"


def _hosts(settings: Settings) -> tuple[str, ...]:
    """Return by what else a guest may call the box: its addresses, and the one that tickets name."""
    hotspot = settings.hotspot
    hosts = [str(IPv4Network(hotspot.subnet)[1])]
    if hotspot.ipv6 != "off":
        hosts.append(str(IPv6Network(hotspot.prefix6)[1]))
    named = urlsplit(settings.public.url).hostname if settings.public.url else None
    if named is not None and named not in hosts:
        hosts.append(named)
    return tuple(hosts)
