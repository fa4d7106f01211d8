"""What was set aside: the files of earlier epochs, and a small plan beside each that says how far it is good.

Nothing is copied or renumbered. The plan is durable before the file moves, so a power cut at any instant is a
restart.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson
import structlog

from appliance.journal.journal import FILE_NAME, GENESIS_NAME, sync_folder, write_durably

log = structlog.get_logger(__name__)

SALVAGED = "salvaged"
ROLLED_BACK = "rolled_back"
RESTORED = "restored"
FOLDER = "aside"


@dataclass(frozen=True, slots=True)
class Aside:
    """A set-aside epoch.

    Args:
        epoch: its id.
        genesis: its genesis line, text.
        upto: the last event that still is deliverable in its own epoch.
        head: hash of that event.
        last: the highest ``seq`` ever seen in the file.
        reason: ``salvaged``, ``rolled_back`` or ``restored`` (from a backup, on another box or card).
        evidence_sent: the forked branch after ``upto`` was stored by the center (rolled_back only).
        moved: the file's name under ``aside/``.
    """

    epoch: str
    genesis: str
    upto: int
    head: str
    last: int
    reason: str
    evidence_sent: bool
    moved: str

    @classmethod
    def from_bytes(cls, content: bytes) -> "Aside":
        """Return the plan in a file.

        Raises:
            ValueError, TypeError: it holds none.
        """
        return cls(**orjson.loads(content))

    def to_bytes(self) -> bytes:
        """Return what is kept of it in a file."""
        return orjson.dumps(asdict(self))

    @property
    def forked(self) -> tuple[int, int] | None:
        """The range to send as evidence, or None."""
        if self.reason == ROLLED_BACK and not self.evidence_sent and self.last > self.upto:
            return self.upto + 1, self.last
        return None


def known_epoch(folder: Path) -> str | None:
    """Return the id of the current epoch as its small sidecar file tells it, or None."""
    line = genesis_line(folder)
    try:
        return str(orjson.loads(line)["epoch"]) if line else None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


def genesis_line(folder: Path) -> str:
    """Return the current epoch's genesis line, or an empty text."""
    path = folder / GENESIS_NAME
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def write_plan(folder: Path, aside: Aside) -> None:
    """Write the plan of an epoch durably; :func:`finish_moving` follows it."""
    (folder / FOLDER).mkdir(exist_ok=True)
    write_durably(folder / FOLDER / f"{aside.epoch}.json", aside.to_bytes())


def finish_moving(folder: Path) -> None:
    """Move the current file under its plan, if one exists; called again after a power cut, it goes on.

    The sidecar keeps naming the epoch that was set aside until the next one is complete.
    """
    epoch = known_epoch(folder)
    target = folder / FOLDER / f"{epoch}.db"
    if epoch is None or find(folder, epoch) is None or target.exists():
        return
    move(folder, target)


def move(folder: Path, target: Path) -> None:
    """Move the current file to ``target``, its WAL first: the main file is the sign that it is done."""
    target.parent.mkdir(exist_ok=True)
    for suffix in ("-wal", "-shm", ""):
        source = folder / (FILE_NAME + suffix)
        if source.exists():
            source.replace(target.with_name(target.name + suffix))
    sync_folder(target.parent)
    sync_folder(folder)


def find(folder: Path, epoch: str) -> Aside | None:
    """Return the plan of an epoch, or None."""
    return next((aside for aside in asides(folder) if aside.epoch == epoch), None)


def asides(folder: Path) -> list[Aside]:
    """Return the set-aside epochs, oldest first (a UUIDv7 sorts by its time)."""
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            found.append(Aside.from_bytes(path.read_bytes()))
        except (OSError, orjson.JSONDecodeError, TypeError) as error:
            log.exception("journal.aside_unreadable", path=str(path), reason=str(error))
    return found


def evidence_was_sent(folder: Path, aside: Aside) -> None:
    """Remember durably that the center stored the forked branch."""
    write_plan(folder, replace(aside, evidence_sent=True))


def remove_aside(folder: Path, aside: Aside) -> None:
    """Delete a set-aside epoch; the caller knows that it is receipted and past retention."""
    base = folder / FOLDER / aside.moved
    for suffix in ("", "-wal", "-shm"):
        base.with_name(base.name + suffix).unlink(missing_ok=True)
    (folder / FOLDER / f"{aside.epoch}.json").unlink(missing_ok=True)
    sync_folder(folder / FOLDER)
