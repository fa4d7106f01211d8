"""Where the live sessions are kept: a file of the hotspot's own, mode 0600, in no backup.

It is written when who is through changes, or what was agreed to, and every now and then for what is left.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from appliance.clock import Clock
from appliance.hotspot.policy.keeping import MOST_BYTES, Written, session_text, sessions_of
from appliance.hotspot.policy.sessions import Kept

log = structlog.get_logger(__name__)

NAME: Final = "sessions"
MODE: Final = 0o600
KEEP_MS: Final = 300_000
"""The sessions are written down when they change, and so often."""
RETRY_MS: Final = 20_000
"""After so long it is tried again where they could not be."""


class SessionFile:
    """See the module.

    Args:
        folder: of the hotspot, which nobody else reads.
        clock: the time.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path, self._clock = folder / NAME, clock
        self._kept: frozenset[Kept] = frozenset()
        self._written: frozenset[Kept] = frozenset()
        self._kept_ms = 0

    def restore(self, *, with_over: bool = False) -> tuple[Kept, ...]:
        """Return what is not over, or all; nothing if there is no file, none of ours, or none to be read."""
        try:
            with self._path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return ()
        except OSError as error:
            log.warning("sessions.unreadable", reason=str(error))
            return ()
        if len(content) > MOST_BYTES:
            return ()
        text, now = content.decode("ascii", errors="replace"), self._now()
        found = sessions_of(text, now, with_over=True)
        self._kept = self._written = _timeless(found)
        return found if with_over else tuple(each for each in found if each.left_ms > 0)

    def keep(self, kept: tuple[Kept, ...], *, is_due: bool = False) -> None:
        """Keep these and no others, if they are other ones or it is time; without any there is no file.

        Args:
            kept: what outlives the gate.
            is_due: write in any case.
        """
        now = self._now()
        these = _timeless(kept)
        if these == self._kept and now.up_ms - self._kept_ms < KEEP_MS and not is_due:
            return
        self._kept, self._kept_ms = these, now.up_ms
        try:
            self._write(kept, now)
        except OSError as error:
            # A full disk must not keep guests out; after a power cut they agree once more.
            log.warning("sessions.not_kept", reason=str(error))
            self._kept_ms += RETRY_MS - KEEP_MS
            self._take_away(these)
        else:
            self._written = these

    def _take_away(self, these: frozenset[Kept]) -> None:
        """Leave no half of a file, and of the old one nothing that is over: that ends with its session."""
        gone = [self._aside]
        if self._written - these:
            gone.append(self._path)
            self._written = frozenset()
        for path in gone:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _write(self, kept: tuple[Kept, ...], now: Written) -> None:
        if not kept:
            self._path.unlink(missing_ok=True)
            return
        descriptor = os.open(self._aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(session_text(kept, now).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        self._aside.replace(self._path)

    @property
    def _aside(self) -> Path:
        return self._path.with_suffix(".new")

    def _now(self) -> Written:
        moment = self._clock.now()
        return Written(moment.boot, moment.up_ms, moment.at_us, is_trusted=moment.trusted)


def _timeless(kept: Iterable[Kept]) -> frozenset[Kept]:
    return frozenset(replace(each, left_ms=0) for each in kept)
