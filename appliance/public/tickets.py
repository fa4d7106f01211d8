"""Tickets by their tokens, as far as they may be asked for; the last that was seen is kept."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appliance.public.callers import Callers
from appliance.public.errors import NoTicketError, OfficeAwayError
from appliance.public.link import Office
from appliance.sockets.door import View
from appliance.sockets.tokens import is_token

MOST_KEPT: Final = 1024
FRESH_S: Final = 0.5
"""A view this young is shown again without asking, while the office is there."""
ABSENT_S: Final = 10.0
"""The same for a token that is none."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of a ticket.

    Args:
        view: as the office told it; None when it is none of today's.
        at_s: when, on the event loop's clock.
        is_stale: whether the office could not be asked again.
    """

    view: View | None
    at_s: float
    is_stale: bool = False


class Tickets:
    """See the module.

    Args:
        office: who knows.
        callers: counts who asks.
        is_up: whether the office answers.
    """

    def __init__(self, office: Office, callers: Callers, is_up: Callable[[], bool]) -> None:
        self._office = office
        self._callers = callers
        self._is_up = is_up
        self._kept: OrderedDict[str, Sight] = OrderedDict()

    async def see(self, token: str) -> Sight:
        """Return a ticket; one that cannot be asked for now as it was seen last.

        Raises:
            NoTicketError: there is none.
            TooOftenError: too many ask.
            OfficeAwayError: it was never seen, and the office is away.
        """
        if not is_token(token):
            raise NoTicketError
        now_s = asyncio.get_running_loop().time()
        kept = self._kept.get(token)
        if kept is not None and now_s - kept.at_s < self._good_for_s(kept):
            return _present(kept)
        if kept is None or kept.view is None:
            self._callers.guess(now_s)
        try:
            return _present(self.keep(token, (await self._office.look([token]))[0]))
        except OfficeAwayError:
            if kept is None or kept.view is None:
                raise
            return Sight(kept.view, kept.at_s, is_stale=True)

    async def now(self, token: str) -> View:
        """Return a ticket as it is now; as :meth:`see`, but nothing stale."""
        sight = await self.see(token)
        if sight.is_stale or sight.view is None:
            raise OfficeAwayError
        return sight.view

    async def leave(self, token: str, request: str) -> View:
        """Give a ticket up; return how it stands then.

        Raises:
            NoTicketError, TooOftenError, OfficeAwayError: as :meth:`see`.
            RefusedError: a rule of the office says no.
        """
        await self._admit(token)
        return self._after(token, await self._office.leave(token, request))

    async def rate(self, token: str, level: int, request: str) -> View:
        """Rate what a ticket got; as :meth:`leave`."""
        await self._admit(token)
        return self._after(token, await self._office.rate(token, level, request))

    async def reason(self, token: str, reason: str, request: str) -> View:
        """Say why, after a rating; as :meth:`leave`."""
        await self._admit(token)
        return self._after(token, await self._office.reason(token, reason, request))

    def keep(self, token: str, view: View | None) -> Sight:
        """Remember what the office told."""
        sight = Sight(view, asyncio.get_running_loop().time())
        self._kept[token] = sight
        self._kept.move_to_end(token)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return sight

    def _good_for_s(self, kept: Sight) -> float:
        if kept.view is None:
            return ABSENT_S
        return FRESH_S if self._is_up() else 0.0

    async def _admit(self, token: str) -> None:
        """Let only tickets that exist come near the office's commands."""
        await self.see(token)
        self._callers.any_change(asyncio.get_running_loop().time())

    def _after(self, token: str, view: View | None) -> View:
        sight = _present(self.keep(token, view))
        if sight.view is None:
            raise NoTicketError
        return sight.view


def _present(sight: Sight) -> Sight:
    if sight.view is None:
        raise NoTicketError
    return sight
