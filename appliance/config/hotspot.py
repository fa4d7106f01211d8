"""The settings of the public WiFi: who may join, how long, how fast, and where guests never get."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from appliance.config.fields import AbsolutePath, Form, HostName, Id, Section, SocketPath, refuse
from appliance.config.hours import DAY_MIN, DayHours, Span

ALL_DAY: Final = (Span(0, DAY_MIN),)
MAX_SSID: Final = 32
"""Bytes (IEEE 802.11): a Vietnamese letter takes up to three."""
BYTES_PER_KBIT: Final = 125

_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}\Z")
_PASSPHRASE = re.compile(r"[ -~]{8,63}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


def _interface(value: str) -> str:
    if not _INTERFACE.match(value):
        raise refuse("hotspot.interface")
    return value


def _ssid(value: str) -> str:
    if not value.isprintable() or not value.strip() or len(value.encode()) > MAX_SSID:
        raise refuse("hotspot.ssid", limit=MAX_SSID)
    return value


def _passphrase(value: str) -> str:
    if not _PASSPHRASE.match(value):
        raise refuse("hotspot.passphrase")
    return value


def _country(value: str) -> str:
    if not _COUNTRY.match(value):
        raise refuse("hotspot.country")
    return value


def _subnet(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError:
        raise refuse("hotspot.subnet") from None
    if not network.is_private or not 16 <= network.prefixlen <= 28:  # noqa: PLR2004 - as the sentence says
        raise refuse("hotspot.subnet")
    return str(network)


def _prefix6(value: str) -> str:
    try:
        network = ipaddress.IPv6Network(value)
    except ValueError:
        raise refuse("hotspot.prefix6") from None
    if network.prefixlen != 64 or network.is_link_local or network.is_multicast:  # noqa: PLR2004 - SLAAC
        raise refuse("hotspot.prefix6")
    return str(network)


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise refuse("hotspot.network") from None


Interface = Annotated[str, AfterValidator(_interface), Form("name of an interface")]
Ssid = Annotated[str, AfterValidator(_ssid), Form("text of 1–32 bytes")]
Passphrase = Annotated[str, AfterValidator(_passphrase), Form("8–63 characters of ASCII")]
Country = Annotated[str, AfterValidator(_country), Form("two capital letters")]
Subnet = Annotated[str, AfterValidator(_subnet), Form("private IPv4 network, `/16`–`/28`")]
Prefix6 = Annotated[str, AfterValidator(_prefix6), Form("IPv6 network, `/64`")]
Network = Annotated[str, AfterValidator(_network), Form("network such as `10.0.0.0/8`")]


class GuestHours(Section):
    """When guests may be online, by weekday, local time. An empty text is a day without."""

    mon: DayHours = Field(default=ALL_DAY, description="Monday.")
    tue: DayHours = Field(default=ALL_DAY, description="Tuesday.")
    wed: DayHours = Field(default=ALL_DAY, description="Wednesday.")
    thu: DayHours = Field(default=ALL_DAY, description="Thursday.")
    fri: DayHours = Field(default=ALL_DAY, description="Friday.")
    sat: DayHours = Field(default=ALL_DAY, description="Saturday.")
    sun: DayHours = Field(default=ALL_DAY, description="Sunday.")

    def week(self) -> tuple[tuple[Span, ...], ...]:
        """Return the seven days from Monday, as ``date.weekday()`` counts."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class Tariff(Section):
    """How fast one device may be."""

    id: Id = Field(description="The class's id.")
    down_kbps: int = Field(ge=64, le=1_000_000, description="Most kbit/s towards the device.")
    up_kbps: int = Field(ge=64, le=1_000_000, description="Most kbit/s from the device.")


BASIC: Final = Tariff(id="basic", down_kbps=5_000, up_kbps=2_000)


