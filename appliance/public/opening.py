"""The hours of the WiFi as a guest reads them: days with the same hours together. Pure."""

from collections.abc import Sequence
from itertools import groupby

from appliance.pages.texts import N_, of

DAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
ALL_DAY = "00:00-24:00"


def rows(hours: Sequence[str], lang: str) -> list[tuple[str, str]]:
    """Return ``("Thứ Hai – Thứ Sáu", "07:30–11:30, 13:30–17:00")`` and so on.

    Args:
        hours: seven texts from Monday, as the settings have them.
        lang: to speak.
    """
    say = of(lang).gettext
    found: list[tuple[str, str]] = []
    for text, days in groupby(range(len(hours)), key=lambda day: hours[day]):
        together = list(days)
        first, last = say(DAYS[together[0]]), say(DAYS[together[-1]])
        name = first if len(together) == 1 else f"{first} – {last}"
        when = say("all day") if text == ALL_DAY else text.replace("-", "–") or say("not open")
        found.append((name, when))
    return found
