"""The line to the office: one connection that is made again for as long as the app runs."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import structlog

from appliance.public.errors import OfficeAwayError, refusal
from appliance.sockets import door
from appliance.sockets.errors import BadLineError
from appliance.sockets.lines import MOST_LINE, Message

log = structlog.get_logger(__name__)

ANSWER_S: Final = 12.0
"""A little longer than the office waits for its own desk."""
CONNECT_S: Final = 2.0
AWAY_S: Final = 0.3
"""How long a question waits for an office that was there before."""
FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 2.0
MOST_OPEN: Final = 256
"""Questions without an answer; more are not asked."""


class Office(Protocol):
    """What the app asks of the office."""

    async def look(self, tokens: Sequence[str]) -> list[door.View | None]:
        """Return each ticket, None for a token that is none of today's.

        Raises:
            OfficeAwayError, TooOftenError: not now.
        """
        ...

    async def leave(self, token: str, request: str) -> door.View | None:
        """Give a ticket up; return how it stands then.

        Raises:
            OfficeAwayError, TooOftenError: not now; the same request id may be sent again.
            RefusedError: a rule of the office says no.
        """
        ...

    async def rate(self, token: str, level: int, request: str) -> door.View | None:
        """Rate what a ticket got; as :meth:`leave`."""
        ...

    async def reason(self, token: str, reason: str, request: str) -> door.View | None:
        """Say why, after a rating; as :meth:`leave`."""
        ...


class OfficeLink:
    """The office behind its socket; everything belongs to the server's event loop.

    Args:
        path: of the office's socket.
        on_change: called when something changed there, and when it is back.
    """

    def __init__(self, path: Path, on_change: Callable[[], None] = lambda: None) -> None:
        self.on_change = on_change
        self._path = path
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[list[door.View | None]]] = {}
        self._seen: dict[int, list[door.View | None]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Event = asyncio.Event()
        self._was_lost = False

    @property
    def is_up(self) -> bool:
        """Whether the office answers."""
        return self._writer is not None

    def start(self) -> None:
        """Begin to connect; on the event loop, as often as one likes."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def look(self, tokens: Sequence[str]) -> list[door.View | None]:
        return await self._ask(lambda number: door.LookAt(id=number, tokens=list(tokens)))

    async def leave(self, token: str, request: str) -> door.View | None:
        return (await self._ask(lambda n: door.Leave(id=n, token=token, request=request)))[0]

    async def rate(self, token: str, level: int, request: str) -> door.View | None:
        return (await self._ask(lambda n: door.Rate(id=n, token=token, level=level, request=request)))[0]

    async def reason(self, token: str, reason: str, request: str) -> door.View | None:
        return (await self._ask(lambda n: door.Reason(id=n, token=token, reason=reason, request=request)))[0]

    async def _ask(self, make: Callable[[int], Message]) -> list[door.View | None]:
        self.start()
        if self._writer is None:
            # The first question of all, or the office is just coming back.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), AWAY_S if self._was_lost else CONNECT_S)
        writer = self._writer
        if writer is None or len(self._open) >= MOST_OPEN:
            raise OfficeAwayError
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        try:
            writer.write(make(number).line())
            return await asyncio.wait_for(answer, ANSWER_S)
        except TimeoutError:
            raise OfficeAwayError from None
        finally:
            self._open.pop(number, None)
            self._seen.pop(number, None)

    async def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            try:
                await self._talk()
            except (OSError, TimeoutError, ValueError) as error:
                log.info("office.away", reason=str(error) or type(error).__name__)
            was_up, self._was_lost = self._lose(), True
            if was_up:
                retry_s = FIRST_RETRY_S
                self.on_change()
            await asyncio.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, retry_s * 2)

    async def _talk(self) -> None:
        """Connect and take in what the office says, until it is gone."""
        opening = asyncio.open_unix_connection(str(self._path), limit=MOST_LINE)
        reader, writer = await asyncio.wait_for(opening, CONNECT_S)
        try:
            writer.write(door.Hello().line())
            hello = door.told(await asyncio.wait_for(reader.readline(), CONNECT_S))
            if not isinstance(hello, door.Hello) or hello.version != door.VERSION:
                raise BadLineError(reason="no hello of this version")
            writer.write(door.Watch().line())
            self._writer = writer
            self._ready.set()
            log.info("office.found")
            self.on_change()
            while line := await asyncio.wait_for(reader.readline(), door.SILENT_S):
                self._hear(door.told(line))
        finally:
            writer.transport.abort()

    def _hear(self, told: door.Told) -> None:
        match told:
            case door.Seen(id=number, views=views, is_last=is_last):
                if number not in self._open:
                    return
                so_far = self._seen.setdefault(number, [])
                so_far += views
                if is_last:
                    self._end(number, self._seen.pop(number))
            case door.Done(id=number, view=view):
                self._end(number, [view])
            case door.Refused(id=number):
                answer = self._open.get(number)
                if answer is not None and not answer.done():
                    answer.set_exception(refusal(told))
            case door.Changed():
                self.on_change()
            case door.Beat() | door.Hello():
                pass

    def _end(self, number: int, views: list[door.View | None]) -> None:
        answer = self._open.get(number)
        if answer is not None and not answer.done():
            answer.set_result(views)

    def _lose(self) -> bool:
        """Forget a connection that ended; return whether there was one."""
        was_up, self._writer = self._writer is not None, None
        self._ready.clear()
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(OfficeAwayError())
        return was_up
