"""The certificate of the portal's name, as the office hands it over; a new one is taken up while serving."""

import ssl
from pathlib import Path
from typing import Final

import structlog

from appliance.sockets.portal import IDENTITY

log = structlog.get_logger(__name__)

NOBODY: Final = ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


class PortalIdentity:
    """See the module.

    Args:
        folder: the link directory.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / IDENTITY
        self._stamp: tuple[int, int, int] | None = None
        self._current: ssl.SSLContext | None = None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        """For a listener: it looks at each greeting for the certificate of now, and refuses without one."""
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.sni_callback = self._greet

    def current(self) -> ssl.SSLContext | None:
        """Return what to prove ourselves with now, or None."""
        try:
            found = self._path.stat()
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        except OSError:
            self._stamp = self._current = None
            return None
        if stamp != self._stamp:
            self._stamp = stamp
            # 8 MB that a portal without a certificate, as most have none, need not hold.
            from appliance.httpd.tls import from_files

            try:
                self._current = from_files(self._path, self._path).context
            except (OSError, ValueError) as error:
                self._current = None
                log.warning("portal.certificate_unusable", reason=str(error))
        return self._current

    def _greet(self, greeted: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> int | None:
        current = self.current()
        if current is None:
            return NOBODY
        greeted.context = current
        return None
