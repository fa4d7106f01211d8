"""What differs between two settings of the public WiFi, in words; the passphrase itself is never said."""

from collections.abc import Iterator, Mapping
from typing import Final

from appliance.config import Settings
from appliance.config.hotspot import Tariff
from appliance.config.hours import hours_text
from appliance.pages.texts import N_, Texts

SECURITY: Final[Mapping[str, str]] = {
    "open": N_("Open to everybody"),
    "owe": N_("Open to everybody, encrypted where phone and radio can"),
    "psk": N_("With a passphrase"),
}
ENABLED: Final = N_("Public WiFi")
RADIOS: Final[Mapping[str, str]] = {
    "builtin": N_("Built-in radio"),
    "usb": N_("USB radio"),
    "external": N_("The office's own access points"),
}
FITTED: Final[Mapping[str, str]] = {
    "radio": N_("What guests join"),
    "interface": N_("Radio, or port of the access points"),
    "wan": N_("Port towards the Internet"),
    "vlan": N_("VLAN of the guests"),
    "country": N_("Country whose radio rules apply"),
    "channel": N_("Channel of the radio"),
}
"""What only a technician has a field for."""
TEXTS: Final[Mapping[str, str]] = {
    "ssid": N_("Name of the WiFi"),
    "security": N_("Who may join the WiFi"),
    "passphrase": N_("Passphrase of the WiFi"),
    "quota_class": N_("Speed after the day's quota"),
}
NUMBERS: Final[Mapping[str, str]] = {
    "max_clients": N_("Most devices online at once"),
    "session_min": N_("Minutes after which a guest agrees anew"),
    "idle_min": N_("Minutes without traffic after which a guest is offline"),
    "quota_mib": N_("MiB a day for each device"),
    "office_share_percent": N_("Percent of the line that guests never get"),
}
LINE: Final[Mapping[str, str]] = {
    "line_down_kbps": N_("What the line brings, kbit/s"),
    "line_up_kbps": N_("What the line takes, kbit/s"),
    "all_down_kbps": N_("Most to all guests together, kbit/s"),
    "all_up_kbps": N_("Most from all guests together, kbit/s"),
}
"""Speeds of which each may be left open."""
OURS: Final = frozenset({"enabled", *TEXTS, *NUMBERS, *LINE, "classes", "hours"})
"""What has a field for everybody whom the page is shown to."""

Said = tuple[str, str, str]
"""What changes, how it was, how it is to be."""


def wifi_changes(before: Settings, after: Settings, days: Mapping[str, str], words: Texts) -> Iterator[Said]:
    """Yield what differs.

    Args:
        before: the settings in force.
        after: those that are wanted.
        days: weekdays by their keys.
        words: the language.
    """
    say, old, new = words.gettext, before.hotspot, after.hotspot
    yield from _switched(before, after, words)
    for name, label in TEXTS.items():
        was, wanted = getattr(old, name), getattr(new, name)
        if was != wanted:
            yield say(label), _said(name, was, words), _said(name, wanted, words)
    for name, label in {**NUMBERS, **LINE}.items():
        was, wanted = getattr(old, name), getattr(new, name)
        if was != wanted:
            yield say(label), _number(was, words), _number(wanted, words)
    held, classes = {each.id: each for each in old.classes}, {each.id: each for each in new.classes}
    for own in {**held, **classes}:
        was, wanted = held.get(own), classes.get(own)
        if was != wanted:
            yield say(N_("Speed %(name)s")) % {"name": own}, _speed(was, words), _speed(wanted, words)
    kept = [own for own in held if own in classes]
    if kept != [own for own in classes if own in held]:
        yield say(N_("Order of the speeds")), " · ".join(held), " · ".join(classes)
    for day, label in days.items():
        spans = [hours_text(getattr(each.hours, day)) or say(N_("No WiFi")) for each in (old, new)]
        if spans[0] != spans[1]:
            yield say(N_("WiFi on %(day)s")) % {"day": say(label)}, spans[0], spans[1]


def _switched(before: Settings, after: Settings, words: Texts) -> Iterator[Said]:
    """Yield what differs of the switch and of the radio."""
    say, old, new = words.gettext, before.hotspot, after.hotspot
    if old.enabled != new.enabled:
        is_on, is_off = say(N_("On")), say(N_("Off"))
        yield say(ENABLED), is_on if old.enabled else is_off, is_on if new.enabled else is_off
    for name, label in FITTED.items():
        was, wanted = getattr(old, name), getattr(new, name)
        if was != wanted:
            yield say(label), _fitted(was, words), _fitted(wanted, words)


def is_ours(key: str) -> bool:
    """Whether a changed setting is said by :func:`wifi_changes`."""
    table, _, rest = key.partition(".")
    return table == "hotspot" and rest.partition(".")[0].partition("[")[0] in OURS | FITTED.keys()


def _fitted(value: str | int | None, words: Texts) -> str:
    if value is None:
        return words.gettext(N_("none"))
    text = str(value)
    return words.gettext(RADIOS[text]) if text in RADIOS else text


def _said(name: str, value: str | None, words: Texts) -> str:
    if name == "passphrase":
        return words.gettext(N_("none")) if value is None else "••••••••"
    if name == "security" and value is not None:
        return words.gettext(SECURITY[value])
    if name == "quota_class" and value is None:
        return words.gettext(N_("offline until the next day"))
    return value or ""


def _number(value: int | None, words: Texts) -> str:
    return words.gettext(N_("not set")) if value is None else words.number(value)


def _speed(tariff: Tariff | None, words: Texts) -> str:
    if tariff is None:
        return ""
    return f"{words.number(tariff.down_kbps)} / {words.number(tariff.up_kbps)} kbit/s"
