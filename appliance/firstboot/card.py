"""motcua.toml, the one file that makes a box out of an image: its form, and how it is read.

It is on the FAT partition, because every computer can open that. Unknown keys are problems, and all problems
are found in one go.
"""

import hashlib
import ipaddress
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from appliance.accounts.errors import BadSetupHashError
from appliance.accounts.setup_code import check_hash
from appliance.communes import find
from appliance.config.fields import CenterUrl, Id, Name, Section, Thumbprint, refuse
from appliance.config.hotspot import Ssid
from appliance.config.problem import Problem, join_key, shown
from appliance.config.sentences import SENTENCES as OFFICE
from appliance.errors import MotcuaError
from appliance.firstboot.sentences import SENTENCES, trouble
from appliance.wire.enrolment import Claim
from appliance.wire.errors import WireError

FILE_NAME: Final = "motcua.toml"
MAX_BYTES: Final = 64 * 1024
MAX_LINE: Final = 500
"""Characters. tomllib keeps every prefix of a dotted key."""
SECRETS: Final = (("center", "claim"), ("setup", "code_hash"), ("network", "wifi_password"))
"""What is erased from the card, by table and key."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_BESIDE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}\Z")
_PASSWORD = re.compile(r"[ -~]{8,63}\Z")


def _commune(value: str) -> str:
    found = find(value)
    if found is None:
        raise refuse("card.commune")
    return found.code


def _claim(value: str) -> str:
    try:
        return str(Claim.parse(value.strip()))
    except WireError:
        raise refuse("card.claim") from None


def _code_hash(value: str) -> str:
    try:
        return check_hash(value)
    except BadSetupHashError:
        raise refuse("card.code_hash") from None


def _interface(value: str) -> str:
    try:
        parsed = ipaddress.IPv4Interface(value)
    except ValueError:
        raise refuse("card.address") from None
    if "/" not in value or parsed.network.prefixlen > 30:  # noqa: PLR2004 - a network with room for two
        raise refuse("card.address")
    return str(parsed)


def _host(value: str) -> str:
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        raise refuse("card.host") from None


def _ssid(value: str) -> str:
    if not 1 <= len(value.encode()) <= 32 or not value.isprintable():  # noqa: PLR2004 - IEEE 802.11
        raise refuse("card.ssid")
    return value


def _password(value: str) -> str:
    if not _PASSWORD.match(value):
        raise refuse("card.password")
    return value


def _beside(value: str) -> str:
    if not _BESIDE.match(value) or value.casefold() == FILE_NAME:
        raise refuse("card.file")
    return value


Host = Annotated[str, AfterValidator(_host)]


class Site(Section):
    """Where the box stands."""

    commune: Annotated[str, AfterValidator(_commune)] = Field(
        description="Official code of the commune, five digits in quotes."
    )
    id: Id | None = Field(default=None, description="The office's id at the center; else the commune's code.")
    name: Name | None = Field(default=None, description="The office's name; else made from the commune's.")
    name_en: Name | None = Field(default=None, description="The office's name in English.")


class Device(Section):
    """Which box it is."""

    id: Id = Field(description="The box's id at the center, as its claim names it.")
    role: Literal["office", "hotspot", "display"] = Field(default="office", description="What it is for.")
    board: Literal["pi4", "pi3", "zero2w", "virt", "none"] = Field(default="pi4", description="The Pi model.")


class Network(Section):
    """How it reaches the province. Without this table: by cable, everything by DHCP."""

    mode: Literal["dhcp", "static"] = Field(default="dhcp", description="How the cable gets its address.")
    address: Annotated[str, AfterValidator(_interface)] | None = Field(
        default=None, validate_default=True, description="Static: the box's address with its prefix."
    )
    gateway: Host | None = Field(
        default=None, validate_default=True, description="Static: the router's address."
    )
    dns: Annotated[tuple[Host, ...], Field(max_length=3)] = Field(
        default=(), description="Static: name servers; else the router."
    )
    wifi_ssid: Annotated[str, AfterValidator(_ssid)] | None = Field(
        default=None, description="Name of a WiFi network towards the province, beside the cable."
    )
    wifi_password: Annotated[str, AfterValidator(_password)] | None = Field(
        default=None, description="Its password; erased after use."
    )

    @field_validator("address", "gateway")
    @classmethod
    def _as_the_mode_wants(cls, value: str | None, info: ValidationInfo) -> str | None:
        mode = info.data.get("mode")
        if mode == "static" and value is None:
            raise refuse("card.static")
        if mode == "dhcp" and value is not None:
            raise refuse("card.dhcp")
        address = info.data.get("address")
        if value is not None and address is not None and info.field_name == "gateway":
            network = ipaddress.IPv4Interface(address).network
            if ipaddress.IPv4Address(value) not in network:
                raise refuse("card.gateway", network=str(network))
        return value

    @field_validator("wifi_password")
    @classmethod
    def _of_a_network(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("wifi_ssid", "refused") is None:
            raise refuse("card.wifi")
        return value


class Center(Section):
    """The province's center, and the permission to enroll there."""

    url: CenterUrl = Field(description="Address of the center.")
    id: Id = Field(description="The center's id, as its receipts name it.")
    root_key_thumbprint: Thumbprint = Field(description="Thumbprint of the center's root key.")
    ca: Annotated[str, AfterValidator(_beside)] | None = Field(
        default=None,
        description="Name of a PEM file on the card: the province's own CA, for the center's TLS.",
    )
    claim: Annotated[str, AfterValidator(_claim)] | None = Field(
        default=None, description="One-time claim of this box; erased after use."
    )


class Setup(Section):
    """The first account."""

    code_hash: Annotated[str, AfterValidator(_code_hash)] | None = Field(
        default=None, description="Argon2id hash of the setup code on the label; erased after use."
    )


