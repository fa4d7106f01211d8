"""What the backup stick gets beside the journal: settings, receipts, the center's keys, the staff.

Never a private key, a session, a claim or a secret (docs/adr/0021-what-a-backup-holds.md).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.accounts.backup import staff_of
from appliance.accounts.database import FILE_NAME as ACCOUNTS
from appliance.backup.layout import CENTER, CONFIG, RECEIPTS, STAFF
from appliance.errors import MotcuaError
from appliance.office.starting import APPLIED
from appliance.uplink.identity import CENTER_NAME, IdentityFolder
from appliance.uplink.receipts import ReceiptFile

Stamp = tuple[tuple[int, int], ...]


class Extras:
    """Reads the small files of a data directory, each only when it has changed.

    Args:
        folder: the data directory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Stamp, bytes]] = {}

    def __call__(self) -> Mapping[str, bytes]:
        """Return the content of each, by its name on the stick; what cannot be read keeps its last one."""
        self._look(CONFIG, self._plain(APPLIED), APPLIED)
        self._look(CENTER, self._plain(CENTER_NAME), CENTER_NAME)
        receipts = ReceiptFile.of(self._folder)
        self._look(RECEIPTS, self._receipts, receipts.path.name, CENTER_NAME)
        self._look(STAFF, lambda: staff_of(self._folder), ACCOUNTS, f"{ACCOUNTS}-wal")
        return {name: content for name, (_, content) in self._known.items()}

    def _look(self, name: str, read: Callable[[], bytes], *files: str) -> None:
        stamp = tuple(_stamp(self._folder / file) for file in files)
        known = self._known.get(name)
        if known is not None and known[0] == stamp:
            return
        try:
            self._known[name] = stamp, read()
        except (OSError, MotcuaError):
            return  # not there yet, or being replaced: looked for again at the next visit

    def _plain(self, name: str) -> Callable[[], bytes]:
        return (self._folder / name).read_bytes

    def _receipts(self) -> bytes:
        record = IdentityFolder(self._folder).record()
        if record is None:
            return b""
        tokens = ReceiptFile.of(self._folder).last_tokens(record.find_kept_key)
        return b"".join(token.encode("ascii") + b"\n" for token in tokens)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
