"""Where the live sessions are kept: a file of the hotspot's own, mode 0600, in no backup."""

import os
from pathlib import Path
from typing import Final

from appliance.hotspot.policy.keeping import MOST_BYTES, Written, session_text, sessions_of
from appliance.hotspot.policy.sessions import Kept

NAME: Final = "sessions"
MODE: Final = 0o600


class SessionFile:
    """See the module.

    Args:
        folder: of the hotspot, which nobody else reads.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def read(self, now: Written, *, with_over: bool = False) -> tuple[Kept, ...]:
        """Return what is not over, or all; nothing if there is no file, or none of ours.

        Raises:
            OSError: it cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return ()
        if len(content) > MOST_BYTES:
            return ()
        return sessions_of(content.decode("ascii", errors="replace"), now, with_over=with_over)

    def write(self, kept: tuple[Kept, ...], now: Written) -> None:
        """Keep these and no others; without any there is no file.

        Raises:
            OSError: it cannot be written.
        """
        if not kept:
            self._path.unlink(missing_ok=True)
            return
        aside = self._path.with_suffix(".new")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(session_text(kept, now).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)
