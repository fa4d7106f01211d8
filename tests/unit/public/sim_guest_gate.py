"""The gate of the public WiFi without a kernel: in memory, and behind its socket as another process."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from appliance.public.errors import GateAwayError, RefusedError
from appliance.sockets import gate
from appliance.sockets.door import Named
from appliance.sockets.errors import BadLineError
from appliance.sockets.portal import Portal, Purpose, Terms

NAME = "wifi.motcua.internal"
TERMS = Terms(vi="Không gửi thư rác.\nKhông tấn công máy khác.", en="No spam.\nNo attacks on other devices.")
STATS = Purpose(key="khao-sat", name=Named(vi="Mời tôi trả lời khảo sát", en="Invite me to a survey"))
PORTAL = Portal(
    name=NAME, hosts=("10.77.0.1", "fd77:6d63:7561::1"), guests="fd77:6d63:7561::/64", terms=TERMS,
    hours=("07:30-11:30, 13:30-17:00",) * 5 + ("00:00-24:00", ""), has_tickets=True, has_wan=True,
)  # fmt: skip
SESSION_S, QUOTA = 14_400, 1_073_741_824
REFUSALS = {
    "spent": (
        "hotspot.quota_spent",
        "the 1024 MiB of today are used up",
        "Máy này đã dùng hết 1024 MiB của hôm nay",
    ),
    "blocked": ("hotspot.blocked", "this device is blocked", "Máy này đang bị chặn"),
    "closed": ("hotspot.outside_hours", "the WiFi is closed at this hour", "WiFi đang ngoài giờ phục vụ"),
    "full": ("hotspot.full", "all places are taken", "WiFi đã hết chỗ"),
}


class InMemoryGate:
    """Keeps how each address stands; ``is_up`` may be switched off."""

    def __init__(self) -> None:
        self.standings: dict[str, gate.State] = {}
        self.otherwise: gate.State = "new"
        self.opened: list[tuple[str, str, tuple[str, ...]]] = []
        self.agreed: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.anybody: tuple[str | None, tuple[str, ...]] = (None, ())
        self.closed: list[str] = []
        self.wan: bool | None = None
        self.opens_in_s: int | None = None
        self.asked = 0
        self.is_up = True

    def state_of(self, address: str) -> gate.State:
        return self.standings.get(address, self.otherwise)

    def answer(self, asked: gate.AskedByPublic) -> gate.Status | gate.Done | gate.Refused:
        """Answer as the gate does: whoever agrees is told how his device stands then."""
        assert not isinstance(asked, gate.Hello)
        state = self.state_of(asked.address)
        if isinstance(asked, gate.Open):
            if state in REFUSALS or state == "away":
                key, en, vi = REFUSALS.get(state, ("hotspot.shut", "the gate is shut", "Cổng đóng"))
                return gate.Refused(id=asked.id, key=key, en=en, vi=vi, is_transient=state == "away")
            self.opened.append((asked.address, asked.terms, tuple(asked.consents)))
            self.agreed[asked.address] = asked.terms, tuple(asked.consents)
            state = self.standings[asked.address] = "open"
        elif isinstance(asked, gate.Withdraw | gate.Close):
            return self._given_up(asked, state)
        else:
            self.asked += 1
        is_open = state == "open"
        terms, consents = self.agreed.get(asked.address, self.anybody) if is_open else (None, ())
        return gate.Status(
            id=asked.id, state=state, seconds_left=SESSION_S if is_open else None,
            bytes_left=QUOTA if state in {"open", "new"} else None, terms=terms, consents=list(consents),
            wan=None if state == "away" else self.wan,
            opens_in_s=self.opens_in_s if state == "closed" else None,
        )  # fmt: skip

    def _given_up(self, asked: gate.Withdraw | gate.Close, state: gate.State) -> gate.Done | gate.Refused:
        if state == "away":
            return gate.Refused(
                id=asked.id,
                key="hotspot.not_a_guest",
                en="no guest",
                vi="Không phải khách",
                is_transient=False,
            )
        if isinstance(asked, gate.Close):
            self.closed.append(asked.address)
            self.agreed.pop(asked.address, None)
            if state == "open":
                self.standings[asked.address] = "new"
        elif asked.address in self.agreed:
            terms, consents = self.agreed[asked.address]
            left = tuple(each for each in consents if each not in asked.consents)
            self.agreed[asked.address] = terms, left
        return gate.Done(id=asked.id)

    async def status(self, address: str) -> gate.Status:
        if not self.is_up:
            raise GateAwayError
        told = self.answer(gate.StatusOf(id=1, address=address))
        assert isinstance(told, gate.Status)
        return told

    async def open(self, address: str, terms: str, consents: Sequence[str]) -> None:
        self._told(gate.Open(id=1, address=address, terms=terms, consents=list(consents)))

    async def withdraw(self, address: str, consents: Sequence[str]) -> None:
        self._told(gate.Withdraw(id=1, address=address, consents=list(consents)))

    async def close(self, address: str) -> None:
        self._told(gate.Close(id=1, address=address))

    def _told(self, asked: gate.Open | gate.Withdraw | gate.Close) -> None:
        if not self.is_up:
            raise GateAwayError
        told = self.answer(asked)
        if isinstance(told, gate.Refused):
            if told.is_transient:
                raise GateAwayError
            raise RefusedError(reason=told.key, en=told.en, vi=told.vi)


class SimGate:
    """The same behind a socket, on a thread of its own; close it.

    Args:
        folder: of the socket.
        beat_s: between two beats.
    """

    def __init__(self, folder: Path, beat_s: float = 0.2) -> None:
        self.inner = InMemoryGate()
        self.is_deaf = False
        self.garbage = b""
        self.cut_off = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._beat_s = folder / gate.SOCKET, beat_s
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._stop: asyncio.Event = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="sim-gate", daemon=True)
        self._thread.start()
        assert self._ready.wait(30)

    def close(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._meet, str(self._path))
        beating = asyncio.create_task(self._beat())
        self._ready.set()
        await self._stop.wait()
        beating.cancel()
        server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        self._path.unlink(missing_ok=True)
        await asyncio.sleep(0.05)

    async def _beat(self) -> None:
        while True:
            for writer in tuple(self._writers):
                if not self.is_deaf:
                    writer.write(gate.Beat().line())
            await asyncio.sleep(self._beat_s)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = gate.asked_by_public(await reader.readline())
            assert isinstance(first, gate.Hello)
            writer.write(gate.Hello().line())
            self._writers.add(writer)
            while line := await reader.readline():
                asked = gate.asked_by_public(line)
                if self.garbage:
                    writer.write(self.garbage)
                elif not self.is_deaf:
                    writer.write(self.inner.answer(asked).line())
        except (BadLineError, AssertionError):
            self.cut_off += 1
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()
