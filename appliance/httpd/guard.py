"""uvicorn's HTTP/1.1 protocol with deadlines and caps, so that slow or many callers hold nobody up.

uvicorn waits for ever for a request to be completed and for an answer to be read; a handful of idle phones,
or one program that sends a byte a minute, would take every connection there is.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server puts up with.

    Args:
        connections: at most so many at once; further ones are closed at once.
        per_peer: the same from one address.
        request_s: seconds from a request's first byte (or the connection's start) until it must be complete.
        reading_s: seconds for which a caller may leave an answer unread.
        header_bytes: most bytes of a request line and its headers.
    """

    connections: int = 256
    per_peer: int = 64
    request_s: float = 15.0
    reading_s: float = 30.0
    header_bytes: int = 16_384


@dataclass(slots=True)
class Crowd:
    """Who is connected to one server."""

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


def guarded(limits: Limits, crowd: Crowd) -> type[asyncio.Protocol]:
    """Return the protocol class of one server: all its connections share ``crowd``."""

    class Guarded(_Guarded):
        pass

    Guarded.limits, Guarded.crowd = limits, crowd
    return Guarded


class _Guarded(H11Protocol):
    limits: Limits
    crowd: Crowd

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__(*args, **kwargs)
        self._peer: str | None = None
        self._request_timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = self.client[0] if self.client else ""
        # On a Unix socket everybody is one peer: permissions guard it, not counting.
        is_counted = bool(peer)
        if is_counted and not self.crowd.enter(peer, self.limits):
            transport.abort()
            return
        self._peer = peer if is_counted else None
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timers()
        if self._peer is not None:
            self.crowd.leave(self._peer)
            self._peer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._request_timer is None:
            self._await_request()
        super().data_received(data)
        if self._has_whole_request() and self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

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

    def _has_whole_request(self) -> bool:
        # Before the first request there is no cycle yet, whatever uvicorn's annotation says.
        return not getattr(self.cycle, "more_body", True)

    def _give_up(self) -> None:
        self._stop_timers()
        if self.transport is not None:
            self.transport.abort()

    def _stop_timers(self) -> None:
        for timer in (self._request_timer, self._reading_timer):
            if timer is not None:
                timer.cancel()
        self._request_timer = self._reading_timer = None
