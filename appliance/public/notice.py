"""What the office has put up for strangers to know: read again when the file is another one."""

import ipaddress
from pathlib import Path
from typing import Final

from appliance.public.catalog import Catalog
from appliance.public.published import Published
from appliance.sockets.door import Named
from appliance.sockets.errors import BadLineError
from appliance.sockets.known import FILE, MOST_BYTES, Known

NOBODY: Final = Named(vi="Bộ phận Một cửa", en="One-stop counter")


class Notice:
    """The file of :mod:`appliance.sockets.known` in a directory.

    Args:
        folder: the link directory.
    """

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(folder)
        """Of procedures; the file beside."""
        self._file = Published(folder / FILE, MOST_BYTES, _read)

    def known(self) -> Known | None:
        """Return what is known; the last that could be read, None when nothing ever was."""
        last = self._file.last()
        return None if last is None else last[0]

    def guests(self) -> ipaddress.IPv6Network | None:
        """Return the IPv6 network of the public WiFi's guests, if there is one."""
        last = self._file.last()
        return None if last is None else last[1]

    def office(self, lang: str) -> str:
        """Return the office's name."""
        known = self.known()
        return (NOBODY if known is None else known.office).of_lang(lang)


def _read(content: bytes) -> tuple[Known, ipaddress.IPv6Network | None]:
    known = Known.of_file(content)
    return known, _guests_of(known)


def _guests_of(known: Known) -> ipaddress.IPv6Network | None:
    guests = None if known.portal is None else known.portal.guests
    try:
        return None if guests is None else ipaddress.IPv6Network(guests)
    except ValueError:
        raise BadLineError(reason="guests is no IPv6 network") from None
