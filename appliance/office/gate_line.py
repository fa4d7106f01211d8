"""The office's line to the gate of the public WiFi: settings go there, an hour's usage comes back.

What the gate may know of the settings is written to a file of its own; then it is told. It says once an hour
how much the WiFi was used, until that is recorded: the hour is the request, so that nothing is counted twice.
A gate that is away is no trouble of the counters'.
"""

import socket
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import structlog

from appliance.config import Hotspot, Settings
from appliance.desk.commands import Record
from appliance.desk.desk import Desk
from appliance.desk.lanes import Lane
from appliance.errors import MotcuaError
from appliance.journal.journal import write_durably
from appliance.sockets import gate
from appliance.sockets.errors import BadLineError
from appliance.sockets.lines import MOST_LINE
from appliance.wire.event import Draft

log = structlog.get_logger(__name__)

RETRY_S: Final = 5.0
STOP_S: Final = 5.0
FILE_MODE: Final = 0o640


def publish(settings: Settings, folder: Path) -> None:
    """Write what the gate may know, or remove it when there shall be no WiFi: then the gate ends.

    Args:
        settings: of the office.
        folder: of these settings, for the gate alone.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / gate.FILE
    if not settings.hotspot.enabled:
        path.unlink(missing_ok=True)
        return
    rules = gate.Rules(hotspot=settings.hotspot.model_dump_json(), portal_port=settings.portal.port or 8082)
    write_durably(path, rules.line())
    path.chmod(FILE_MODE)


class GateLine:
    """See the module; make it with :meth:`open`.

    Args:
        desk: where usage is recorded.
        hotspot: the settings, which say where the gate is; that needs a restart to change.
    """

    def __init__(self, desk: Desk, hotspot: Hotspot) -> None:
        self._desk = desk
        self._folder, self._path = hotspot.link_dir, hotspot.socket
        self._stop = threading.Event()
        self._tell = threading.Event()
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="gate-line", daemon=True)

    @classmethod
    def open(cls, settings: Settings, desk: Desk, stack: ExitStack) -> "GateLine | None":
        """Write the settings and begin to listen; None where there is no gate on this box.

        Args:
            settings: of the office.
            desk: where usage is recorded.
            stack: of the office.
        """
        if not settings.hotspot.link_dir.is_dir():
            return None  # systemd-tmpfiles makes it where there is a gate
        try:
            publish(settings, settings.hotspot.link_dir)
        except OSError as error:
            # Counters do not need WiFi.
            log.warning("gate.not_published", reason=str(error))
            return None
        line = cls(desk, settings.hotspot)
        line._thread.start()
        stack.callback(line.close)
        return line

    def settings_changed(self, settings: Settings) -> None:
        """Let the gate know other settings; from any thread."""
        try:
            publish(settings, self._folder)
        except OSError as error:
            log.warning("gate.not_published", reason=str(error))
            return
        self._tell.set()
        self._hang_up()

    def close(self) -> None:
        """Listen no longer; idempotent."""
        self._stop.set()
        self._hang_up()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _hang_up(self) -> None:
        line = self._line
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        was_there = False
        while not self._stop.is_set():
            try:
                self._talk()
                was_there = True
            except (OSError, BadLineError) as error:
                if was_there:
                    log.info("gate.away", reason=str(error))
                was_there = False
            except Exception:
                # The thread's boundary: the office goes on without a gate.
                log.exception("gate.failed")
            if not self._tell.is_set():
                self._stop.wait(RETRY_S)

    def _talk(self) -> None:
        """Connect, say what is to be said, and record what is told, until the gate is gone."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(gate.SILENT_S)
            line.connect(str(self._path))
            self._line = line
            try:
                with line.makefile("rwb") as file:
                    _say(file, gate.Hello())
                    if self._tell.is_set():
                        self._tell.clear()
                        _say(file, gate.Apply(id=1))
                    while not self._stop.is_set() and (heard := file.readline(MOST_LINE + 1)):
                        self._hear(file, gate.told(heard))
            finally:
                self._line = None

    def _hear(self, file: Any, told: gate.Told) -> None:  # noqa: ANN401 - a socket's file
        match told:
            case gate.Hello() if told.version != gate.VERSION:
                raise BadLineError(reason="no hello of this version")
            case gate.Usage():
                self._record(told)
                _say(file, gate.Taken(hour=told.hour))
            case gate.Refused():
                log.warning("gate.refused", key=told.key, reason=told.en)
            case _:
                pass

    def _record(self, usage: gate.Usage) -> None:
        data = usage.model_dump(exclude_none=True, exclude={"op"})
        if not usage.suppressed:
            del data["suppressed"]
        try:
            self._desk.ask(Record(Draft("hotspot.usage", data), f"hotspot-{usage.hour}"), Lane.PUBLIC)
        except (MotcuaError, TimeoutError) as error:
            # It is told again with the next greeting.
            raise OSError(f"not recorded: {error}") from None


def _say(file: Any, message: Any) -> None:  # noqa: ANN401 - a socket's file, a message
    file.write(message.line())
    file.flush()
