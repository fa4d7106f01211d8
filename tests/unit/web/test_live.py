"""The hub: a snapshot on every connection, the newest to all, one rendering shared, nobody held up."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sim_desk import SimBox

from appliance.desk.state import State
from appliance.queueing.commands import IssueTicket
from appliance.web import live
from appliance.web.errors import CrowdedError
from appliance.web.live import Hub, Look, Places, places_of

WAIT_S = 30.0


class Watched:
    """A hub over a real desk, and how often its look was rendered."""

    def __init__(self, box: SimBox) -> None:
        self.box = box
        self.hub = Hub(lambda: box.desk.state)
        self.rendered = 0
        box.desk.listen(self.hub.on_commit)

    def render(self, state: State) -> Look:
        self.rendered += 1
        return Look({"count": f"<b>{len(state.hall.line)}</b>"}, {"waiting": len(state.hall.line)})

    def follow(
        self, key: str = "page", render: Callable[[State], Look] | None = None, **more: Any
    ) -> AsyncIterator[bytes]:
        return self.hub.follow(key, render or self.render, **more).body_iterator  # type: ignore[return-value]


@pytest.fixture
def subject(tmp_path):
    box = SimBox(tmp_path)
    box.start()
    yield Watched(box)
    box.stop()


def run(work: Any) -> None:
    asyncio.run(asyncio.wait_for(work, WAIT_S))


def read(part: bytes) -> dict[str, Any]:
    """What a browser hands to the page, after checking that the id is said twice."""
    lines = part.decode().split("\n")
    message = json.loads(lines[1].removeprefix("data: "))
    assert lines[0] == f"id: {message['id']}"
    assert isinstance(message, dict)
    return message


async def first(stream: AsyncIterator[bytes]) -> dict[str, Any]:
    assert (await anext(stream)).startswith(b"retry:")
    return read(await anext(stream))


async def until_waiting(stream: AsyncIterator[bytes], count: int) -> dict[str, Any]:
    while True:
        part = await anext(stream)
        if part.startswith(b"id:") and (message := read(part))["facts"]["waiting"] >= count:
            return message


def test_a_snapshot_comes_first_and_changes_follow(subject):
    async def work():
        subject.box.issue()
        stream = subject.follow()
        snapshot = await first(stream)
        assert snapshot["regions"] == {"count": "<b>1</b>"}
        assert snapshot["id"] == f"{subject.box.desk.state.epoch}:{subject.box.desk.state.seq}"
        await asyncio.to_thread(subject.box.issue)
        assert (await until_waiting(stream, 2))["facts"] == {"waiting": 2}
        await stream.aclose()

    run(work())


def test_fifty_followers_share_one_rendering_of_a_change(subject):
    async def work():
        streams = [subject.follow() for _ in range(50)]
        for stream in streams:
            await first(stream)
        before = subject.rendered
        await asyncio.to_thread(subject.box.issue)
        for stream in streams:
            await until_waiting(stream, 1)
        assert subject.rendered - before <= 3
        for stream in streams:
            await stream.aclose()
        assert subject.hub.listeners == 0
        assert subject.hub._channels == {}

    run(work())


def test_who_joins_does_not_keep_a_change_from_the_others(subject):
    async def work():
        early = subject.follow()
        await first(early)
        await asyncio.to_thread(subject.box.issue)
        late = subject.follow()  # renders the change itself, perhaps before the hub does
        assert (await first(late))["facts"]["waiting"] == 1
        assert (await until_waiting(early, 1))["facts"]["waiting"] == 1
        await early.aclose()
        await late.aclose()

    run(work())


def test_a_slow_reader_gets_the_newest_and_keeps_nothing(subject):
    async def work():
        slow = subject.follow()
        await first(slow)
        quick = subject.follow()
        await first(quick)
        for number in range(1, 21):
            await asyncio.to_thread(subject.box.issue)
            await until_waiting(quick, number)
        assert (await until_waiting(slow, 1))["facts"]["waiting"] == 20
        await slow.aclose()
        await quick.aclose()

    run(work())


def test_a_look_that_does_not_change_is_not_sent_again(subject, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.2)

    async def work():
        stream = subject.follow("still", lambda _state: Look({"a": "same"}))
        assert (await first(stream))["regions"] == {"a": "same"}
        await asyncio.to_thread(subject.box.issue)
        assert (await anext(stream)).startswith(b"event: beat")
        await stream.aclose()

    run(work())


def test_a_bug_of_one_page_does_not_silence_another(subject):
    def broken(state: State) -> Look:
        if len(state.hall.line):
            msg = "a bug"
            raise RuntimeError(msg)
        return Look({}, {"waiting": 0})

    async def work():
        bad, good = subject.follow("bad", broken), subject.follow("good")
        await first(bad)
        await first(good)
        await asyncio.to_thread(subject.box.issue)
        await until_waiting(good, 1)
        await bad.aclose()
        await good.aclose()

    run(work())


def test_a_stream_ends_with_its_session(subject, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.1)
    signed_in = threading.Event()
    signed_in.set()

    async def work():
        stream = subject.follow(may_follow=signed_in.is_set)
        await first(stream)
        signed_in.clear()
        assert [part async for part in stream] == []

    run(work())


def test_there_is_room_for_so_many(subject):
    async def work():
        two = (("everybody", 2),)
        streams = [subject.follow(places=two) for _ in range(2)]
        for stream in streams:
            await first(stream)
        with pytest.raises(CrowdedError):
            subject.follow(places=two)
        await streams[0].aclose()
        await first(subject.follow(places=two))
        await streams[1].aclose()

    run(work())


def test_one_address_full_of_strangers_keeps_nobody_out(subject):
    async def work():
        streams: list[AsyncIterator[bytes]] = []

        async def fill(places: Places) -> int:
            """Follow until there is no room; return how many found some."""
            for count in range(live.MOST_LISTENERS + 1):
                try:
                    streams.append(subject.follow(places=places))
                except CrowdedError:
                    return count
                await first(streams[-1])
            return -1

        assert await fill(places_of("10.0.0.1", is_stranger=True)) == live.MOST_OF_A_STRANGER
        for number in range(2, 40):
            await fill(places_of(f"10.0.0.{number}", is_stranger=True))
        assert len(streams) == live.MOST_STRANGERS
        assert await fill(places_of("10.0.0.1")) == live.MOST_OF_AN_ADDRESS
        for number in range(2, 40):
            await fill(places_of(f"10.0.0.{number}"))
        assert subject.hub.listeners == live.MOST_LISTENERS
        # And the box's own screens are shown all the same.
        assert await fill(places_of("127.0.0.1", is_own_screen=True)) == -1
        for stream in streams:
            await stream.aclose()
        assert subject.hub.listeners == 0
        assert await fill(places_of("10.0.0.1")) == live.MOST_OF_AN_ADDRESS
        for stream in streams[-live.MOST_OF_AN_ADDRESS :]:
            await stream.aclose()

    run(work())


def test_a_burst_reaches_every_follower_in_the_end(subject):
    async def work():
        stream = subject.follow()
        await first(stream)
        desk = subject.box.desk
        futures = [desk.post(IssueTicket(service="ho-tich")) for _ in range(300)]
        await asyncio.to_thread(lambda: [future.result(WAIT_S) for future in futures])
        assert (await until_waiting(stream, 300))["facts"]["waiting"] == 300
        await stream.aclose()

    run(work())


def test_what_no_event_tells_is_shown_within_seconds(subject, monkeypatch):
    monkeypatch.setattr(live, "PULSE_S", 0.05)
    stopped: list[str] = []

    async def work():
        hub = Hub(lambda: subject.box.desk.state, lambda: tuple(stopped))
        stream = hub.follow("page", lambda _state: Look({"stopped": str(stopped)})).body_iterator
        assert (await first(stream))["regions"] == {"stopped": "[]"}
        stopped.append("the disk is full")
        part = await anext(stream)
        assert read(part)["regions"] == {"stopped": "['the disk is full']"}
        await stream.aclose()

    run(work())
