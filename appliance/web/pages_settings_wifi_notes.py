"""What follows from a change of the public WiFi, said before it is made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.config import Settings
from appliance.pages.texts import N_, Texts
from appliance.web.pages_settings_wifi_words import FITTED
from appliance.web.wifi import Link, named

ON: Final = N_("The WiFi starts as soon as this is applied")
ON_TEXT: Final = N_(
    "Nothing needs to be restarted. Phones see the network %(name)s within a minute; the page Public WiFi in "
    "the menu then says whether it works."
)
OFF: Final = N_("Guests are cut off as soon as this is applied")
OFF_TEXT: Final = N_("Phones do not see the network any more, and nothing needs to be restarted.")
ANEW: Final = N_("Guests are offline for a moment")
ANEW_TEXT: Final = N_("Phones join again when the network is back, within a minute.")
MISSING: Final = N_("There is no interface %(name)s at the moment")
MISSING_TEXT: Final = N_("Guests get no Internet until it is there.")


@dataclass(frozen=True, slots=True)
class Note:
    """What follows from a change, said before it is made.

    Args:
        kind: how much it matters.
        title: in a few words.
        text: the rest.
    """

    kind: Literal["info", "warn"]
    title: str
    text: str


def notes(
    before: Settings, after: Settings, links: Sequence[Link], online: int | None, words: Texts
) -> Iterator[Note]:
    """Yield what follows.

    Args:
        before: the settings in force.
        after: those that are wanted.
        links: the network interfaces that the box has; none where that is not known.
        online: how many devices are online, or None where that is not known.
        words: the language.
    """
    say, old, new = words.gettext, before.hotspot, after.hotspot
    is_other = any(getattr(old, name) != getattr(new, name) for name in FITTED)
    if not new.enabled:
        if old.enabled:
            counted = words.ngettext(
                "%(num)s device is online now.", "%(num)s devices are online now.", online or 0
            )
            now = f"{counted % {'num': words.number(online)}} " if online else ""
            yield Note("warn", say(OFF), f"{now}{say(OFF_TEXT)}")
        return
    if not old.enabled:
        yield Note("info", say(ON), say(ON_TEXT) % {"name": new.ssid})
    elif is_other:
        yield Note("warn", say(ANEW), say(ANEW_TEXT))
    else:
        return
    for name in dict.fromkeys((new.interface, new.wan)):
        if links and named(links, name) is None:
            yield Note("warn", say(MISSING) % {"name": name}, say(MISSING_TEXT))