class Hall(Section):
    """What the hall begins with."""

    preset: Literal["standard", "small"] = Field(
        default="standard", description="Five services at three counters, or at one."
    )
    file: Annotated[str, AfterValidator(_beside)] | None = Field(
        default=None, description="Name of an office.toml on the card to begin with instead."
    )


class PublicWifi(Section):
    """The WiFi for citizens; switched on by it where the box's radio has nothing else to do."""

    ssid: Ssid | None = Field(default=None, description="Its name. Other settings are changed on the pages.")


class Restore(Section):
    """Whether the box takes the place of one that died."""

    source: Literal["usb", "nothing"] = Field(
        default="nothing", alias="from", description="A backup stick, or nothing: the first number is 1."
    )


class Card(Section):
    """One motcua.toml, validated and frozen; make it with ``load`` or ``loads``."""

    site: Site = Field(description="Where the box stands.")
    device: Device = Field(description="Which box it is.")
    network: Network = Field(default_factory=Network, description="How it reaches the province.")
    center: Center = Field(description="Where it delivers.")
    setup: Setup = Field(default_factory=Setup, description="The first account.")
    office: Hall = Field(default_factory=Hall, description="What the hall begins with.")
    hotspot: PublicWifi = Field(default_factory=PublicWifi, description="The WiFi for citizens.")
    restore: Restore = Field(default_factory=Restore, description="Whether it goes on from a backup stick.")

    @property
    def site_id(self) -> str:
        """The office's id at the center."""
        return self.site.id or self.site.commune

    @property
    def digest(self) -> str:
        """Hex SHA-256 of everything it says, secrets included: equal only for the same card."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stay on the card."""
        found = (self.center.claim, self.setup.code_hash, self.network.wifi_password)
        return tuple(secret for secret in found if secret is not None)


class CardError(MotcuaError, ValueError):
    """Error raised when motcua.toml cannot be used; ``problems`` holds everything that is wrong with it."""

    key = "firstboot.card"
    template = "{lines}"
    template_vi = "{lines}"

    def __init__(self, *, problems: Iterable[Problem], name: str = FILE_NAME) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__(lines="\n".join(each.line(name) for each in self.problems))

    def vi(self) -> str:
        """Return one line in Vietnamese for each problem."""
        return "\n".join(each.line_vi(self.name) for each in self.problems)


def load(path: Path) -> Card:
    """Read and check a motcua.toml.

    Raises:
        CardError: it cannot be read or has problems; all of them are in ``problems``.
    """
    return loads(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file on the card.

    Raises:
        CardError: it is missing, too large or cannot be read.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise CardError(problems=[trouble("card.missing", "")], name=path.name) from None
    except OSError as error:
        detail = error.strerror or str(error)
        raise CardError(problems=[trouble("file.unreadable", "", detail=detail)], name=path.name) from error
    if len(raw) > MAX_BYTES:
        limit = MAX_BYTES // 1024
        raise CardError(problems=[trouble("card.too_large", "", limit=limit)], name=path.name)
    return raw


def loads(raw: bytes) -> Card:
    """Check the bytes of a motcua.toml.

    Raises:
        CardError: they have problems; all of them are in ``problems``.
    """
    data = _parsed(raw)
    try:
        card = Card.model_validate({name: _frozen(value) for name, value in data.items()})
    except ValidationError as error:
        raise CardError(problems=[one for each in error.errors() for one in _explained(each)]) from None
    if card.center.claim is not None:
        device = Claim.parse(card.center.claim).device
        if device != card.device.id:
            raise CardError(
                problems=[trouble("card.claim_device", "center.claim", device=device, own=card.device.id)]
            )
    elif card.restore.source == "usb":
        raise CardError(problems=[trouble("card.restore_claim", "center.claim")])
    return card


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CardError(problems=[trouble("file.encoding", f"line {line}")]) from None
    for number, line_text in enumerate(text.split("\n"), 1):
        if len(line_text) > MAX_LINE:
            raise CardError(problems=[trouble("toml.long_line", f"line {number}", limit=MAX_LINE)])
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        said = str(error)
        place = _PLACE.search(said)
        where = f"line {place[1]}, column {place[2]}" if place is not None and place[1] else ""
        detail = said if place is None else said[: place.start()]
        raise CardError(problems=[trouble("toml.syntax", where, detail=detail)]) from None


def _frozen(value: object) -> object:
    """Return a table of parsed TOML with tuples for lists, as the strict models want them."""
    if not isinstance(value, dict):
        return value
    return {name: tuple(inner) if isinstance(inner, list) else inner for name, inner in value.items()}


def _explained(details: ErrorDetails) -> Iterator[Problem]:
    rule, place = details["type"], details["loc"]
    key = join_key(place)
    if rule == "missing":
        table = Card.model_fields.get(str(place[0])) if len(place) == 1 else None
        inside = getattr(table and table.annotation, "model_fields", {})
        needed = [f"{key}.{name}" for name, field in inside.items() if field.is_required()]
        yield from (trouble("missing", name) for name in needed or [key])
        return
    is_secret = tuple(str(part) for part in place[:2]) in SECRETS
    value = None if is_secret or rule == "card.static" else shown(details["input"])
    fields: dict[str, Any] = dict(details.get("ctx", {}))
    fields.pop("rule", None)
    if rule == "extra_forbidden":
        yield trouble("key.unknown", key)
    elif rule == "literal_error":
        expected = str(fields["expected"]).replace(" or ", ", ").replace("'", '"')
        yield trouble(rule, key, value, expected=expected)
    elif rule in SENTENCES or rule in OFFICE:
        yield trouble(rule, key, value, **fields)
    else:
        yield trouble("value", key, value, detail=details["msg"])
