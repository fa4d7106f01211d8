"""The programs of the system that the doctor asks: systemctl, journalctl, dmesg."""

import os
import subprocess
from typing import Protocol

TIMEOUT_S = 15.0
MAX_CHARACTERS = 4_000_000


class Programs(Protocol):
    """What runs them."""

    def run(self, *words: str) -> str | None:
        """Return what a program printed, or None when there is none, it failed or did not end."""
        ...


class SystemPrograms:
    """The real ones."""

    def run(self, *words: str) -> str | None:
        try:
            done = subprocess.run(  # noqa: S603 - fixed words, no shell
                words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
                env={**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"},
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode != 0:
            return None
        return done.stdout.decode("utf-8", "replace")[-MAX_CHARACTERS:]
