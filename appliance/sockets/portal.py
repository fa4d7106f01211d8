"""What the strangers' app may know of the public WiFi: what its portal says, and for whom it is."""

import hashlib
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from appliance.sockets.door import Named
from appliance.sockets.lines import Key, Message

IDENTITY: Final = "portal.pem"
"""Beside :data:`appliance.sockets.known.FILE`: certificate chain and key of the portal's name, in one file so
that they always belong together. Without a certificate there is none."""

API: Final = "/captive-portal/api"
"""Path of the captive portal API (RFC 8908), below ``https://`` and the portal's name."""

Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.:/-]{1,253}$")]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=5_500)]
"""The office's own terms have 4,000 characters; what is recorded by law is said behind them."""
Hours = Annotated[str, StringConstraints(pattern=r"^[0-9:, -]{0,400}$")]
DAYS: Final = 7


class Terms(Message):
    """What guests agree to, in both languages."""

    vi: Prose
    en: Prose

    def of_lang(self, lang: str) -> str:
        """Return the text in a language."""
        return self.en if lang == "en" else self.vi

    @property
    def version(self) -> str:
        """SHA-256 of the Vietnamese text, a zero byte and the English one, UTF-8, in hex.

        Both, because whoever read one of them agreed to the same version as who read the other.
        """
        return hashlib.sha256(self.vi.encode() + b"\0" + self.en.encode()).hexdigest()


class Purpose(Message):
    """Something that may be allowed besides, or not."""

    key: Key
    name: Named


class Portal(Message):
    """See the module.

    Args:
        name: the portal's name, which only guests can look up.
        hosts: by what else the box itself may be called: its addresses, and the one on tickets.
        guests: guests' IPv6 network, or None without IPv6.
        terms: what they agree to.
        purposes: what they may allow besides.
        hours: from Monday, local time, such as ``07:30-11:30, 13:30-17:00``; empty for a day without.
        has_tickets: whether tickets can be followed by phone.
        has_wan: whether there is a way to the Internet.
    """

    name: Host
    hosts: Annotated[tuple[Host, ...], Field(max_length=8, strict=False)]
    guests: Host | None = None
    terms: Terms
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=8, strict=False)] = ()
    hours: Annotated[tuple[Hours, ...], Field(min_length=DAYS, max_length=DAYS, strict=False)]
    has_tickets: bool
    has_wan: bool
