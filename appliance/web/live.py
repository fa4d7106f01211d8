"""Pages that follow the hall: each look is rendered once for everybody who shares it, and pushed.

A message is a full snapshot: ``{"id": "<epoch>:<seq>", "regions": {name: html}, "facts": {...}}``. Whoever
connects, for the first time or again, gets one at once, so nothing that happened meanwhile is missed; a slow
reader gets the newest and not the ones between. Regions are swapped by ``static/live.js``.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from fastapi.responses import StreamingResponse

from appliance.desk.state import State
from appliance.httpd.streams import BEAT, BEAT_S, RETRY, streamed
from appliance.web.errors import CrowdedError
from appliance.wire.event import Event

log = structlog.get_logger(__name__)

MOST_LISTENERS = 128
"""Beside the box's own screens, for which there is always room."""
MOST_STRANGERS = 32
"""Of them, those who have neither signed in nor been paired: the others always find room."""
MOST_OF_A_STRANGER = 8
"""The same from one address."""
MOST_OF_AN_ADDRESS = 24
"""Of those who have signed in or been paired, from one address."""
TICK_S = 30.0
"""Waits and expectations change without anything happening."""
PULSE_S = 1.0
"""How soon pages tell what no event tells: that recording has stopped."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page shows of one state.

    Args:
        regions: HTML by the region's name.
        facts: JSON values for the page's script.
    """

    regions: dict[str, str]
    facts: dict[str, Any] = field(default_factory=dict)


Render = Callable[[State], Look]
Places = tuple[tuple[str, int], ...]
"""Whose places a listener takes, and how many there are of each."""
EVERYBODY = ("everybody", MOST_LISTENERS)


def places_of(address: str, *, is_own_screen: bool = False, is_stranger: bool = False) -> Places:
    """Return the places that a listener takes.

    Args:
        address: where it calls from.
        is_own_screen: it sits at the box.
        is_stranger: it has neither signed in nor been paired.
    """
    if is_own_screen:
        return ()
    if is_stranger:
        return EVERYBODY, ("strangers", MOST_STRANGERS), (f"stranger {address}", MOST_OF_A_STRANGER)
    return EVERYBODY, (address, MOST_OF_AN_ADDRESS)


@dataclass(eq=False, slots=True)
class _Channel:
    """One look and who follows it."""

    render: Render
    listeners: set["_Listener"] = field(default_factory=set)
    latest: bytes = b""
    shown: bytes = b""
    pushed: bytes = b""


@dataclass(eq=False, slots=True)
class _Listener:
    """One connection: the newest message it has not been sent, and what wakes it."""

    waiting: bytes | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Renders and pushes; everything but :meth:`on_commit` belongs to the server's event loop.

    Args:
        state: returns what is recorded and true.
        pulse: returns what pages show and no event tells; when it differs, they are rendered again.
    """

    def __init__(self, state: Callable[[], State], pulse: Callable[[], object] = lambda: None) -> None:
        self._state = state
        self._pulse = pulse
        self._beat = pulse()
        self._channels: dict[Hashable, _Channel] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed: asyncio.Event
        self._task: asyncio.Task[None] | None = None
        self._taken: Counter[str] = Counter()

    @property
    def listeners(self) -> int:
        """How many follow."""
        return sum(len(channel.listeners) for channel in self._channels.values())

    def on_commit(self, _events: tuple[Event, ...], _state: State) -> None:
        """Take note that something happened; called in the desk's thread."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the server is closing
                loop.call_soon_threadsafe(self._changed.set)

    def nudge(self) -> None:
        """Look again although nothing was recorded: settings, devices; from any thread."""
        self.on_commit((), self._state())

    def follow(
        self,
        key: Hashable,
        render: Render,
        may_follow: Callable[[], bool] = lambda: True,
        places: Places = (EVERYBODY,),
    ) -> StreamingResponse:
        """Return the stream of a look.

        Args:
            key: equal for callers who may share one rendering: page, language, what it is about.
            render: from a state to what is shown; must not block.
            may_follow: asked before each message; the stream ends when the session has ended.
            places: what the listener takes while it follows; see :func:`places_of`.

        Raises:
            CrowdedError: too many follow already.
        """
        for name, most in places:
            if self._taken[name] >= most:
                raise CrowdedError(most=most)
        return streamed(self._messages(key, render, may_follow, [name for name, _ in places]))

    async def _messages(
        self, key: Hashable, render: Render, may_follow: Callable[[], bool], places: list[str]
    ) -> AsyncIterator[bytes]:
        self._start()
        channel = self._channels.setdefault(key, _Channel(render))
        listener = _Listener()
        channel.listeners.add(listener)
        self._taken.update(places)
        try:
            yield RETRY
            # Rendered anew: the channel's latest may be older than what was recorded just now.
            message = self._rendered(channel)
            if len(channel.listeners) == 1:
                channel.pushed = channel.shown
            yield message
            while True:
                newest = await _next(listener)
                if not may_follow():
                    return
                yield BEAT if newest is None else newest
        finally:
            self._taken.subtract(places)
            self._taken = +self._taken
            channel.listeners.discard(listener)
            if not channel.listeners and self._channels.get(key) is channel:
                del self._channels[key]

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._changed = asyncio.Event()
            self._loop = loop
            self._task = loop.create_task(self._run())

    async def _run(self) -> None:
        while True:
            await self._until_due()
            started_s = self._now_s()
            for channel in list(self._channels.values()):
                self._push(channel)
                await asyncio.sleep(0)  # between two looks others are served
            # A box that is busy showing must still have time to record.
            await asyncio.sleep(min(0.5, self._now_s() - started_s))

    async def _until_due(self) -> None:
        """Wait until something has happened, the pulse differs, or it is time to look again anyway."""
        due_s = self._now_s() + TICK_S
        while not self._changed.is_set() and self._now_s() < due_s and self._pulse() == self._beat:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), PULSE_S)
        self._changed.clear()
        self._beat = self._pulse()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _push(self, channel: _Channel) -> None:
        try:
            message = self._rendered(channel)
        except Exception:
            # One page's bug is not to silence the others.
            log.exception("live.not_rendered")
            return
        if channel.shown == channel.pushed:
            return
        channel.pushed = channel.shown
        for listener in channel.listeners:
            listener.waiting = message
            listener.woken.set()

    def _rendered(self, channel: _Channel) -> bytes:
        state = self._state()
        look = channel.render(state)
        shown = orjson.dumps({"regions": look.regions, "facts": look.facts})
        if not channel.latest or channel.shown != shown:
            name = f"{state.epoch}:{state.seq}"
            head = f'id: {name}\ndata: {{"id":"{name}",'.encode()
            channel.latest, channel.shown = head + shown[1:] + b"\n\n", shown
        return channel.latest


async def _next(listener: _Listener) -> bytes | None:
    """Wait for the newest message; None when it is time for a beat."""
    try:
        await asyncio.wait_for(listener.woken.wait(), BEAT_S)
    except TimeoutError:
        return None
    listener.woken.clear()
    message, listener.waiting = listener.waiting, None
    return message
