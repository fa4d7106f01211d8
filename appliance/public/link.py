"""The line to the office."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from appliance.public.errors import OfficeAwayError, refusal
from appliance.public.line import Line, Other
from appliance.sockets import door
from appliance.sockets.lines import Message
from appliance.sockets.questions import Parts

OFFICE: Final = Other(
    name="office",
    hello=door.Hello(),
    greeting=(door.Watch(),),
    silent_s=door.SILENT_S,
    answer_s=12.0,  # a little longer than the office waits for its own desk
    away=OfficeAwayError,
)
Views = list[door.View | None]


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


class OfficeLink(Line[Views]):
    """The office behind its socket; everything belongs to the server's event loop.

    Args:
        path: of the office's socket.
        on_change: called when something changed there, and when it is back.
    """

    def __init__(self, path: Path, on_change: Callable[[], None] = lambda: None) -> None:
        super().__init__(path, OFFICE, on_change)
        self._seen: Parts[door.View | None] = Parts(self.questions, self.questions.end)

    async def look(self, tokens: Sequence[str]) -> Views:
        return await self.ask(lambda number: door.LookAt(id=number, tokens=list(tokens)))

    async def leave(self, token: str, request: str) -> door.View | None:
        return (await self.ask(lambda n: door.Leave(id=n, token=token, request=request)))[0]

    async def rate(self, token: str, level: int, request: str) -> door.View | None:
        return (await self.ask(lambda n: door.Rate(id=n, token=token, level=level, request=request)))[0]

    async def reason(self, token: str, reason: str, request: str) -> door.View | None:
        return (await self.ask(lambda n: door.Reason(id=n, token=token, reason=reason, request=request)))[0]

    def parse(self, line: bytes) -> Message:
        return door.told(line)

    def hear(self, told: Message) -> None:
        match told:
            case door.Seen(id=number, views=views, is_last=is_last):
                self._seen.take(number, views, is_last=is_last)
            case door.Done(id=number, view=view):
                self.questions.end(number, [view])
            case door.Refused(id=number):
                self.questions.fail(number, refusal(told))
            case door.Changed():
                self.on_change()
            case _:  # a beat, or a second hello: it is there
                pass
