"""All settings of one office, and what changed between two versions of them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field, PrivateAttr

from appliance.config.fields import Section
from appliance.config.hall import PRIORITIES, Counter, Hall, Priority, Ratings, Service
from appliance.config.hotspot import Hotspot
from appliance.config.machine import Api, Backup, Clock, Journal, Office, Uplink
from appliance.config.portal import Portal
from appliance.config.web import Display, Public, Web
from appliance.config.wiring import Hardware

MAX_CHANGED_KEYS: Final = 100
"""Above this the tables' names must do: the event that carries the list is at most 16 KiB."""


class Settings(Section):
    """One office.toml, validated and frozen.

    Make it with ``load`` or ``loads``: only they also check one table against another and set ``sha256``.
    """

    office: Office = Field(description="Who and where this box is.")
    uplink: Uplink = Field(description="Where and when events are delivered.")
    journal: Journal = Field(default_factory=Journal, description="What the journal keeps.")
    hall: Hall = Field(default_factory=Hall, description="How tickets wait and are called.")
    services: Annotated[tuple[Service, ...], Field(max_length=26)] = Field(
        default=(), description="The services, in the order in which they are offered."
    )
    counters: Annotated[tuple[Counter, ...], Field(max_length=64)] = Field(
        default=(), description="The counters, in the order in which they are shown."
    )
    priorities: Annotated[tuple[Priority, ...], Field(max_length=16)] = Field(
        default=PRIORITIES, description="The priority classes. Without any table: the five customary ones."
    )
    ratings: Ratings = Field(default_factory=Ratings, description="How presses become ratings.")
    hardware: Hardware = Field(default_factory=Hardware, description="Pins and serial lines.")
    api: Api = Field(default_factory=Api, description="The socket for the other units of this box.")
    web: Web = Field(default_factory=Web, description="The staff app's pages.")
    display: Display = Field(default_factory=Display, description="The screen on the box's own HDMI.")
    public: Public = Field(default_factory=Public, description="The strangers' app, for citizens' phones.")
    hotspot: Hotspot = Field(default_factory=Hotspot, description="The public WiFi.")
    portal: Portal = Field(default_factory=Portal, description="The portal of the public WiFi.")
    clock: Clock = Field(default_factory=Clock, description="What the box may believe about time.")
    backup: Backup = Field(default_factory=Backup, description="The stick that a spare box goes on from.")

    _sha256: str = PrivateAttr(default="")

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the file's bytes, for ``config.applied``; empty if not read from a file."""
        return self._sha256

    def bind(self, digest: str) -> None:
        """Remember the digest of the bytes these settings were read from; ``load`` and ``loads`` do."""
        self._sha256 = digest


def changed_keys(old: Settings | None, new: Settings) -> list[str]:
    """Return the names of the settings that differ, sorted.

    Entries of lists are named by their id, so that moving a service changes one key (``services``, the order)
    and not every key of every service: ``services.land.daily_limit``.

    Args:
        old: The settings before; None when there were none, which makes every key of ``new`` a changed one.
        new: The settings now.

    Returns:
        At most 100 names, of at most 200 characters each; if more differ, the names of their tables.
    """
    before = {} if old is None else dict(_leaves("", old))
    after = dict(_leaves("", new))
    names = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if len(names) <= MAX_CHANGED_KEYS:
        return names
    return sorted({name.partition(".")[0] for name in names})


def _leaves(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield every setting below ``value`` with its dotted name."""
    prefix = f"{name}." if name else ""
    match value:
        case Section():
            for field in type(value).model_fields:
                yield from _leaves(prefix + field, getattr(value, field))
        case tuple() if value and all(isinstance(entry, Section) for entry in value):
            ids = tuple(_entry_id(entry) for entry in value)
            yield name, ids
            for entry_id, entry in zip(ids, value, strict=True):
                yield from _leaves(prefix + entry_id, entry)
        case Mapping():
            for key, entry in value.items():
                yield prefix + str(key), entry
        case _:
            yield name, value


def _entry_id(entry: object) -> str:
    return str(getattr(entry, "id", None) or getattr(entry, "key", ""))
