"""The office's door to the strangers' app: it shows tickets by their tokens and takes what their owners do.

One Unix socket, one thread. Behind it stands a process that meets every stranger of the neighborhood, so it
is taken for hostile: who knocks is asked for his uid, lines have a size, looks and commands a rate, answers
must be read. Whoever breaks a rule is cut off and counted; the desk does not feel it.
"""

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from appliance.desk.state import State
from appliance.errors import MotcuaError, TransientError
from appliance.httpd.limiter import Limiter, Rate
from appliance.journal.journal import write_durably
from appliance.office.catalog import CatalogNotice
from appliance.office.errors import DoorBusyError
from appliance.office.portal import hand_over_identity, portal_of
from appliance.office.public_views import Ratings, Views, known
from appliance.office.public_wishes import Wish, Wishes
from appliance.sockets import door
from appliance.sockets.errors import BadLineError
from appliance.sockets.known import FILE
from appliance.sockets.lines import MOST_LINE
from appliance.sockets.peer import peer_uid, uid_of
from appliance.unix import unix_socket
from appliance.wan import has_wan
from appliance.web.parts import Parts
from appliance.wire.event import Event

log = structlog.get_logger(__name__)

COMMANDS: Final = Rate(per_s=15.0, burst=5)
"""At most 20 in any second."""
LOOKS: Final = Rate(per_s=400.0, burst=256)
"""Tokens. Who is called learns it at once even where two hundred others follow."""
MOST_CONNECTIONS: Final = 4
MOST_PENDING: Final = 16
"""Commands of one connection that wait for the desk."""
MOST_UNREAD: Final = 262_144
"""Bytes of answers that a connection may leave unread."""
CHANGE_S: Final = 0.2
DESK_S: Final = 10.0
HELLO_S: Final = 5.0
REFUSED_S: Final = 0.02
"""So long the next line waits after a question that came too soon."""
CUT_S: Final = 0.5
"""So long a connection that was cut off keeps its place from the next one."""
STOP_S: Final = 5.0
MODE: Final = 0o660
FILE_MODE: Final = 0o640


@dataclass(slots=True)
class Counted:
    """What the door has seen since it opened."""

    taken: int = 0
    strangers: int = 0
    cut_off: int = 0
    refused: int = 0


def open_door(parts: Parts | None, stack: ExitStack) -> tuple["PublicDoor | None", tuple[str, ...]]:
    """Open the door as the settings want it; ``stack`` closes it.

    Args:
        parts: what the staff app stands on; without it there is nothing to show.
        stack: of the office.

    Returns:
        The door, or None; and what could not be opened and why, for health.
    """
    if parts is None or parts.settings().public.listen == "off":
        return None, ()
    try:
        opened = PublicDoor.open(parts)
    except OSError as error:
        # Counters, buttons and keypads do not need phones.
        log.warning("door.not_opened", reason=str(error))
        return None, (f"{parts.settings().public.link_dir}: {error}",)
    stack.callback(opened.close)
    return opened, ()


