"""hostapd's control socket: one datagram a command, one the answer, and events in between."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import Final, Self, cast

import structlog

from appliance.hotspot.errors import EngineError

log = structlog.get_logger(__name__)

ANSWER_S: Final = 2.0
MOST_STATIONS: Final = 2100
MOST_BYTES: Final = 8192
_EVENT: Final = b"<"
_NUMBERS = count(1)


class HostapdControl(asyncio.DatagramProtocol):
    """One connection; make it with :meth:`open`. Commands are asked one after another.

    Args:
        mine: our own end, removed at the end.
        on_event: called with each event, such as ``AP-STA-CONNECTED 02:00:00:00:00:01``.
        answer_s: seconds after which a command has no answer.
    """

    def __init__(self, mine: Path, on_event: Callable[[str], None], answer_s: float = ANSWER_S) -> None:
        self._answer_s = answer_s
        self._mine = mine
        self._on_event = on_event
        self._transport: asyncio.DatagramTransport | None = None
        self._answer: asyncio.Future[str] | None = None
        self._turn = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        path: Path,
        folder: Path,
        on_event: Callable[[str], None] = lambda _: None,
        *,
        answer_s: float = ANSWER_S,
    ) -> Self:
        """Connect and ask for events.

        Args:
            path: hostapd's socket, named after the interface.
            folder: for our own end; hostapd answers there.
            on_event: see the class.
            answer_s: see the class.

        Raises:
            EngineError: nobody answers.
        """
        mine = folder / f"control-{next(_NUMBERS)}"
        mine.unlink(missing_ok=True)
        ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            ours.settimeout(0)
            ours.bind(str(mine))
            ours.connect(str(path))
        except OSError as error:
            ours.close()
            mine.unlink(missing_ok=True)
            raise EngineError(engine="hostapd", reason=str(error)) from None
        loop = asyncio.get_running_loop()
        _, control = await loop.create_datagram_endpoint(lambda: cls(mine, on_event, answer_s), sock=ours)
        try:
            for command, answer in (("PING", "PONG"), ("ATTACH", "OK")):
                said = await control.ask(command)
                _expect(command, said, answer)
        except EngineError:
            control.close()
            raise
        return control

    async def status(self) -> dict[str, str]:
        """Return what hostapd says of itself, by name."""
        return _values(await self.ask("STATUS"))

    async def stations(self) -> dict[str, dict[str, str]]:
        """Return who is on the air, by hardware address, with what hostapd says of each."""
        found: dict[str, dict[str, str]] = {}
        said = await self.ask("STA-FIRST")
        while len(found) < MOST_STATIONS:
            mac, _, rest = said.partition("\n")
            if not mac or mac in {"FAIL", *found}:
                break
            found[mac] = _values(rest)
            said = await self.ask(f"STA-NEXT {mac}")
        return found

    async def disassociate(self, mac: str) -> bool:
        """Send a station off the air; return whether it was there."""
        return await self.ask(f"DISASSOCIATE {mac}") == "OK"

    async def ask(self, command: str) -> str:
        """Return the answer to a command.

        Raises:
            EngineError: there is none in time.
        """
        async with self._turn:
            transport = self._transport
            if transport is None or transport.is_closing():
                raise EngineError(engine="hostapd", reason="the control socket is closed")
            self._answer = asyncio.get_running_loop().create_future()
            transport.sendto(command.encode())
            try:
                return await asyncio.wait_for(self._answer, self._answer_s)
            except TimeoutError:
                raise EngineError(
                    engine="hostapd", reason=f"no answer to {command.split(maxsplit=1)[0]}"
                ) from None
            finally:
                self._answer = None

    def close(self) -> None:
        """Hang up; idempotent."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        with suppress(OSError):
            self._mine.unlink(missing_ok=True)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Its class is no subclass of the one that its methods are declared in.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - as asyncio calls it
        text = data[:MOST_BYTES].decode(errors="replace").rstrip("\n")
        if data.startswith(_EVENT):
            self._on_event(text.partition(">")[2])
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(text)

    def error_received(self, exc: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(EngineError(engine="hostapd", reason=str(exc)))


async def on_air(path: Path, folder: Path) -> int | None:
    """Return how many stations are on the air; None if hostapd does not say.

    Args:
        path: hostapd's socket.
        folder: for our own end.
    """
    try:
        with closing(await HostapdControl.open(path, folder)) as control:
            said = (await control.status()).get("num_sta[0]", "")
    except EngineError:
        return None
    return int(said) if said.isdecimal() else None


async def send_off(mac: str, path: Path, folder: Path) -> None:
    """Send a station off the air, so that it notices; if hostapd does not answer, that is told in the log.

    Args:
        mac: its hardware address.
        path: hostapd's socket.
        folder: for our own end.
    """
    try:
        with closing(await HostapdControl.open(path, folder)) as control:
            await control.disassociate(mac)
    except EngineError as error:
        log.warning("device.not_sent_off", reason=str(error))


def _expect(command: str, said: str, answer: str) -> None:
    if said != answer:
        raise EngineError(engine="hostapd", reason=f"{command} was answered {said[:80]!r}")


def _values(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value for name, equals, value in pairs if equals}
