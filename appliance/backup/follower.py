"""The thread that keeps the stick a few seconds behind the journal, and never in anybody's way."""

import errno
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from appliance.backup.epoch_copy import EpochCopy
from appliance.backup.errors import StickTroubleError
from appliance.backup.layout import CURRENT, EpochFiles, device_folder
from appliance.clock import monotonic_s
from appliance.errors import MotcuaError
from appliance.journal.aside import asides
from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.journal.journal import write_durably
from appliance.journal.source import Source, sources

log = structlog.get_logger(__name__)

RETRY_S = 5.0
PAUSE_S = 1.0
"""Between two visits: a burst of presses is one append on the stick."""
CLOSE_S = 2.0
SEEN = "stick-seen"
"""Empty file of the data directory: a stick was followed once, and is missed when it is not there."""

_WORDS: Mapping[int, str] = {
    errno.ENOENT: "absent",
    errno.ENOTDIR: "absent",
    errno.ENODEV: "absent",
    errno.ENXIO: "absent",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.EROFS: "readonly",
    errno.EACCES: "readonly",
    errno.EPERM: "readonly",
}

Extras = Callable[[], Mapping[str, bytes]]
"""Small files that belong to a backup, by name; called before each visit."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the stick stands.

    Args:
        trouble: ``absent``, ``full``, ``readonly``, ``failing``, or an empty text.
        silent_s: seconds since the stick last took what there was, or a part of it.
    """

    trouble: str
    silent_s: float


class Follower:
    """Copies until closed; make it with :meth:`open`.

    Args:
        folder: the data directory.
        stick: where the stick is mounted.
        device: this box's id.
        extras: small files beside the journal.
        mounted: whether the stick counts only while something is mounted there.
        expected: whether the stick is missed before it was there once.
        pause_s: seconds between two visits.
    """

    def __init__(
        self,
        folder: Path,
        stick: Path,
        device: str,
        extras: Extras = dict,
        *,
        mounted: bool = True,
        expected: bool = True,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._folder = folder
        self._stick = stick
        self._target = device_folder(stick, device)
        self._extras = extras
        self._mounted = mounted
        self._is_missed = expected or (folder / SEEN).exists()
        self._pause_s = pause_s
        self._copies: dict[str, EpochCopy] = {}
        self._written: dict[str, bytes] = {}
        self._trouble = ""
        self._alive_s = monotonic_s()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backup", daemon=True)

    @classmethod
    def open(
        cls,
        folder: Path,
        stick: Path,
        device: str,
        extras: Extras = dict,
        *,
        mounted: bool = True,
        expected: bool = True,
    ) -> "Follower":
        """Start to follow."""
        follower = cls(folder, stick, device, extras, mounted=mounted, expected=expected)
        follower._thread.start()
        return follower

    def nudge(self) -> None:
        """Learn that something was recorded; returns at once."""
        self._wake.set()

    def status(self) -> Status:
        """Return how the stick stands; any thread may ask. One that nobody misses is in no trouble."""
        if self._trouble == "absent" and not self._is_missed:
            return Status("", 0.0)
        return Status(self._trouble, monotonic_s() - self._alive_s)

    def close(self) -> None:
        """Copy what there still is and end, within two seconds also when the stick hangs; idempotent."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    def visit(self) -> None:
        """Copy everything that the stick lacks.

        Raises:
            StickTroubleError: it cannot be written now.
        """
        try:
            if self._mounted and not os.path.ismount(self._stick):
                raise FileNotFoundError(errno.ENOENT, "no stick is mounted")
            self._stick.stat()
            self._target.mkdir(parents=True, exist_ok=True)
            self._copy()
        except MotcuaError:
            raise
        except OSError as error:
            # It may be another stick when it comes back.
            self._copies.clear()
            self._written.clear()
            word = _WORDS.get(error.errno or 0, "failing")
            reason = error.strerror or str(error)
            raise StickTroubleError(path=self._stick, word=word, reason=reason) from error

    def _copy(self) -> None:
        found = sources(self._folder)
        for source in found:
            self._follow(source)
        extras = dict(self._extras())
        for aside in asides(self._folder):
            extras[EpochFiles(self._target, aside.epoch).plan.name] = aside.to_bytes()
        if found and self._copies[found[-1].epoch].holds_lines:
            # Last, and only when it holds something: a restore goes on from the epoch that this names.
            extras[CURRENT] = found[-1].genesis.line() + b"\n"
        for name, content in extras.items():
            self._put(name, content)

    def _follow(self, source: Source) -> None:
        copy = self._copies.setdefault(source.epoch, EpochCopy(EpochFiles(self._target, source.epoch)))
        try:
            while copy.follow(source):
                self._alive_s = monotonic_s()
                if not copy.is_behind(source):
                    return
        except (JournalMovedError, JournalDamagedError) as error:
            log.warning("backup.journal_unreadable", epoch=source.epoch, reason=str(error))

    def _put(self, name: str, content: bytes) -> None:
        path = self._target / name
        if self._written.get(name) != content or not path.exists():
            write_durably(path, content)
            self._written[name] = content

    def _run(self) -> None:
        while True:
            is_last = self._closing.is_set()
            self._wake.clear()
            self._attempt()
            if is_last:
                return
            self._closing.wait(self._pause_s)
            self._wake.wait(RETRY_S)

    def _attempt(self) -> None:
        try:
            self.visit()
        except StickTroubleError as error:
            word = str(error.fields["word"])
            if word != self._trouble:
                say = log.warning if self._is_missed or word != "absent" else log.info
                say("backup.trouble", reason=str(error))
            self._trouble = word
        except Exception:
            # A bug here must cost the backup, not the office.
            log.exception("backup.failed")
            self._trouble = "failing"
        else:
            self._trouble, self._alive_s = "", monotonic_s()
            self._see()

    def _see(self) -> None:
        """Remember, also after the next power cut, that there is a stick to miss."""
        if self._is_missed:
            return
        self._is_missed = True
        try:
            write_durably(self._folder / SEEN, b"")
        except OSError as error:
            log.warning("backup.unremembered", reason=str(error))
