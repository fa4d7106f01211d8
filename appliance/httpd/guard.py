"""uvicorn's HTTP/1.1 protocol with deadlines and caps, so that slow or many callers hold nobody up.

uvicorn waits for ever for a request to be completed and for an answer to be read; a handful of idle phones,
or one program that sends a byte a minute, would take every connection there is.
"""

import asyncio
import ssl
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import get_remote_addr


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server puts up with.

    Args:
        connections: at most so many at once; further ones are closed at once.
        per_peer: the same from one address.
        request_s: seconds from a request's first byte (or the connection's start) until it must be complete.
        reading_s: seconds for which a caller may leave an answer unread.
        handshake_s: seconds until TLS must be agreed on; the same for taking leave.
        header_bytes: most bytes of a request line and its headers.
    """

    connections: int = 256
    per_peer: int = 64
    request_s: float = 15.0
    reading_s: float = 30.0
    handshake_s: float = 5.0
    header_bytes: int = 16_384


@dataclass(slots=True)
class Crowd:
    """Who is connected at one listener."""

    total: int = 0
    by_peer: Counter[str] = field(default_factory=Counter)
    turned_away: int = 0

    def enter(self, peer: str, limits: Limits) -> bool:
        """Count a connection in; return whether there is room."""
        if self.total >= limits.connections or self.by_peer[peer] >= limits.per_peer:
            self.turned_away += 1
            if not self.by_peer[peer]:
                del self.by_peer[peer]
            return False
        self.total += 1
        self.by_peer[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        """Count it out."""
        self.total -= 1
        self.by_peer[peer] -= 1
        if not self.by_peer[peer]:
            del self.by_peer[peer]


def guarded(limits: Limits, crowd: Crowd, tls: ssl.SSLContext | None = None) -> type[asyncio.Protocol]:
    """Return the protocol class of one listener: all its connections share ``crowd``.

    TLS is agreed on in here and not by uvicorn, which would neither count those who have not said hello yet
    nor let go of them for a minute; each of them costs a quarter of a megabyte.
    """

    class Guarded(_Guarded):
        pass

    Guarded.limits, Guarded.crowd, Guarded.tls = limits, crowd, tls
    return Guarded


class _Guarded(H11Protocol):
    limits: Limits
    crowd: Crowd
    tls: ssl.SSLContext | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__(*args, **kwargs)
        self._peer: str | None = None
        self._request_timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._early: list[bytes] = []
        self._is_begun = self._is_lost = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        remote = get_remote_addr(transport)
        # On a Unix socket everybody is one peer: permissions guard it, not counting.
        peer = remote[0] if remote else ""
        if peer and not self.crowd.enter(peer, self.limits):
            transport.abort()
            return
        self._peer = peer or None
        if self.tls is None:
            self._begin(transport)
        else:
            transport.pause_reading()
            self._handshake = self.loop.create_task(self._secure(transport, self.tls))

    async def _secure(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        secured: asyncio.Transport | None = None
        try:
            secured = await self.loop.start_tls(
                transport,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=self.limits.handshake_s,
                ssl_shutdown_timeout=self.limits.handshake_s,
            )
        except OSError:  # too slow, gone, or no TLS at all (ssl.SSLError)
            transport.abort()
        if secured is None or self._is_lost:
            self._leave()
            return
        self._begin(secured)
        early, self._early = self._early, []
        for data in early:
            self.data_received(data)

    def _begin(self, transport: asyncio.Transport) -> None:
        self._is_begun = True
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        self._stop_timers()
        self._leave()
        if self._is_begun:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._is_begun:  # came together with the end of the handshake
            self._early.append(data)
            return
        if self._request_timer is None:
            self._await_request()
        super().data_received(data)
        if self._is_whole() and self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # What came of the next request while this one was answered.
        if not self._is_whole() and self._request_timer is None:
            self._await_request()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._reading_timer is None:
            self._reading_timer = self.loop.call_later(self.limits.reading_s, self._give_up)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None

    def _await_request(self) -> None:
        self._request_timer = self.loop.call_later(self.limits.request_s, self._give_up)

    def _is_whole(self) -> bool:
        """Whether no request has been begun and not completed."""
        state = self.conn.their_state
        if state is h11.IDLE:
            # Before the first request there is no cycle yet, whatever uvicorn's annotation says.
            has_had_one = self.cycle is not None
            return has_had_one and not self.conn.trailing_data[0]
        return state is not h11.SEND_BODY

    def _give_up(self) -> None:
        self._stop_timers()
        if self.transport is not None:
            self.transport.abort()

    def _leave(self) -> None:
        if self._peer is not None:
            self.crowd.leave(self._peer)
            self._peer = None

    def _stop_timers(self) -> None:
        for timer in (self._request_timer, self._reading_timer):
            if timer is not None:
                timer.cancel()
        self._request_timer = self._reading_timer = None
