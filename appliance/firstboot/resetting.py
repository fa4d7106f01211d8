"""A box forgets who it is, because somebody who holds its card said so: the steps, in a safe order.

That it is begun is remembered before the card's file is renamed, and it is renamed before anything is taken
away. So a power cut is followed by the rest of the same reset, and no file is left that would ask for another
one when the box is set up again. What the province has not received is moved unless the file wants it erased.
"""

import json
import tomllib
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

import structlog

from appliance.config import ConfigError
from appliance.config import load as load_settings
from appliance.config.retention import DEFAULT_NAME as POLICY
from appliance.errors import MotcuaError
from appliance.firstboot import network
from appliance.firstboot.card import CardError, read_bytes
from appliance.firstboot.disk import Disk
from appliance.firstboot.erasing import padded
from appliance.firstboot.places import Places
from appliance.firstboot.reset_file import FILE_NAME, NAMES, NOTE, TAKEN_NAME, Request
from appliance.firstboot.sentences import trouble
from appliance.journal.aside import FOLDER as ASIDE
from appliance.journal.aside import genesis_line
from appliance.journal.errors import JournalInUseError
from appliance.journal.journal import FILE_NAME as JOURNAL
from appliance.journal.journal import GENESIS_NAME, Lock
from appliance.office import holdings
from appliance.uplink.identity import CENTER_NAME, IdentityFolder
from appliance.uplink.receipts import FILE_NAME as RECEIPTS

log = structlog.get_logger(__name__)

BEGUN: Final = "reset-begun.json"
DONE: Final = "reset.json"
SET_ASIDE: Final = "before-reset"
"""Where the journals of before are, in the data directory."""
_LOCK: Final = "office.lock"
_STAYS: Final = frozenset({BEGUN, SET_ASIDE, _LOCK, "lost+found"})
# The main file last, as everywhere: where it is, everything is.
_JOURNAL: Final = (f"{JOURNAL}-wal", f"{JOURNAL}-shm", GENESIS_NAME, RECEIPTS, CENTER_NAME, ASIDE, JOURNAL)
_DRAFT: Final = ".new"


@dataclass(frozen=True, slots=True)
class ResetMemory:
    """A reset that is begun, or was done.

    Attributes:
        device: what the box was.
        is_erasing: whether everything set aside went, too.
        undelivered: how many events the province has not receipted.
        is_certain: whether everything could be read, and so there are no more than these.
        kept: the folder that the journal was moved to, below the data directory; None when there is none.
    """

    device: str
    is_erasing: bool
    undelivered: int
    is_certain: bool
    kept: str | None

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return what a file remembers; None when there is none, or none that can be read."""
        try:
            return cls(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"


class Reset:
    """The reset of one start.

    Args:
        places: where everything is.
        disk: how it is changed.
    """

    def __init__(self, places: Places, disk: Disk) -> None:
        self._at = places
        self._disk = disk

    def run(self) -> None:
        """Reset the box if the card says so, or go on with a reset that was interrupted.

        Raises:
            CardError: the file is refused and nothing was changed.
            OSError: it is not finished; the next start goes on.
        """
        begun = ResetMemory.read(self._at.data / BEGUN)
        files = [path for name in NAMES if (path := self._at.card / name).is_file()]
        if begun is None and not files:
            return
        begun = begun or self._asked(files[0])
        if begun is not None:
            self._disk.replace(self._at.data / BEGUN, begun.to_bytes(), 0o600)
        try:
            for path in files:
                self._put_away(path)
        except OSError as error:
            # Nothing is taken away while the file would ask for it again at the next start.
            self._disk.remove(self._at.data / BEGUN)
            detail = error.strerror or str(error)
            problem = trouble("reset.rename", "", detail=detail)
            raise CardError(problems=[problem], name=FILE_NAME) from error
        if begun is not None:
            log.warning("reset.begun", device=begun.device, undelivered=begun.undelivered)
            self._clear(begun)
            self._disk.rename(self._at.data / BEGUN, DONE)
            log.warning("reset.done", device=begun.device)

    def done(self) -> ResetMemory | None:
        """Return what the last reset of this box did; None when there was none."""
        return ResetMemory.read(self._at.data / DONE)

    def _asked(self, path: Path) -> ResetMemory | None:
        """Return what is to be done; None when there is nothing on this box that could be reset."""
        own = self._own_ids()
        has_journal = any((self._at.data / name).exists() for name in (JOURNAL, ASIDE))
        if not own and not has_journal and not self._at.config.exists():
            return None
        request = Request.parse(read_bytes(path), own)
        held = holdings.look(self._at.data)
        is_certain = all(each.damage is None for each in held.epochs) and held.record_error is None
        kept = self._free_name(request.device) if has_journal and not request.is_erasing else None
        return ResetMemory(request.device, request.is_erasing, held.unreceipted, is_certain, kept)

    def _own_ids(self) -> AbstractSet[str]:
        """Return by which ids the box knows itself: its settings', or else whatever is left of one."""
        try:
            return {load_settings(self._at.config).office.device}
        except ConfigError:
            pass
        return {each for each in (self._of_settings(), self._of_genesis(), self._of_center()) if each}

    def _of_settings(self) -> str:
        try:
            return str(tomllib.loads(self._at.config.read_text("utf-8-sig"))["office"]["device"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _of_genesis(self) -> str:
        try:
            return str(json.loads(genesis_line(self._at.data))["device"])
        except (ValueError, KeyError, TypeError):
            return ""

    def _of_center(self) -> str:
        try:
            record = IdentityFolder(self._at.data).record()
        except MotcuaError:
            return ""
        return "" if record is None else record.device

    def _free_name(self, device: str) -> str:
        number = 1
        while (self._at.data / SET_ASIDE / f"{device}-{number}").exists():
            number += 1
        return f"{SET_ASIDE}/{device}-{number}"

    def _put_away(self, path: Path) -> None:
        """Give the file another name, and other words: a card that forgets the name must not ask again."""
        self._disk.overwrite(path, padded(NOTE, path.stat().st_size))
        self._disk.rename(path, TAKEN_NAME)

    def _clear(self, begun: ResetMemory) -> None:
        try:
            held = closing(Lock.take(self._at.data))
        except JournalInUseError as error:
            raise OSError(0, "an office is running on it") from error
        with held:
            self._forget_settings()
            if begun.kept is not None:
                for name in _JOURNAL:
                    self._disk.move(self._at.data / name, self._at.data / begun.kept)
            stays = _STAYS - {SET_ASIDE} if begun.is_erasing else _STAYS
            hotspot = self._at.hotspot
            sessions = sorted(hotspot.iterdir()) if hotspot is not None and hotspot.is_dir() else []
            own = [path for path in sorted(self._at.data.iterdir()) if path.name not in stays]
            for path in (*sessions, *own):
                self._disk.remove(path)

    def _forget_settings(self) -> None:
        # First office.toml: without it no office opens on what is left, whatever happens in between.
        names = (network.CABLE, network.WIFI, network.SUPPLICANT)
        policy = self._at.config.with_name(POLICY)
        for path in (self._at.config, self._at.ca_file, policy, *(self._at.network / name for name in names)):
            self._disk.remove(path)
            self._disk.remove(path.with_name(path.name + _DRAFT))
