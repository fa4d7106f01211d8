"""The languages of the pages: their catalogs and their formats.

Msgids are English, so English needs no catalog. Every area of the pages has a catalog of its own; a language
reads all of them as one.
"""

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from appliance.pages import formats

LANGS: Final = ("vi", "en")
DEFAULT: Final = LANGS[0]
LOCALES: Final = Path(__file__).parent / "locales"

_RULES: Final[Mapping[str, formats.Vietnamese | formats.English]] = {
    "vi": formats.VIETNAMESE,
    "en": formats.ENGLISH,
}
_HEADER_LIMIT: Final = 400


def N_(msgid: str) -> str:  # noqa: N802 - the name by which every extractor of msgids knows it
    """Mark a msgid that is translated later, where the language is known."""
    return msgid


@dataclass(frozen=True, slots=True)
class Texts:
    """One language: what its catalogs say, and how it writes numbers, spans and dates."""

    lang: str
    rules: formats.Vietnamese | formats.English
    catalog: gettext.NullTranslations = field(repr=False)

    def gettext(self, msgid: str) -> str:
        return self.catalog.gettext(msgid)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.catalog.ngettext(singular, plural, n)

    def pgettext(self, context: str, msgid: str) -> str:
        return self.catalog.pgettext(context, msgid)

    def npgettext(self, context: str, singular: str, plural: str, n: int) -> str:
        return self.catalog.npgettext(context, singular, plural, n)

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        """Return ``1.234,5`` or ``1,234.5``."""
        return self.rules.number(value, decimals)

    def percent(self, fraction: float | Decimal, decimals: int = 0) -> str:
        """Return a fraction of one as ``85%``."""
        return self.rules.percent(fraction, decimals)

    def minutes(self, span_ms: float) -> str:
        """Return ``12 phút``, ``1 giờ 5 phút`` or ``dưới 1 phút``."""
        return self.rules.minutes(span_ms)

    def span(self, low_ms: float, high_ms: float) -> str:
        """Return ``10–15 phút``."""
        return self.rules.span(low_ms, high_ms)

    def clock(self, at: formats.Instant) -> str:
        """Return ``08:31`` in the time of Hanoi."""
        return f"{formats.hanoi(at):%H:%M}"

    def day(self, at: formats.Instant | date) -> str:
        """Return ``25/11/2026`` or ``25 Nov 2026``."""
        return self.rules.day(formats.day_of(at))

    def date(self, at: formats.Instant | date) -> str:
        """Return the day with its weekday."""
        return self.rules.date(formats.day_of(at))


@cache
def of(lang: str) -> Texts:
    """Return a language of the pages; the default one for a name that is none of them."""
    known = lang if lang in LANGS else DEFAULT
    return Texts(known, _RULES[known], _catalog(LOCALES / known))


def best(accept_language: str | None = None, cookie: str | None = None) -> str:
    """Return the language to speak: the visitor's choice, else the browser's wish, else Vietnamese."""
    if cookie in LANGS:
        return cookie
    asked = [_weighed(part) for part in (accept_language or "")[:_HEADER_LIMIT].split(",")]
    spoken = [(weight, lang) for weight, lang in asked if weight > 0 and lang in LANGS]
    return max(spoken, key=lambda choice: choice[0])[1] if spoken else DEFAULT


def _weighed(part: str) -> tuple[float, str]:
    tag, _, quality = part.strip().partition(";")
    lang = tag.strip().lower().partition("-")[0]
    name, _, value = quality.strip().partition("=")
    if name.strip() != "q":
        return 1.0, lang
    try:
        return min(1.0, float(value)), lang
    except ValueError:
        return 0.0, lang


def _catalog(folder: Path) -> gettext.NullTranslations:
    joined: gettext.NullTranslations | None = None
    for path in sorted(folder.glob("*.mo")):
        with path.open("rb") as file:
            read = gettext.GNUTranslations(file)
        if joined is None:
            joined = read
        else:
            joined.add_fallback(read)
    return joined or gettext.NullTranslations()
