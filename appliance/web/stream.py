"""Events to listeners over server-sent events: a full snapshot on every connection, then what happens.

A listener that falls behind is disconnected; it comes back and gets a snapshot. The id of each message is
``<epoch>:<seq>``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.desk.state import State
from appliance.wire.event import Event

MOST_BEHIND = 512
KEEPALIVE_S = 15.0


def message(kind: str, data: Any, message_id: str | None = None) -> bytes:  # noqa: ANN401 - any JSON value
    """Return one message of the event stream format."""
    head = f"id: {message_id}\n" if message_id else ""
    return f"{head}event: {kind}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"


@dataclass(frozen=True, slots=True)
class Told:
    """What a listener is told of the events.

    Args:
        hides: beginnings of the kinds that are left out.
        leaves_out: fields of an event's data that are left out.
        may_follow: asked before each message; the stream ends when it says no.
    """

    hides: tuple[str, ...] = ()
    leaves_out: frozenset[str] = frozenset()
    may_follow: Callable[[], bool] = lambda: True


class Listening:
    """One connection's place in the feed; make it on the event loop.

    Args:
        snapshot: from a state to what a new listener is shown first.
        told: what this listener is told, and for how long.
    """

    def __init__(self, snapshot: Callable[[State], dict[str, Any]], told: "Told | None" = None) -> None:
        self._snapshot = snapshot
        self._told = told or Told()
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(MOST_BEHIND)

    def on_commit(self, events: tuple[Event, ...], _state: State) -> None:
        """Take events from the desk's thread."""
        self._loop.call_soon_threadsafe(self._put, events)

    def _put(self, events: tuple[Event, ...]) -> None:
        try:
            for event in events:
                self._queue.put_nowait(event)
        except asyncio.QueueFull:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)

    async def messages(self, state: State) -> AsyncIterator[bytes]:
        """Yield the snapshot of a state, then every event after it, until the listener falls behind."""
        yield message("snapshot", self._snapshot(state), f"{state.epoch}:{state.seq}")
        while True:
            try:
                event = await asyncio.wait_for(self._queue.get(), KEEPALIVE_S)
            except TimeoutError:
                if not self._told.may_follow():
                    return
                yield b": still here\n\n"
                continue
            if event is None or not self._told.may_follow():
                return
            if event.epoch == state.epoch and event.seq <= state.seq:
                continue
            if event.kind.startswith(self._told.hides):
                continue
            yield message(event.kind, self._shown(event), f"{event.epoch}:{event.seq}")

    def _shown(self, event: Event) -> dict[str, Any]:
        data = {name: value for name, value in event.data.items() if name not in self._told.leaves_out}
        return {"seq": event.seq, "at": event.at, "clock": event.clock, "kind": event.kind, "data": data}
