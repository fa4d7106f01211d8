"""The settings of the hotspot beside what this box can do: everything that is rendered comes from here."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Final, Literal

from appliance.config.hotspot import BYTES_PER_KBIT, Hotspot
from appliance.hotspot.errors import RadioCannotError

RESOLVERS: Final = Path("/run/systemd/resolve/resolv.conf")
"""Where systemd-resolved names the resolvers of the line."""
ROUTER: Final = IPv6Address("fe80::1")
"""The box's link-local address towards guests: known beforehand, so that nobody else may use it."""
DNS_PORT: Final = 53
PORTAL_DNS_PORT: Final = 5300
LEASE_S: Final = 1200
"""So long a phone keeps its IPv4 address; half of it later it asks again."""
POOL_OFFSET: Final = 9
"""Host numbers below are the box's and the access points' own."""
BUILTIN_CLIENTS: Final = 8
"""What most firmware of the Pi's own radio takes (raspberrypi/linux#3010), where nobody measured a build."""
API_PATH: Final = "/captive-portal/api"
LINE_PERCENT: Final = 95
"""Of the line's rate is used: a little less than it carries, or packets wait in the modem again."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the box was seen to be capable of.

    Attributes:
        clients: most stations that the radio takes; None if it does not say.
        owe: whether the radio protects management frames, without which there is no OWE.
        sae: whether WPA3 is sensible on this radio.
        announces_portal: whether radvd knows option 37.
    """

    clients: int | None = None
    owe: bool = False
    sae: bool = False
    announces_portal: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What may be different in the next minute.

    Attributes:
        resolv_file: file with the resolvers of the line; dnsmasq follows it.
        resolvers: their addresses; the portal's resolver knows them for the walled garden only.
        has_ipv6: whether there is a way to the IPv6 Internet.
        portal_is_secure: whether the portal's https was just seen to work with a certificate that phones
        accept.
    """

    resolv_file: Path = RESOLVERS
    resolvers: tuple[str, ...] = ()
    has_ipv6: bool = True
    portal_is_secure: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a class is, bytes in a second; its name is for logs."""

    name: str
    down: int
    up: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What shall be, in the terms of the kernel and the engines. Make it with :func:`planned`.

    Attributes:
        guest: interface towards guests; ``parent`` and ``vlan`` say how to make it, if it is one.
        wan: interface towards the Internet.
        max_clients: sessions at once; whoever has left the air may come back to his.
        max_stations: devices that our own radio takes at once.
        lan: further interfaces of the office.
        gateway4: the box's address towards guests.
        pool: first and last address for guests.
        gateway6: the same of ``prefix6``, both None without IPv6.
        masquerades6: whether guests go out under the box's IPv6 address.
        rates: by class, the first one is everybody's.
        all_up, all_down: bytes in a second of all guests together, None for the whole line.
        line_up: bytes in a second that leave the box for the Internet at most, None if nobody said.
        quota_rate: number of the class that a spent quota leads to, None if to nothing.
        closed: further networks that guests never reach.
    """

    guest: str
    parent: str | None
    vlan: int | None
    wan: str
    lan: tuple[str, ...]
    radio: Literal["builtin", "usb", "external"]
    ssid: str
    security: Literal["open", "owe", "psk"]
    passphrase: str | None
    country: str
    channel: int
    max_clients: int
    max_stations: int
    subnet: IPv4Network
    gateway4: IPv4Address
    pool: tuple[IPv4Address, IPv4Address]
    prefix6: IPv6Network | None
    gateway6: IPv6Address | None
    masquerades6: bool
    session_s: int
    idle_s: int
    quota_bytes: int
    rates: tuple[Rate, ...]
    quota_rate: int | None
    all_up: int | None
    all_down: int | None
    line_up: int | None
    walled_garden: tuple[str, ...]
    closed: tuple[str, ...]
    portal_name: str
    portal_port: int
    has_certificate: bool
    abilities: Abilities
    surroundings: Surroundings

    @property
    def api_url(self) -> str | None:
        """Address of the captive portal API (RFC 8908), None while it must not be announced."""
        if self.has_certificate and self.surroundings.portal_is_secure:
            return f"https://{self.portal_name}{API_PATH}"
        return None


def planned(
    hotspot: Hotspot,
    portal_port: int,
    abilities: Abilities = Abilities(),
    surroundings: Surroundings = Surroundings(),
) -> Plan:
    """Return the plan of these settings on this box.

    Args:
        hotspot: the settings.
        portal_port: where the strangers' app is served.
        abilities: what the radio and the engines can do.
        surroundings: what may change at any time.

    Raises:
        RadioCannotError: the settings promise what the radio cannot keep.
    """
    if hotspot.security == "owe" and hotspot.radio != "external" and not abilities.owe:
        raise RadioCannotError(wanted="OWE", interface=hotspot.interface)
    subnet = IPv4Network(hotspot.subnet)
    prefix6 = None if hotspot.ipv6 == "off" else IPv6Network(hotspot.prefix6)
    # Where nothing could be found out the Pi's own radio is what it usually is.
    usual = BUILTIN_CLIENTS if hotspot.radio == "builtin" else hotspot.max_clients
    stations = min(hotspot.max_clients, usual if abilities.clients is None else abilities.clients)
    ids = [each.id for each in hotspot.classes]
    offset = min(POOL_OFFSET, subnet.num_addresses // 4)
    return Plan(
        guest=hotspot.interface if hotspot.vlan is None else f"guests.{hotspot.vlan}",
        parent=None if hotspot.vlan is None else hotspot.interface,
        vlan=hotspot.vlan,
        wan=hotspot.wan,
        lan=hotspot.lan,
        radio=hotspot.radio,
        ssid=hotspot.ssid,
        security=hotspot.security,
        passphrase=hotspot.passphrase if hotspot.security == "psk" else None,
        country=hotspot.country,
        channel=hotspot.channel,
        max_clients=hotspot.max_clients,
        max_stations=stations,
        subnet=subnet,
        gateway4=subnet[1],
        pool=(subnet[1 + offset], subnet[-2]),
        prefix6=prefix6,
        gateway6=None if prefix6 is None else prefix6[1],
        masquerades6=hotspot.ipv6 == "nat",
        session_s=hotspot.session_min * 60,
        idle_s=hotspot.idle_min * 60,
        quota_bytes=hotspot.quota_mib << 20,
        rates=tuple(
            Rate(each.id, each.down_kbps * BYTES_PER_KBIT, each.up_kbps * BYTES_PER_KBIT)
            for each in hotspot.classes
        ),
        quota_rate=None if hotspot.quota_class is None else ids.index(hotspot.quota_class),
        all_up=hotspot.guests_up,
        all_down=hotspot.guests_down,
        line_up=None
        if hotspot.line_up_kbps is None
        else hotspot.line_up_kbps * BYTES_PER_KBIT * LINE_PERCENT // 100,
        walled_garden=hotspot.walled_garden,
        closed=hotspot.private_networks,
        portal_name=hotspot.portal_name,
        portal_port=portal_port,
        has_certificate=hotspot.certificate is not None,
        abilities=abilities,
        surroundings=surroundings,
    )
