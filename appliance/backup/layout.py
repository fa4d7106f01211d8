"""Where things are on a backup stick: ``motcua-backup/<device>/``, plain files that any machine can read."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = "motcua-backup"
CURRENT = "office.genesis"
CONFIG = "office.toml"
RECEIPTS = "receipts.jws"
CENTER = "center.json"
STAFF = "accounts.json"


@dataclass(frozen=True, slots=True)
class EpochFiles:
    """The files of one epoch.

    Args:
        folder: the device's folder on the stick.
        epoch: its id.
    """

    folder: Path
    epoch: str

    @property
    def lines(self) -> Path:
        """The events' lines, unchanged, each with its newline."""
        return self.folder / f"{self.epoch}.ndjson"

    @property
    def genesis(self) -> Path:
        """The genesis line."""
        return self.folder / f"{self.epoch}.genesis"

    @property
    def days(self) -> Path:
        """Where each ``day.opened`` stands, one a line: its ``seq`` and its offset in bytes."""
        return self.folder / f"{self.epoch}.days"

    @property
    def plan(self) -> Path:
        """How far a set-aside epoch is good, as ``aside/<epoch>.json`` on the box."""
        return self.folder / f"{self.epoch}.json"


def device_folder(stick: Path, device: str) -> Path:
    """Return where a device's backup is."""
    return stick / FOLDER / device
