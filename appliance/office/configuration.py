"""The office.toml of a running office: read, and changed under everybody's feet without a restart."""

from pathlib import Path
from typing import Protocol

from appliance.config import Settings, loads
from appliance.config.source import DEFAULT_NAME
from appliance.journal.journal import write_durably


class Running(Protocol):
    """The office that goes on under other settings."""

    @property
    def settings(self) -> Settings:
        """Those in force."""
        ...

    def apply(self, settings: Settings, source: bytes, officer: str | None) -> None:
        """See :meth:`appliance.office.root.Office.apply`."""
        ...


class OfficeConfiguration:
    """See the module.

    Args:
        path: the office.toml; None when there is none to change.
        running: the office.
    """

    def __init__(self, path: Path | None, running: Running) -> None:
        self._path = path
        self._running = running

    def text(self) -> str:
        """Return the file as it is; empty when there is none."""
        return "" if self._path is None else self._path.read_text(encoding="utf-8")

    def apply(self, text: str, officer: str | None) -> Settings:
        """Take another office.toml into use."""
        settings = loads(text, DEFAULT_NAME)
        self._running.apply(settings, text.encode(), officer)
        if self._path is not None:
            write_durably(self._path, text.encode())
        return settings
