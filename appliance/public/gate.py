"""The line to the gate of the public WiFi: how a guest's device stands, what he agrees to, that he leaves."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from appliance.public.errors import GateAwayError, refusal_of_gate
from appliance.public.line import Line, Other
from appliance.sockets import gate
from appliance.sockets.lines import Message

GATE: Final = Other(
    name="gate",
    hello=gate.Hello(),
    greeting=(),
    silent_s=gate.SILENT_S,
    answer_s=4.0,  # a phone that looks for a portal waits ten seconds for everything
    away=GateAwayError,
)


class Gate(Protocol):
    """What the app asks of the gate."""

    async def status(self, address: str) -> gate.Status:
        """Return how the device at an address stands.

        Args:
            address: IPv4, or IPv6 without zone.

        Raises:
            GateAwayError: not now.
        """
        ...

    async def open(self, address: str, terms: str, consents: Sequence[str]) -> None:
        """Let the device at an address through: its owner agrees.

        Args:
            address: as for :meth:`status`.
            terms: SHA-256 of the terms that were shown, hex.
            consents: keys of what is allowed besides, and nothing else.

        Raises:
            GateAwayError: not now.
            RefusedError: a rule of the gate says no.
        """
        ...

    async def withdraw(self, address: str, consents: Sequence[str]) -> None:
        """Take back what the owner of the device at an address allowed besides; as :meth:`open`."""
        ...

    async def close(self, address: str) -> None:
        """End the session of the device at an address; as :meth:`open`."""
        ...


class GateLink(Line[gate.Status | None]):
    """The gate behind its socket; everything belongs to the server's event loop.

    Args:
        path: of the gate's socket.
        on_change: called when it comes and when it goes.
    """

    def __init__(self, path: Path, on_change: Callable[[], None] = lambda: None) -> None:
        super().__init__(path, GATE, on_change)

    async def status(self, address: str) -> gate.Status:
        told = await self.ask(lambda number: gate.StatusOf(id=number, address=address))
        if told is None:  # an answer to another question
            raise GateAwayError
        return told

    async def open(self, address: str, terms: str, consents: Sequence[str]) -> None:
        told = await self.ask(
            lambda number: gate.Open(id=number, address=address, terms=terms, consents=list(consents))
        )
        if told is not None and told.state != "open":
            raise GateAwayError

    async def withdraw(self, address: str, consents: Sequence[str]) -> None:
        await self.ask(lambda number: gate.Withdraw(id=number, address=address, consents=list(consents)))

    async def close(self, address: str) -> None:
        await self.ask(lambda number: gate.Close(id=number, address=address))

    def parse(self, line: bytes) -> Message:
        return gate.told(line)

    def hear(self, told: Message) -> None:
        match told:
            case gate.Status(id=number):
                self.questions.end(number, told)
            case gate.Done(id=number):
                self.questions.end(number, None)
            case gate.Refused(id=number):
                self.questions.fail(number, refusal_of_gate(told))
            case _:  # a beat, or what is the office's
                pass
