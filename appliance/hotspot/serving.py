"""The gate's socket: the strangers' app asks for guests, the office sets and watches. No network listener.

The strangers' app meets everybody and is taken for hostile: the kernel says whose process calls, each caller
has his own few messages, lines have a size, questions a rate, answers must be read.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from appliance.errors import MotcuaError, TransientError
from appliance.hotspot.errors import GateBusyError, GateShutError, NotAGuestError
from appliance.hotspot.gate import Gate
from appliance.hotspot.policy.sessions import Device
from appliance.hotspot.policy.states import State
from appliance.sockets import gate as messages
from appliance.sockets.errors import BadLineError
from appliance.sockets.lines import MOST_LINE, Message
from appliance.sockets.peer import peer_uid, uid_of
from appliance.unix import unix_socket

log = structlog.get_logger(__name__)

MODE: Final = 0o666
"""Who may ask is decided by who the kernel says it is, not by a group that others might be in too."""
MOST_CONNECTIONS: Final = 8
MOST_UNREAD: Final = 262_144
HELLO_S: Final = 5.0
QUESTIONS_PER_S: Final = 200.0
QUESTIONS_BURST: Final = 200.0


@dataclass(frozen=True, slots=True)
class Callers:
    """Whose processes are answered, by Unix user; root's is always, as either."""

    public: str
    office: str


@dataclass(slots=True, eq=False)
class _Caller:
    writer: asyncio.StreamWriter
    may_public: bool
    may_office: bool
    tokens: float = QUESTIONS_BURST
    at_s: float = 0.0
    is_greeted: bool = False
    told: set[str] = field(default_factory=set)

    def send(self, message: Message) -> None:
        if self.writer.transport.get_write_buffer_size() > MOST_UNREAD:
            log.warning("gate.caller_unread")
            self.writer.transport.abort()
            return
        self.writer.write(message.line())