class Hotspot(Section):
    """The public WiFi, behind a portal. It is off until `enabled` says otherwise."""

    enabled: bool = Field(default=False, description="Whether the box offers WiFi to citizens.")
    radio: Literal["builtin", "usb", "external"] = Field(
        default="builtin",
        description="What citizens join: the Pi's own radio, a USB radio, or access points of the office's "
        "own on `interface` (or a VLAN of it), which then also choose name and passphrase.",
    )
    interface: Interface = Field(
        default="wlan0", description="The radio, or the wired port at which the access points are."
    )
    vlan: Annotated[int, Field(ge=1, le=4094)] | None = Field(
        default=None,
        description='The VLAN of guests on `interface`, with `radio = "external"`. Without it they '
        "come untagged.",
    )
    wan: Interface = Field(
        default="eth0",
        description="The interface towards the Internet. What is on its own link is the office's and not for "
        "guests.",
    )
    lan: Annotated[tuple[Interface, ...], Field(max_length=4)] = Field(
        default=(), description="Further interfaces of the office LAN, if it is not on `wan`."
    )
    ssid: Ssid = Field(default="WiFi Mot cua", description="The network's name.")
    security: Literal["open", "owe", "psk"] = Field(
        default="open",
        description="`open` for everybody; `owe` the same, encrypted, for phones and radios that can; `psk` "
        "with `passphrase`. Only the last two keep one guest from using another's address.",
    )
    passphrase: Passphrase | None = Field(
        default=None, validate_default=True, description='The passphrase, with `security = "psk"`.'
    )
    country: Country = Field(default="VN", description="Country whose radio rules apply.")
    channel: int = Field(
        default=6, ge=1, le=165, description="Channel of the radio; above 14 it is one of the 5 GHz band."
    )
    max_clients: int = Field(
        default=100,
        ge=1,
        le=1000,
        description="Most devices with a session at once. A radio may take fewer on the air: who has left it"
        " for a while comes back to his session.",
    )
    subnet: Subnet = Field(
        default="10.77.0.0/22", description="Guests' IPv4 network; the box is its first host."
    )
    ipv6: Literal["off", "nat", "routed"] = Field(
        default="nat",
        description="`nat` puts guests of `prefix6` behind the box's own address, `routed` sends them out as "
        "they are (the provider must route `prefix6` to the box), `off` gives them no IPv6.",
    )
    prefix6: Prefix6 = Field(
        default="fd77:6d63:7561::/64", description="Guests' IPv6 network; the box is its first host."
    )
    session_min: int = Field(
        default=240, ge=5, le=1440, description="Minutes after which a guest agrees anew."
    )
    idle_min: int = Field(
        default=30, ge=1, le=1440, description="Minutes without any traffic after which a session ends."
    )
    quota_mib: int = Field(
        default=1024, ge=10, le=1_048_576, description="MiB a day for each device, both directions together."
    )
    quota_class: Id | None = Field(
        default=None,
        description="The class of a device that has spent `quota_mib`. Without it such a device is offline "
        "until the next day.",
    )
    classes: Annotated[tuple[Tariff, ...], Field(min_length=1, max_length=8)] = Field(
        default=(BASIC,),
        validate_default=True,
        description="How fast devices may be; the first class is everybody's.",
    )
    all_down_kbps: Annotated[int, Field(ge=256, le=1_000_000)] | None = Field(
        default=None,
        description="Most kbit/s towards all guests together: what is left of the line is the office's. "
        "Without it and `line_down_kbps` guests may fill the line.",
    )
    all_up_kbps: Annotated[int, Field(ge=256, le=1_000_000)] | None = Field(
        default=None, description="Most kbit/s from all guests together."
    )
    line_down_kbps: Annotated[int, Field(ge=1_000, le=1_000_000)] | None = Field(
        default=None,
        description="What the line brings in kbit/s, as a test of its speed shows while nobody else uses it. "
        "Guests together then never get more than `office_share_percent` leaves, even if `all_down_kbps` is "
        "more or missing.",
    )
    line_up_kbps: Annotated[int, Field(ge=1_000, le=1_000_000)] | None = Field(
        default=None,
        description="The same from the office to the Internet. What the box itself sends stays a little "
        "below it, so that packets wait in the box, where the office goes first, and not in the modem.",
    )
    office_share_percent: int = Field(
        default=50,
        ge=5,
        le=90,
        description="Percent of `line_down_kbps` and `line_up_kbps` that guests never get, whether the "
        "office uses it or not: its computers do not send through the box, which so cannot know.",
    )
    line_check_names: Annotated[tuple[HostName, ...], Field(max_length=8)] = Field(
        default=("dichvucong.gov.vn",),
        description="Names that the line's resolvers are asked for now and then, one after the other. While "
        "none of them answers, guests are told that there is no Internet: a modem that has lost it keeps its "
        "cable up. Without a name nobody is asked.",
    )
    walled_garden: Annotated[tuple[HostName, ...], Field(max_length=64)] = Field(
        default=(),
        description="Names reachable before agreeing, with everything below them, such as "
        "`dichvucong.gov.vn`.",
    )
    private_networks: Annotated[tuple[Network, ...], Field(max_length=64)] = Field(
        default=(),
        description="Networks that guests never reach, such as the province's. Private and other special "
        "addresses need not be named: guests never reach those.",
    )
    portal_name: HostName = Field(
        default="wifi.motcua.internal", description="The portal's name, which only guests can look up."
    )
    certificate: AbsolutePath | None = Field(
        default=None,
        description="PEM certificate chain of `portal_name`. Without it phones find the portal by "
        "themselves, but the captive portal API is not announced.",
    )
    key: AbsolutePath | None = Field(
        default=None, validate_default=True, description="PEM private key of `certificate`."
    )
    link_dir: AbsolutePath = Field(
        default=Path("/run/motcua-gate"),
        description="Directory in which the office puts up these settings for the gate, and nobody else.",
    )
    socket: SocketPath = Field(
        default=Path("/run/motcua-hotspot/gate.sock"),
        description="Where the gate answers the office and the strangers' app.",
    )
    retention_file: AbsolutePath | None = Field(
        default=None,
        description="The province's policy by which sessions are recorded (docs/retention.md), such as "
        "`/etc/motcua/retention.toml`. Without it nothing is recorded.",
    )
    retention_mib: int = Field(
        default=256,
        ge=16,
        le=4_096,
        description="MiB that these records may take; when they are full no more are written, "
        "and this is said.",
    )
    hours: GuestHours = Field(default_factory=GuestHours, description="When guests may be online.")

    @field_validator("vlan")
    @classmethod
    def _only_external(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("radio", "external") != "external":
            raise refuse("hotspot.vlan")
        return value

    @field_validator("wan")
    @classmethod
    def _another_interface(cls, value: str, info: ValidationInfo) -> str:
        # A VLAN of the office's own port is a way of its own.
        if value == info.data.get("interface") and info.data.get("vlan") is None:
            raise refuse("hotspot.wan")
        return value

    @field_validator("passphrase")
    @classmethod
    def _with_psk(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("security") == "psk":
            raise refuse("hotspot.psk")
        return value

    @field_validator("classes")
    @classmethod
    def _own_ids(cls, value: tuple[Tariff, ...], info: ValidationInfo) -> tuple[Tariff, ...]:
        ids = [each.id for each in value]
        if len(set(ids)) != len(ids):
            raise refuse("form.repeated")
        slower = info.data.get("quota_class")
        if slower is not None and slower not in ids:
            raise refuse("hotspot.quota_class", known=", ".join(ids))
        return value

    @field_validator("key")
    @classmethod
    def _with_certificate(cls, value: object, info: ValidationInfo) -> object:
        if (value is None) != (info.data.get("certificate") is None):
            raise refuse("hotspot.certificate")
        return value

    @property
    def guests_down(self) -> int | None:
        """Most bytes in a second towards all guests together; None when they may fill the line."""
        return self._guests_together(self.all_down_kbps, self.line_down_kbps)

    @property
    def guests_up(self) -> int | None:
        """Most bytes in a second from all guests together; None when they may fill the line."""
        return self._guests_together(self.all_up_kbps, self.line_up_kbps)

    @property
    def guests_down_kbps(self) -> int | None:
        """The same of :attr:`guests_down` in kbit/s, for people."""
        return None if self.guests_down is None else self.guests_down // BYTES_PER_KBIT

    @property
    def guests_up_kbps(self) -> int | None:
        """The same of :attr:`guests_up` in kbit/s, for people."""
        return None if self.guests_up is None else self.guests_up // BYTES_PER_KBIT

    def _guests_together(self, all_kbps: int | None, line_kbps: int | None) -> int | None:
        told = [] if all_kbps is None else [all_kbps * BYTES_PER_KBIT]
        if line_kbps is not None:
            told.append(line_kbps * BYTES_PER_KBIT * (100 - self.office_share_percent) // 100)
        return min(told, default=None)
