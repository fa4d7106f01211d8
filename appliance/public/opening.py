"""The hours of the WiFi as a guest reads them: days with the same hours together, and the next one. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from appliance.pages.formats import HANOI
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


def reopens(opens_in_s: int, now_us: int, lang: str) -> str:
    """Return ``Mở cửa lại lúc 13:30``, with the day unless it is today.

    Args:
        opens_in_s: seconds until then.
        now_us: the wall clock, by which the gate counted them, microseconds since 1970.
        lang: to speak.
    """
    now = datetime.fromtimestamp(now_us / 1_000_000, HANOI)
    # Hours begin with a minute; between the gate's look at the clock and ours one may have begun.
    then = (now + timedelta(seconds=opens_in_s + 30)).replace(second=0, microsecond=0)
    say = of(lang).gettext
    words = {"time": f"{then:%H:%M}", "day": say(DAYS[then.weekday()])}
    if then.date() == now.date():
        return say("Opens again at %(time)s") % words
    if then.date() == now.date() + timedelta(days=1):
        return say("Opens again tomorrow at %(time)s") % words
    return say("Opens again on %(day)s at %(time)s") % words
