"""What the office has put up for strangers to know: read again when the file is another one."""

import ipaddress
import os
from pathlib import Path
from typing import Final

import structlog

from appliance.sockets.door import Named
from appliance.sockets.errors import BadLineError
from appliance.sockets.known import FILE, MOST_BYTES, Known

log = structlog.get_logger(__name__)

NOBODY: Final = Named(vi="Bộ phận Một cửa", en="One-stop counter")


class Notice:
    """The file of :mod:`appliance.sockets.known` in a directory.

    Args:
        folder: the link directory.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._stamp: tuple[int, int, int] | None = None
        self._known: Known | None = None
        self._guests: ipaddress.IPv6Network | None = None

    def known(self) -> Known | None:
        """Return what is known; the last that could be read, None when nothing ever was."""
        try:
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
                if stamp == self._stamp:
                    return self._known
                self._stamp = stamp
                content = file.read(MOST_BYTES + 1)
            known = Known.of_file(content)
            self._known, self._guests = known, _guests_of(known)
        except (OSError, BadLineError) as error:
            if self._stamp is not None:
                log.warning("notice.unreadable", reason=str(error))
        return self._known

    def guests(self) -> ipaddress.IPv6Network | None:
        """Return the IPv6 network of the public WiFi's guests, if there is one."""
        self.known()
        return self._guests

    def office(self, lang: str) -> str:
        """Return the office's name."""
        known = self.known()
        return (NOBODY if known is None else known.office).of_lang(lang)


def _guests_of(known: Known) -> ipaddress.IPv6Network | None:
    guests = None if known.portal is None else known.portal.guests
    try:
        return None if guests is None else ipaddress.IPv6Network(guests)
    except ValueError:
        raise BadLineError(reason="guests is no IPv6 network") from None
