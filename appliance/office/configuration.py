"""The office.toml of a running office: read, checked, and changed under everybody's feet without a restart.

The order matters, and docs/adr/0018-settings-changed-in-use.md says why: the version in place is kept, the
desk records ``config.applied``, the new version is kept, the file is written.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import structlog

from appliance.clock import Clock
from appliance.config import ConfigError, Settings, changed_keys, loads
from appliance.config.history import FOLDER, History, Version
from appliance.config.problem import problem
from appliance.config.source import DEFAULT_NAME
from appliance.desk.commands import ClearFault, ReportFault
from appliance.desk.desk import Desk
from appliance.errors import MotcuaError
from appliance.journal.journal import write_durably
from appliance.office.devices import check_buttons
from appliance.office.rules import hall_rules, rating_rules
from appliance.queueing.change import check_change
from appliance.web.configuration import (
    ChangedMeanwhileError,
    DevicesNotOpenedError,
    NoConfigurationError,
    NotKeptError,
    NoVersionError,
    RestartNeededError,
    base_of,
)
from hardware.errors import HardwareError

log = structlog.get_logger(__name__)

AT_START: Final = (
    ("office",),
    ("uplink",),
    ("backup",),
    ("journal",),
    ("api",),
    ("clock",),
    ("web",),
    ("public",),
    ("hotspot", "link_dir"),
    ("hotspot", "socket"),
    ("hardware", "board"),
    ("hardware", "pin_factory"),
    ("hardware", "pins_socket"),
)
"""What is read once, when the office starts."""
FAULT: Final = ("config_not_written", DEFAULT_NAME)


class Running(Protocol):
    """The office that goes on under other settings."""

    @property
    def settings(self) -> Settings:
        """Those in force."""
        ...

    @property
    def clock(self) -> Clock:
        """The box's."""
        ...

    @property
    def desk(self) -> Desk:
        """Where commands go."""
        ...

    @property
    def folder(self) -> Path:
        """The data directory."""
        ...

    def apply(self, settings: Settings, source: bytes, officer: str | None) -> None:
        """See :meth:`appliance.office.root.Office.apply`."""
        ...


class OfficeConfiguration:
    """See the module.

    Args:
        path: the office.toml; None when there is none to change.
        running: the office.
        write: replaces a file durably; for tests of cards that are full.
    """

    def __init__(
        self,
        path: Path | None,
        running: Running,
        write: Callable[[Path, bytes], None] = write_durably,
    ) -> None:
        self._path = path
        self._running = running
        self._history = History(running.folder / FOLDER, write)
        self._write = write
        self._lock = threading.Lock()
        self._unwritten: str | None = None
        # After a restart the file decides, so what an earlier life could not write is no fault any more.
        self._tell(is_written=True)

    def text(self) -> str:
        """Return the file as it is; what is in force and could not be written counts as if it were."""
        if self._path is None:
            raise NoConfigurationError
        return self._unwritten if self._unwritten is not None else self._read()

    def _read(self) -> str:
        assert self._path is not None  # noqa: S101 - asked by text()
        try:
            return self._path.read_bytes().decode("utf-8")
        except OSError as error:
            detail = error.strerror or str(error)
            raise ConfigError(
                name=self._path.name, problems=[problem("file.unreadable", "", detail=detail)]
            ) from None
        except UnicodeDecodeError:
            raise ConfigError(name=self._path.name, problems=[problem("file.encoding", "")]) from None

    def check(self, text: str) -> Settings:
        """Return the settings in a text that could be applied now."""
        settings = loads(text, DEFAULT_NAME)
        keys = keys_at_start(self._running.settings, settings)
        if keys:
            raise RestartNeededError(keys=", ".join(keys))
        check_buttons(settings)
        check_change(self._running.desk.state.hall, hall_rules(settings))
        rating_rules(settings)
        return settings

    def apply(self, text: str, officer: str | None, base: str | None = None) -> Settings:
        """Take another office.toml into use."""
        with self._lock:
            return self._apply(text, officer, base)

    def undo(self, officer: str | None, base: str | None = None, number: int | None = None) -> Settings:
        """Take an earlier version into use again."""
        with self._lock:
            if number is None:
                number = self._before(self.text())
            return self._apply(self.version_text(number), officer, base)

    def versions(self) -> Sequence[Version]:
        """Return what was in use, the newest first."""
        return self._history.versions()

    def version_text(self, number: int) -> str:
        """Return the office.toml of a version."""
        for version in self._history.versions():
            if version.number == number:
                try:
                    return self._history.text(version)
                except (OSError, ValueError):
                    break
        raise NoVersionError

    def used_ids(self, kind: str) -> frozenset[str]:
        """Return every id that was ever used."""
        return self._history.used_ids(kind)

    def _before(self, current: str) -> int:
        """Return the number of the newest version that is not what is there now."""
        for version in self._history.versions():
            if self.version_text(version.number) != current:
                return version.number
        raise NoVersionError

    def _apply(self, text: str, officer: str | None, base: str | None) -> Settings:
        current = self.text()
        if base is not None and base_of(current) != base:
            raise ChangedMeanwhileError
        settings = self.check(text)
        self._keep(current, None)
        if self._unwritten is not None:
            with suppress(ConfigError):
                self._keep(self._read(), None)  # what stands in the file is about to go, too
        unopened = self._go_on(settings, text, officer)
        self._keep(text, officer)
        unwritten = self._put(text)
        self._tell(is_written=unwritten is None)
        if unwritten is not None:
            raise NotKeptError(reason=unwritten)
        if unopened is not None:
            raise DevicesNotOpenedError(reason=unopened)
        return settings

    def _go_on(self, settings: Settings, text: str, officer: str | None) -> str | None:
        """Let the office go on under other settings; return what of its devices could not be opened again."""
        try:
            self._running.apply(settings, text.encode(), officer)
        except (HardwareError, OSError, MotcuaError) as error:
            if self._running.settings is not settings:
                raise
            # It is recorded and in force: what follows must happen whatever became of a device.
            log.exception("config.devices_not_opened")
            return str(error)
        return None

    def _tell(self, *, is_written: bool) -> None:
        """Let health know whether the file says what is in force."""
        is_told = FAULT in self._running.desk.state.faults
        if is_told != is_written:
            return
        fault = ReportFault("config_not_written", DEFAULT_NAME)
        self._running.desk.post(ClearFault(fault.issue, fault.subject) if is_written else fault)

    def _keep(self, text: str, officer: str | None) -> None:
        """Keep a version; that it cannot be kept is no reason to change nothing."""
        try:
            self._history.keep(text, f"{self._running.clock.now().at:%Y%m%dT%H%M%SZ}", officer)
        except OSError as error:
            log.warning("config.version_not_kept", reason=str(error))

    def _put(self, text: str) -> str | None:
        """Write the file; return why it could not be written."""
        assert self._path is not None  # noqa: S101 - text() has read it
        try:
            self._write(self._path, text.encode())
        except OSError as error:
            log.exception("config.not_written")
            self._unwritten = text
            return error.strerror or str(error)
        self._unwritten = None
        return None


def keys_at_start(before: Settings, after: Settings) -> list[str]:
    """Return the settings that differ and are read at the start only."""
    keys: list[str] = []
    changed = changed_keys(before, after)
    for path in AT_START:
        if _value(before, path) != _value(after, path):
            name = ".".join(path)
            keys += [key for key in changed if f"{key}.".startswith(f"{name}.")] or [name]
    return keys


def _value(settings: Settings, path: tuple[str, ...]) -> object:
    value: object = settings
    for part in path:
        value = getattr(value, part)
    return value
