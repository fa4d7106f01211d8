"""How guests' devices stand at the gate, by their addresses; what was just told is told again."""

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from appliance.httpd.limiter import Limiter, Rate
from appliance.public.errors import GateAwayError, TooOftenError
from appliance.public.gate import Gate
from appliance.sockets.gate import State, Status
from appliance.sockets.portal import Portal

MOST_KEPT: Final = 2_048
FRESH_S: Final = 1.0
"""A standing this young is shown again without asking: apps on a phone knock by the dozen."""
ASKS: Final = Rate(per_s=200.0, burst=200)
"""Of everybody together: addresses of IPv6 are had for nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one device stands.

    Args:
        state: as the gate has it; ``away`` too when the gate does not answer.
        seconds_left: of an open session, if known.
        bytes_left: of the day's quota, if known.
        terms: version that an open session was agreed to under.
        consents: keys of what its owner allows besides.
        wan: whether the gate has a way to the Internet, if it says so.
        opens_in_s: seconds until the next hour in which guests may be online, while it is none.
    """

    state: State
    seconds_left: int | None = None
    bytes_left: int | None = None
    terms: str | None = None
    consents: tuple[str, ...] = ()
    wan: bool | None = None
    opens_in_s: int | None = None

    def has_wan(self, portal: Portal) -> bool:
        """Whether there is a way to the Internet: as the gate says, which leads guests, else the office."""
        return portal.has_wan if self.wan is None else self.wan


AWAY: Final = Standing("away")


class Standings:
    """See the module; for the event loop only.

    Args:
        gate: who knows.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._asks = Limiter(ASKS)
        self._kept: OrderedDict[str, tuple[float, asyncio.Future[Standing]]] = OrderedDict()

    async def of(self, address: str) -> Standing:
        """Return how the device at an address stands.

        Args:
            address: of the socket's other end.

        Raises:
            TooOftenError: too many ask.
        """
        plain = plain_of(address)
        if plain is None:
            return AWAY
        now_s = asyncio.get_running_loop().time()
        kept = self._kept.get(plain)
        if kept is None or now_s - kept[0] >= FRESH_S:
            wait_s = self._asks.wait_s("", now_s)
            if wait_s > 0:
                raise TooOftenError(retry_s=int(wait_s) + 1)
            # Whoever asks meanwhile waits for the same answer, also when the first one has hung up.
            kept = (now_s, asyncio.ensure_future(self._ask(plain)))
            self._kept[plain] = kept
            self._kept.move_to_end(plain)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(kept[1])

    async def open(self, address: str, terms: str, consents: Sequence[str]) -> None:
        """Let the device at an address through; as :meth:`Gate.open`."""
        async with self._changed(address) as plain:
            await self._gate.open(plain, terms, consents)

    async def withdraw(self, address: str, consents: Sequence[str]) -> None:
        """Take back what was allowed besides; as :meth:`Gate.withdraw`."""
        async with self._changed(address) as plain:
            await self._gate.withdraw(plain, consents)

    async def close(self, address: str) -> None:
        """End a session; as :meth:`Gate.close`."""
        async with self._changed(address) as plain:
            await self._gate.close(plain)

    @asynccontextmanager
    async def _changed(self, address: str) -> AsyncIterator[str]:
        """Give the address as the gate knows it, and ask anew for its standing afterwards."""
        plain = plain_of(address)
        if plain is None:
            raise GateAwayError
        try:
            yield plain
        finally:
            self._kept.pop(plain, None)

    async def _ask(self, address: str) -> Standing:
        try:
            told: Status = await self._gate.status(address)
        except GateAwayError:
            return AWAY
        return Standing(
            told.state,
            told.seconds_left,
            told.bytes_left,
            told.terms,
            tuple(told.consents),
            told.wan,
            told.opens_in_s,
        )


def plain_of(address: str) -> str | None:
    """Return an address as the gate knows it: without zone, IPv4 as such; None if it is none."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)
