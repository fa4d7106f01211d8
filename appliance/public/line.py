"""A line to another unit: one connection that is made again for as long as the app runs."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from appliance.errors import TransientError
from appliance.sockets.errors import BadLineError
from appliance.sockets.lines import MOST_LINE, Message
from appliance.sockets.questions import Questions

log = structlog.get_logger(__name__)

CONNECT_S: Final = 2.0
AWAY_S: Final = 0.3
"""How long questions wait for a unit that has just gone, or was not there at first: all of them together."""
FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 2.0

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Other:
    """The unit at the other end.

    Args:
        name: in the log.
        hello: the first line of both sides.
        greeting: what is said after it.
        silent_s: whoever says nothing for so long is dead.
        answer_s: how long an answer may take.
        away: the error while it is not there.
    """

    name: str
    hello: Message
    greeting: tuple[Message, ...]
    silent_s: float
    answer_s: float
    away: type[TransientError]


class Line(ABC, Generic[Answer]):
    """See the module; everything belongs to the server's event loop.

    Args:
        path: of the other unit's socket.
        other: who is there.
        on_change: called when it comes, when it goes, and when it says that something changed.
    """

    def __init__(self, path: Path, other: Other, on_change: Callable[[], None] = lambda: None) -> None:
        self.on_change = on_change
        self._path = path
        self._other = other
        self.questions: Questions[Answer] = Questions(other.answer_s, other.away)
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._known: asyncio.Event = asyncio.Event()
        """Set when it is there, and when it was not for so long that nobody waits any more."""
        self._giving_up: asyncio.TimerHandle | None = None

    @property
    def is_up(self) -> bool:
        """Whether the other unit answers."""
        return self._writer is not None

    def start(self) -> None:
        """Begin to connect; on the event loop, as often as one likes."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    @abstractmethod
    def parse(self, line: bytes) -> Message:
        """Return what a line says.

        Raises:
            BadLineError: nothing.
        """

    @abstractmethod
    def hear(self, told: Message) -> None:
        """Take in what was said."""

    async def ask(self, make: Callable[[int], Message]) -> Answer:
        """Return the answer to a question.

        Args:
            make: the question, from its number.

        Raises:
            TransientError: the other unit is away, in its own kind.
        """
        self.start()
        if self._writer is None:
            # The first question of all, or the other unit is just coming back.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._known.wait(), CONNECT_S)
        writer = self._writer
        if writer is None:
            raise self._other.away
        return await self.questions.ask(lambda number: writer.write(make(number).line()))

    async def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            try:
                await self._talk()
            except (OSError, TimeoutError, ValueError) as error:
                log.info("line.away", unit=self._other.name, reason=str(error) or type(error).__name__)
            was_up = self._lose()
            if was_up or self._giving_up is None:
                self._known.clear()
                self._giving_up = asyncio.get_running_loop().call_later(AWAY_S, self._known.set)
            if was_up:
                retry_s = FIRST_RETRY_S
                self.on_change()
            await asyncio.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, retry_s * 2)

    async def _talk(self) -> None:
        """Connect and take in what the other unit says, until it is gone."""
        opening = asyncio.open_unix_connection(str(self._path), limit=MOST_LINE)
        reader, writer = await asyncio.wait_for(opening, CONNECT_S)
        try:
            writer.write(self._other.hello.line())
            if self.parse(await asyncio.wait_for(reader.readline(), CONNECT_S)) != self._other.hello:
                raise BadLineError(reason="no hello of this version")
            for each in self._other.greeting:
                writer.write(each.line())
            self._writer = writer
            self._known.set()
            if self._giving_up is not None:
                self._giving_up.cancel()
            log.info("line.found", unit=self._other.name)
            self.on_change()
            while line := await asyncio.wait_for(reader.readline(), self._other.silent_s):
                self.hear(self.parse(line))
        finally:
            writer.transport.abort()

    def _lose(self) -> bool:
        """Forget a connection that ended; return whether there was one."""
        was_up, self._writer = self._writer is not None, None
        self.questions.lose()
        return was_up