class PublicDoor:
    """See the module; make it with :meth:`open`.

    Args:
        parts: what the staff app stands on.
        listening: the bound socket.
        path: of it, removed at the end.
    """

    def __init__(self, parts: Parts, listening: socket.socket, path: Path) -> None:
        self.counted = Counted()
        self._parts = parts
        self._listening = listening
        self._published = b""
        self._catalog = CatalogNotice(parts.settings().office.data_dir)
        self._path = path
        ratings = Ratings()
        self._views = Views(parts, ratings)
        self._wishes = Wishes(parts, self._views, ratings)
        self._commands, self._looks = Limiter(COMMANDS), Limiter(LOOKS)
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._stop: asyncio.Event = asyncio.Event()
        self._changed: asyncio.Event = asyncio.Event()
        self._deaf: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="public-door", daemon=True)

    @classmethod
    def open(cls, parts: Parts) -> "PublicDoor":
        """Write what strangers may know, bind the socket and begin to answer.

        Raises:
            OSError: the directory cannot be written to.
        """
        folder = parts.settings().public.link_dir
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / door.SOCKET
        opened = cls(parts, unix_socket(path, MODE), path)
        try:
            opened._publish()
        except OSError:
            opened._listening.close()
            path.unlink(missing_ok=True)
            raise
        opened._thread.start()
        opened._deaf = parts.desk.listen(opened._on_commit)
        return opened

    def settings_changed(self) -> None:
        """Let strangers know other settings; from any thread."""
        self._published = b""  # the file is written anew also where it is gone
        self.tick()
        self._wake()

    def tick(self) -> None:
        """Let strangers know what has changed around us: settings, certificate, the way to the Internet."""
        try:
            self._publish()
        except OSError as error:
            log.warning("door.not_published", reason=str(error))

    def close(self) -> None:
        """Answer nobody any more; idempotent."""
        self._deaf()
        self._deaf = lambda: None
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        self._listening.close()
        self._path.unlink(missing_ok=True)

    def _publish(self) -> None:
        settings = self._parts.settings()
        is_there = settings.hotspot.enabled and has_wan(settings.hotspot.wan)
        line = known(settings, portal_of(settings, has_wan=is_there)).line()
        if line != self._published:
            write_durably(settings.public.link_dir / FILE, line, FILE_MODE)
            self._published = line
        hand_over_identity(settings)
        self._catalog.put_up(settings.public.link_dir)

    def _on_commit(self, _events: tuple[Event, ...], _state: State) -> None:
        self._wake()

    def _wake(self) -> None:
        with suppress(RuntimeError):  # it is closing
            self._loop.call_soon_threadsafe(self._changed.set)

    # --- the door's own thread from here on

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception:
            # The thread's boundary: the counters go on without phones.
            log.exception("door.failed")
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_unix_server(self._meet, sock=self._listening, limit=MOST_LINE)
        telling = asyncio.create_task(self._tell())
        await self._stop.wait()
        server.close()
        telling.cancel()
        running = [connection.task for connection in self._connections if connection.task is not None]
        for connection in tuple(self._connections):
            connection.cut()
        await asyncio.wait([telling, *running], timeout=1)

    async def _tell(self) -> None:
        """Say that something changed, at most five times a second, and that we are there."""
        while True:
            try:
                await asyncio.wait_for(self._changed.wait(), door.BEAT_S)
            except TimeoutError:
                line = door.Beat().line()
            else:
                self._changed.clear()
                state = self._parts.desk.state
                line = door.Changed(mark=f"{state.epoch}:{state.seq}").line()
            for connection in tuple(self._connections):
                if connection.is_watching:
                    self._send(connection, line)
            await asyncio.sleep(CHANGE_S)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(writer, asyncio.current_task())
        if not self._is_welcome(writer):
            self.counted.strangers += 1
            connection.cut()
            return
        self.counted.taken += 1
        self._connections.add(connection)
        try:
            await self._hear(reader, connection)
            if connection.is_cut:
                await asyncio.sleep(CUT_S)
        finally:
            self._connections.discard(connection)
            for task in connection.pending:
                task.cancel()
            connection.cut()

    async def _hear(self, reader: asyncio.StreamReader, connection: "_Connection") -> None:
        try:
            await self._talk(reader, connection)
        except BadLineError as error:
            self._cut_off(connection, str(error))
        except (ValueError, TimeoutError):  # a line without an end; nothing said
            self._cut_off(connection, "no line")
        except OSError:
            pass

    def _is_welcome(self, writer: asyncio.StreamWriter) -> bool:
        uid = peer_uid(writer)
        if uid not in _welcome(self._parts.settings().public.user):
            log.warning("door.stranger", uid=uid)
            return False
        return len(self._connections) < MOST_CONNECTIONS

    async def _talk(self, reader: asyncio.StreamReader, connection: "_Connection") -> None:
        first = door.asked(await asyncio.wait_for(reader.readline(), HELLO_S))
        self._send(connection, door.Hello().line())
        if not isinstance(first, door.Hello) or first.version != door.VERSION:
            raise BadLineError(reason="no hello of this version")
        while not connection.is_cut and (line := await reader.readline()):
            is_taken = True
            match door.asked(line):
                case door.LookAt() as look:
                    is_taken = self._show(connection, look)
                case door.Watch():
                    connection.is_watching = True
                case door.Hello():
                    raise BadLineError(reason="hello twice")
                case door.Leave() | door.Rate() | door.Reason() as command:
                    is_taken = self._take(connection, command)
            # Others are answered between two lines; whoever asks too much is not even read.
            await asyncio.sleep(0 if is_taken else REFUSED_S)

    def _show(self, connection: "_Connection", look: door.LookAt) -> bool:
        """Show tickets; return False when that was asked too soon."""
        now_s = self._loop.time()
        if any(self._looks.wait_s("", now_s) for _ in look.tokens):
            self._refuse(connection, look.id, DoorBusyError())
            return False
        for start in range(0, len(look.tokens), door.VIEWS_A_LINE):
            part = look.tokens[start : start + door.VIEWS_A_LINE]
            is_last = start + door.VIEWS_A_LINE >= len(look.tokens)
            views = [self._views.of(token) for token in part]
            self._send(connection, door.Seen(id=look.id, views=views, is_last=is_last).line())
        return True

    def _take(self, connection: "_Connection", asked: Wish) -> bool:
        """Have a command done; return False when that was asked too soon."""
        if len(connection.pending) >= MOST_PENDING or self._commands.wait_s("", self._loop.time()) > 0:
            self._refuse(connection, asked.id, DoorBusyError())
            return False
        task = asyncio.create_task(self._do(connection, asked))
        connection.pending.add(task)
        task.add_done_callback(connection.pending.discard)
        return True

    async def _do(self, connection: "_Connection", asked: Wish) -> None:
        try:
            view = await asyncio.wait_for(self._wishes.fulfill(asked), DESK_S)
        except MotcuaError as error:
            self._refuse(connection, asked.id, error)
        except TimeoutError:
            self._refuse(connection, asked.id, DoorBusyError())
        else:
            self._send(connection, door.Done(id=asked.id, view=view).line())

    def _refuse(self, connection: "_Connection", asked: int, error: MotcuaError) -> None:
        self.counted.refused += 1
        is_transient = isinstance(error, TransientError)
        told = door.Refused(
            id=asked, key=error.key, en=str(error)[:400], vi=error.vi()[:400], is_transient=is_transient
        )
        self._send(connection, told.line())

    def _send(self, connection: "_Connection", line: bytes) -> None:
        if connection.is_cut:
            return
        if connection.unread > MOST_UNREAD:
            self._cut_off(connection, "does not read")
            return
        connection.writer.write(line)

    def _cut_off(self, connection: "_Connection", reason: str) -> None:
        self.counted.cut_off += 1
        log.warning("door.cut_off", reason=reason)
        connection.cut()


@dataclass(eq=False, slots=True)
class _Connection:
    """One process that asks."""

    writer: asyncio.StreamWriter
    task: asyncio.Task[None] | None
    is_watching: bool = False
    pending: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def unread(self) -> int:
        """Bytes that wait to be read by the other end."""
        return self.writer.transport.get_write_buffer_size()

    @property
    def is_cut(self) -> bool:
        """Whether it has ended."""
        return self.writer.transport.is_closing()

    def cut(self) -> None:
        """End it at once."""
        self.writer.transport.abort()


def _welcome(user: str) -> set[int | None]:
    """Return the uids that are answered: root's, our own, and that of the strangers' app."""
    return {0, os.geteuid(), uid_of(user)}
