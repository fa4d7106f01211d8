"""What the office puts up for strangers of its catalog of procedures, written anew when that changes."""

from pathlib import Path
from typing import Final

import structlog

from appliance.journal.journal import write_durably
from appliance.procedures import store
from appliance.procedures.errors import CatalogUnavailableError
from appliance.sockets.procedures import FILE, Catalog

log = structlog.get_logger(__name__)

MODE: Final = 0o640


class CatalogNotice:
    """See the module.

    Args:
        data: the data directory, with ``local.db``.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._stamp: tuple[int, int, int] | None = None

    def put_up(self, folder: Path) -> None:
        """Write the catalog where strangers find it, if it is another one than before, or gone from there.

        Args:
            folder: the link directory.

        Raises:
            OSError: it cannot be written to.
        """
        path, stamp = folder / FILE, store.stamp(self._data)
        if stamp is None:
            path.unlink(missing_ok=True)
            return
        if stamp == self._stamp and path.exists():
            return
        try:
            catalog = Catalog(procedures=store.procedures(self._data))
        except CatalogUnavailableError as error:
            # What is up stays up; the counters need no catalog.
            log.warning("procedures.not_put_up", reason=str(error))
        else:
            write_durably(path, catalog.line(), MODE)
        self._stamp = stamp
