"""Phones that follow their tickets: after each change all of them are looked at together, and told.

A message is what ``static/phone.js`` swaps in: ``{"regions": {name: html}, "facts": {...}}``; the first one
is a full snapshot, later ones hold the regions that have changed. While the office is away phones are told
that (``away``) instead of being told that all is well (``beat``).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from appliance.httpd.streams import BEAT, BEAT_S, RETRY
from appliance.public.errors import OfficeAwayError, TooOftenError
from appliance.public.link import Office
from appliance.public.tickets import Tickets
from appliance.sockets.door import MOST_TOKENS, View

log = structlog.get_logger(__name__)

MOST_PHONES: Final = 160
MOST_PER_ADDRESS: Final = 32
MOST_PER_TICKET: Final = 8
"""Addresses are easily had, tickets are not: a family that waits together, and no more."""
LONGEST_S: Final = 600.0
"""A phone that has left is noticed at the latest then; one that is there comes back by itself."""
TICK_S: Final = 15.0
"""Expectations change without anything happening."""
SHORT_TICK_S: Final = 1.0
"""The same while somebody may still correct a rating."""
PAUSE_S: Final = 0.2
LOOKS_PER_S: Final = 300.0
"""Below what the office answers."""
AWAY: Final = b"event: away\ndata: {}\n\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """One region: a key that is equal for equal contents, and the function that draws it."""

    key: Hashable
    draw: Callable[[], str]


Draw = Callable[[View | None], tuple[Mapping[str, Piece], Mapping[str, Any]]]
"""From a ticket to the regions and the facts of one phone's page."""


@dataclass(eq=False, slots=True)
class _Phone:
    """One connection."""

    token: str
    address: str
    draw: Draw
    shown: dict[str, Hashable] = field(default_factory=dict)
    waiting: list[bytes] = field(default_factory=list)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    is_away: bool = False
    is_over: bool = False

    def tell(self, message: bytes) -> None:
        """Leave a message; an address that does not read is not worth more than a few."""
        if len(self.waiting) < 8:  # noqa: PLR2004 - a slow phone comes back for a snapshot
            self.waiting.append(message)
        else:
            self.is_over = True
        self.woken.set()


class Phones:
    """See the module; for the event loop only.

    Args:
        office: who knows.
        tickets: keeps what was seen.
        is_up: whether the office answers.
    """

    def __init__(self, office: Office, tickets: Tickets, is_up: Callable[[], bool]) -> None:
        self._office = office
        self._tickets = tickets
        self._is_up = is_up
        self._phones: set[_Phone] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._phones)

    def changed(self) -> None:
        """Take note that something happened at the office."""
        self._changed.set()

    def check_room(self, address: str, token: str) -> None:
        """Raise unless one more phone may follow a ticket.

        Raises:
            TooOftenError: it may not; the page reloads itself instead.
        """
        own = sum(phone.address == address for phone in self._phones)
        same = sum(phone.token == token for phone in self._phones)
        if len(self._phones) >= MOST_PHONES or own >= MOST_PER_ADDRESS or same >= MOST_PER_TICKET:
            raise TooOftenError(retry_s=int(TICK_S))

    async def follow(self, token: str, view: View, address: str, draw: Draw) -> AsyncIterator[bytes]:
        """Yield what one phone is told, a snapshot first."""
        self._start()
        phone = _Phone(token, address, draw)
        self._phones.add(phone)
        ends_s = asyncio.get_running_loop().time() + LONGEST_S
        try:
            yield RETRY
            yield _message(phone, view) or BEAT
            self._changed.set()  # what happened since the view was taken
            while not phone.is_over and asyncio.get_running_loop().time() < ends_s:
                try:
                    await asyncio.wait_for(phone.woken.wait(), BEAT_S)
                except TimeoutError:
                    yield BEAT if self._is_up() else AWAY
                    continue
                phone.woken.clear()
                messages, phone.waiting = phone.waiting, []
                for message in messages:
                    yield message
        finally:
            self._phones.discard(phone)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        tick_s = TICK_S
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), tick_s)
            self._changed.clear()
            tokens = list({phone.token for phone in self._phones})
            try:
                is_short = await self._round(tokens)
            except OfficeAwayError:
                self._tell_away()
                is_short = False
            except TooOftenError:
                is_short = True
            except Exception:
                # One page's bug is not to silence the others.
                log.exception("phones.not_told")
                is_short = False
            tick_s = SHORT_TICK_S if is_short else TICK_S
            await asyncio.sleep(max(PAUSE_S, len(tokens) / LOOKS_PER_S))

    def _tell_away(self) -> None:
        for phone in self._phones:
            phone.is_away = True
            phone.tell(AWAY)

    async def _round(self, tokens: list[str]) -> bool:
        """Look at all and tell; return whether something will change by itself soon."""
        is_short = False
        for start in range(0, len(tokens), MOST_TOKENS):
            part = tokens[start : start + MOST_TOKENS]
            views = dict(zip(part, await self._office.look(part), strict=True))
            is_short |= any(view is not None and view.correct_ms > 0 for view in views.values())
            for token, view in views.items():
                self._tickets.keep(token, view)
            for phone in tuple(self._phones):
                if phone.token in views:
                    message = _message(phone, views[phone.token])
                    if message is not None or phone.is_away:
                        phone.is_away = False
                        phone.tell(message or BEAT)
                        await asyncio.sleep(0)  # between two phones others are served
        return is_short


def _message(phone: _Phone, view: View | None) -> bytes | None:
    """Return what a phone has not been shown yet; None when it has seen all of it."""
    pieces, facts = phone.draw(view)
    fresh = {name: piece for name, piece in pieces.items() if phone.shown.get(name) != piece.key}
    if not fresh:
        return None
    phone.shown.update({name: piece.key for name, piece in fresh.items()})
    said = {"regions": {name: piece.draw() for name, piece in fresh.items()}, "facts": facts}
    return b"data: " + json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
