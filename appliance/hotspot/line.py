"""Whether anybody is there beyond the provider's router: a question to the line's resolvers now and then.

A router that has lost the Internet keeps its cable and its route up, so that the kernel sees nothing. Guests
ask these resolvers for every name; where none of them knows one, there is no Internet for guests.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from appliance.clock import entropy
from appliance.hotspot.question import HEADER, question
from appliance.sockets.gate import LineQuality

CHECK_MS: Final = 20_000
SOON_MS: Final = 4_000
"""Once nobody answered, it is asked again so soon."""
MISSES: Final = 3
"""So often in a row nobody knows the name before the line counts as dead."""
ANSWER_S: Final = 3.0
MOST_RESOLVERS: Final = 4
PORT: Final = 53
_ADDRESS, _ANSWERS = 1, 0x8000
_KNOWS: Final = {0, 3}
"""NOERROR, and NXDOMAIN: somebody who knows was asked (RFC 1035, 4.1.1)."""

ROUNDS: Final = 30
"""That are remembered: ten minutes of a line that answers."""

Ask = Callable[[str, str], Awaitable[bool]]


class Line:
    """See the module; belongs to the gate's event loop.

    Args:
        ask: a resolver for a name; returns whether it knows.
        now_s: a clock that never jumps; None for the event loop's.
    """

    def __init__(self, ask: Ask, now_s: Callable[[], float] | None = None) -> None:
        self._ask, self._now_s = ask, now_s
        self._took_ms: deque[int | None] = deque(maxlen=ROUNDS)
        self._missed = self._turns = 0
        self._asked_ms: int | None = None
        self._round: asyncio.Task[None] | None = None

    @property
    def is_dead(self) -> bool:
        """Whether nobody answered lately."""
        return self._missed >= MISSES

    @property
    def quality(self) -> LineQuality | None:
        """How it answered lately; None until somebody was asked.

        What a router remembers it answers itself: the slowest tells more.
        """
        if not self._took_ms:
            return None
        answered = sorted(took for took in self._took_ms if took is not None)
        return LineQuality(
            rounds=len(self._took_ms),
            unanswered=len(self._took_ms) - len(answered),
            usual_ms=answered[len(answered) // 2] if answered else None,
            worst_ms=answered[-1] if answered else None,
        )

    def turn(self, names: Sequence[str], resolvers: Sequence[str], now_ms: int) -> None:
        """Ask in the background when it is time; without names or resolvers nothing is known.

        Args:
            names: that are asked for, one after the other.
            resolvers: of the line; addresses.
            now_ms: since the start of the machine.
        """
        if not names or not resolvers:
            self.forget()
            return
        wait_ms = SOON_MS if self._missed else CHECK_MS
        is_early = self._asked_ms is not None and now_ms - self._asked_ms < wait_ms
        if is_early or (self._round is not None and not self._round.done()):
            return
        self._asked_ms = now_ms
        self._turns += 1
        name = names[self._turns % len(names)]
        self._round = asyncio.create_task(self._look(name, resolvers[:MOST_RESOLVERS]))

    def forget(self) -> None:
        """Know nothing, as where there is no link: whoever answers next is believed."""
        if self._round is not None:
            self._round.cancel()
        self._round, self._asked_ms, self._missed = None, None, 0
        self._took_ms.clear()

    async def _look(self, name: str, resolvers: Sequence[str]) -> None:
        found = await asyncio.gather(*(self._timed(each, name) for each in resolvers))
        first_ms = min((took for took in found if took is not None), default=None)
        self._took_ms.append(first_ms)
        self._missed = self._missed + 1 if first_ms is None else 0

    async def _timed(self, resolver: str, name: str) -> int | None:
        now_s = self._now_s or asyncio.get_running_loop().time
        asked_s = now_s()
        does_know = await self._ask(resolver, name)
        return round((now_s() - asked_s) * 1000) if does_know else None


async def knows(resolver: str, name: str, port: int = PORT) -> bool:
    """Ask a resolver for the address of a name.

    Args:
        resolver: its address.
        name: of a host.
        port: where it answers.

    Returns:
        Whether it says what the address is, or that there is none. One that cannot say does not know.
    """
    number = int.from_bytes(entropy(2), "big")
    loop = asyncio.get_running_loop()
    told: asyncio.Future[bool] = loop.create_future()
    try:
        async with asyncio.timeout(ANSWER_S):
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Answer(told, number), remote_addr=(resolver, port)
            )
            try:
                transport.sendto(question(name, _ADDRESS, number))
                return await told
            finally:
                transport.close()
    except OSError:  # nobody there; TimeoutError is one
        return False


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, told: asyncio.Future[bool], number: int) -> None:
        self._told, self._number = told, number

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr
        if len(data) < HEADER.size or self._told.done():
            return
        number, flags, *_ = HEADER.unpack_from(data)
        if number == self._number and flags & _ANSWERS:
            self._told.set_result(flags & 0xF in _KNOWS)

    def error_received(self, exc: Exception) -> None:
        if not self._told.done():
            self._told.set_exception(exc)
