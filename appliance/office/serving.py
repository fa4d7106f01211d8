"""What an office serves: its own socket's API, the staff app, and the door to the strangers' app."""

from collections.abc import Sequence
from contextlib import ExitStack

import structlog

from appliance.errors import MotcuaError
from appliance.httpd.server import HttpServer, Listener
from appliance.office.public_door import PublicDoor, open_door
from appliance.office.web import Around, open_web
from appliance.unix import unix_socket
from appliance.web.local import create_app
from appliance.web.parts import Parts

log = structlog.get_logger(__name__)


class Serving:
    """What is served; make it with :meth:`open`, then :meth:`start`.

    Args:
        parts: what the staff app stands on, or None when it could not be opened.
        door: to the strangers' app, or None.
        listeners: what is served where.
        unserved: what could not be opened, and why.
    """

    def __init__(
        self,
        parts: Parts | None,
        door: PublicDoor | None,
        listeners: Sequence[Listener],
        unserved: tuple[str, ...],
    ) -> None:
        self.parts = parts
        self.unserved = unserved
        self.ports: tuple[int, ...] = ()
        self._door = door
        self._listeners = listeners

    @classmethod
    def open(cls, around: Around, stack: ExitStack) -> "Serving":
        """Open the staff app, every socket, and the door; nobody who calls is answered yet.

        Args:
            around: what the office already has.
            stack: closes everything.

        Raises:
            OSError: the box's own socket cannot be bound; everything else is told in ``unserved``.
        """
        api = around.settings().api
        local = create_app(around.desk, around.views)
        listeners = [Listener(local, unix_socket(api.socket, api.permissions), unlink=api.socket)]
        parts: Parts | None = None
        try:
            opened = open_web(around, stack)
        except (MotcuaError, OSError) as error:
            # Counters, buttons and keypads do not need the pages.
            log.exception("web.not_opened")
            unserved: tuple[str, ...] = (str(error),)
        else:
            parts, unserved = opened.parts, opened.unserved
            listeners += opened.listeners
        door, shut = open_door(parts, stack)
        return cls(parts, door, listeners, unserved + shut)

    def start(self, stack: ExitStack) -> None:
        """Answer from now on: the API of the box's own socket beside the staff app, on one event loop."""
        server = HttpServer.open(self._listeners, name="office-web")
        self.ports = server.ports
        stack.callback(server.close)

    def settings_changed(self) -> None:
        """Let pages and phones look again under other settings."""
        if self.parts is not None:
            self.parts.hub.nudge()
        if self._door is not None:
            self._door.settings_changed()

    def tick(self) -> None:
        """Do what is due now and then."""
        if self.parts is not None:
            self.parts.accounts.tick()
        if self._door is not None:
            self._door.tick()