class GateServer:
    """See the module; make it with :meth:`open`.

    Args:
        gate: who answers.
        callers: whom.
        reread: has the gate take the settings in their file; called for ``apply``.
        path: of the socket, removed at the end.
        questions_per_s: that one caller may ask in the long run.
    """

    def __init__(
        self,
        gate: Gate,
        callers: Callers,
        reread: Callable[[], Awaitable[None]],
        path: Path,
        *,
        questions_per_s: float = QUESTIONS_PER_S,
    ) -> None:
        self._gate, self._callers, self._reread, self._path = gate, callers, reread, path
        self._per_s = questions_per_s
        self._connected: set[_Caller] = set()
        self._server: asyncio.Server | None = None
        self._telling: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        gate: Gate,
        callers: Callers,
        reread: Callable[[], Awaitable[None]],
        path: Path,
        *,
        questions_per_s: float = QUESTIONS_PER_S,
    ) -> "GateServer":
        """Bind the socket and begin to answer; the arguments are those of the class.

        Raises:
            OSError: it cannot be bound.
        """
        opened = cls(gate, callers, reread, path, questions_per_s=questions_per_s)
        opened._server = await asyncio.start_unix_server(
            opened._meet, sock=unix_socket(path, MODE), limit=MOST_LINE
        )
        opened._telling = asyncio.create_task(opened._tell())
        return opened

    async def close(self) -> None:
        """Answer nobody any more; idempotent."""
        if self._telling is not None:
            self._telling.cancel()
            with suppress(asyncio.CancelledError):
                await self._telling
        for caller in tuple(self._connected):
            caller.writer.transport.abort()
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = self._known(writer)
        if caller is None or len(self._connected) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._connected.add(caller)
        try:
            await self._talk(reader, caller)
        except BadLineError as error:
            log.warning("gate.caller_cut_off", reason=str(error))
        except (ValueError, TimeoutError):  # a line without an end; nothing said
            log.warning("gate.caller_cut_off", reason="no line")
        except OSError:
            pass
        finally:
            self._connected.discard(caller)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, caller: _Caller) -> None:
        line = await asyncio.wait_for(reader.readline(), HELLO_S)
        first = messages.Hello.of(line)
        caller.send(messages.Hello())
        if first.version != messages.VERSION:
            raise BadLineError(reason="no hello of this version")
        caller.is_greeted = True
        if caller.may_office:
            self._tell_usage(caller)
        while line := await reader.readline():
            asked = _asked(line, caller)
            loop_s = asyncio.get_running_loop().time()
            caller.tokens = min(QUESTIONS_BURST, caller.tokens + (loop_s - caller.at_s) * self._per_s)
            caller.at_s = loop_s
            if isinstance(asked, messages.Hello):
                raise BadLineError(reason="hello twice")
            if isinstance(asked, messages.Taken):
                self._gate.usage.taken(asked.hour)
                continue
            if caller.tokens < 1:
                caller.send(_refusal(asked.id, GateBusyError()))
                await asyncio.sleep(0.02)
                continue
            caller.tokens -= 1
            try:
                answers = await self._answered(asked)
            except MotcuaError as error:
                answers = [_refusal(asked.id, error)]
            for answer in answers:
                caller.send(answer)
            await asyncio.sleep(0)

    async def _answered(
        self, asked: messages.Open | messages.StatusOf | messages.Withdraw | messages.Close | messages.Apply
        | messages.Block | messages.Unblock | messages.CountsNow | messages.ClientsNow,
    ) -> list[Message]:  # fmt: skip
        gate = self._gate
        match asked:
            case messages.Open():
                gate.agree(asked.address, asked.terms, asked.consents)
                return [self._status(asked.id, asked.address)]
            case messages.StatusOf():
                return [self._status(asked.id, asked.address)]
            case messages.Withdraw():
                gate.withdraw(asked.address, asked.consents)
            case messages.Close():
                gate.leave(asked.address)
            case messages.Apply():
                await self._reread()
            case messages.Block():
                await gate.block(asked.handle, asked.minutes)
            case messages.Unblock():
                gate.unblock(asked.handle)
            case messages.CountsNow():
                return [self._counts(asked.id)]
            case messages.ClientsNow():
                return list(self._clients(asked.id))
        return [messages.Done(id=asked.id)]

    def _status(self, number: int, address: str) -> messages.Status:
        try:
            standing = self._gate.standing(address)
        except (GateShutError, NotAGuestError):
            return messages.Status(id=number, state="away", seconds_left=None, bytes_left=None)
        state: messages.State = standing.state.value
        opens_in_s = None
        if standing.state is State.NEW:
            sessions = self._gate.sessions
            if not self._gate.is_open_now():
                state, opens_in_s = "closed", self._gate.opens_in_s()
            elif sessions.open_count >= sessions.plan.max_clients:
                state = "full"
        left_s = None if standing.left_ms is None else standing.left_ms // 1000
        return messages.Status(
            id=number,
            state=state,
            seconds_left=left_s,
            bytes_left=standing.bytes_left,
            terms=standing.terms or None,
            consents=list(standing.consents),
            wan=self._gate.has_wan,
            opens_in_s=opens_in_s,
        )

    def _counts(self, number: int) -> messages.Counts:
        gate, devices = self._gate, self._gate.sessions.devices.values()
        return messages.Counts(
            id=number,
            open=gate.sessions.open_count,
            joined=gate.joined,
            blocked=sum(each.state is State.BLOCKED for each in devices),
            refused=gate.usage.refused,
            refused_for=dict(gate.usage.refused_for),
            conflicts=sum(each.has_conflict for each in devices),
            bytes_up=gate.usage.bytes_up,
            bytes_down=gate.usage.bytes_down,
            engines=[
                messages.Engine(name=name, standing=each.standing, restarts=each.restarts)
                for name, each in sorted(gate.sharing.beside(gate.engines).items())
            ],
            fault=None if gate.fault is None else str(gate.fault)[:400],
            fault_vi=None if gate.fault is None else gate.fault.vi()[:400],
            retention=gate.recording.standing,
            wan=gate.has_wan,
            on_air=gate.on_air,
            most_on_air=None if gate.on_air is None else gate.plan.max_stations,
            line_quality=gate.line,
        )

    def _clients(self, number: int) -> list[messages.Clients]:
        up_ms = self._gate.now().up_ms
        shown = [each for each in self._gate.sessions.devices.values() if each.state is not State.NEW]
        shown.sort(key=lambda each: each.up + each.down, reverse=True)
        rows = [_client(each, up_ms) for each in shown]
        size = messages.CLIENTS_A_LINE
        parts = [rows[start : start + size] for start in range(0, len(rows), size)] or [[]]
        return [messages.Clients(id=number, clients=part, is_last=part is parts[-1]) for part in parts]

    async def _tell(self) -> None:
        """Say that we are there, and to the office what an hour was."""
        while True:
            for caller in tuple(self._connected):
                if not caller.is_greeted:
                    continue
                if caller.may_office:
                    self._tell_usage(caller)
                caller.send(messages.Beat())
            await asyncio.sleep(messages.BEAT_S)

    def _tell_usage(self, caller: _Caller) -> None:
        for hour in tuple(self._gate.usage.waiting.values()):
            if hour.hour in caller.told:
                continue
            caller.told.add(hour.hour)
            caller.send(
                messages.Usage(
                    hour=hour.hour,
                    sessions=hour.sessions,
                    peak_clients=hour.peak_clients,
                    refused=hour.refused,
                    bytes_down=hour.bytes_down,
                    bytes_up=hour.bytes_up,
                    suppressed=hour.sessions is None,
                )
            )

    def _known(self, writer: asyncio.StreamWriter) -> _Caller | None:
        uid = peer_uid(writer)
        is_root = uid == 0
        may_public = is_root or uid == uid_of(self._callers.public)
        may_office = is_root or uid == uid_of(self._callers.office)
        if not may_public and not may_office:
            log.warning("gate.stranger", uid=uid)
            return None
        return _Caller(writer, may_public, may_office)


def _asked(line: bytes, caller: _Caller) -> messages.AskedByPublic | messages.AskedByOffice:
    if caller.may_public and caller.may_office:
        with suppress(BadLineError):
            return messages.asked_by_public(line)
    return messages.asked_by_office(line) if caller.may_office else messages.asked_by_public(line)


def _client(device: Device, up_ms: int) -> messages.Client:
    state: str = device.state.value
    return messages.Client(
        handle=device.handle,
        state="blocked" if state == "blocked" else "spent" if state == "spent" else "open",
        since_s=max(0, up_ms - device.since_ms) // 1000,
        bytes_up=max(0, device.up),
        bytes_down=max(0, device.down),
        has_conflict=device.has_conflict,
    )


def _refusal(number: int, error: MotcuaError) -> messages.Refused:
    return messages.Refused(
        id=number,
        key=error.key,
        en=str(error)[:400],
        vi=error.vi()[:400],
        is_transient=isinstance(error, TransientError),
    )
