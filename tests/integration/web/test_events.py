"""The stream of events: a snapshot first, then everything after it, and nobody is held up."""

import itertools
import socket
import threading
from collections.abc import Iterator

import pytest
from sim_api import Message, SimApi, messages, until
from sim_desk import WAIT_S

from appliance.queueing.commands import IssueTicket

pytestmark = pytest.mark.integration

MORE_THAN_THE_SOCKET_HOLDS = 3_000


def test_snapshot_comes_first_then_what_happens(api: SimApi) -> None:
    api.done("tickets", request="r1", service="ho-tich")
    with api.listening() as stream:
        first = next(stream)
        assert first.kind == "snapshot"
        assert first.id == f"{api.box.desk.state.epoch}:2"
        assert first.data["services"][0]["waiting"][0]["label"] == "A001"
        api.done("tickets", request="r2", service="ho-tich")
        api.done("counters/q1/open", request="r3")
        then = list(itertools.islice(stream, 2))
    assert [(message.kind, message.seq) for message in then] == [("ticket.issued", 3), ("counter.opened", 4)]
    assert then[0].data["data"]["label"] == "A002"
    assert then[0].data["kind"] == "ticket.issued"
    assert set(then[0].data) == {"seq", "at", "clock", "kind", "data"}


def test_who_comes_back_in_the_middle_of_traffic_misses_nothing(api: SimApi) -> None:
    stop = threading.Event()

    def press() -> None:
        while not stop.is_set():
            api.box.issue()

    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        for _ in range(8):
            with api.listening() as stream:
                snapshot, *events = itertools.islice(stream, 40)
            check_follows(snapshot, events)
    finally:
        stop.set()
        pressing.join(WAIT_S)


def check_follows(snapshot: Message, events: list[Message]) -> None:
    """Check that the events are exactly those after the snapshot."""
    assert snapshot.kind == "snapshot"
    assert snapshot.seq == snapshot.data["seq"]
    assert [event.seq for event in events] == list(range(snapshot.seq + 1, snapshot.seq + 1 + len(events)))
    waiting = len(snapshot.data["services"][0]["waiting"])
    if events:
        assert events[0].data["data"]["label"] == f"A{waiting + 1:03d}"


def test_listener_that_hangs_up_is_forgotten(api: SimApi) -> None:
    idle = len(api.box.desk._listeners)
    with api.listening() as stream:
        next(stream)
        assert len(api.box.desk._listeners) == idle + 1
    until(lambda: len(api.box.desk._listeners) == idle)
    api.box.issue()


def test_listener_that_hangs_up_before_it_is_answered_is_forgotten(api: SimApi) -> None:
    idle = len(api.box.desk._listeners)
    for _ in range(50):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(api.path))
            line.sendall(b"GET /v1/events HTTP/1.1\r\nHost: office\r\n\r\n")
    assert api.client.get("/v1/health").status_code == 200
    until(lambda: len(api.box.desk._listeners) == idle)


def test_slow_listener_is_cut_off_and_holds_nobody(api: SimApi) -> None:
    idle = len(api.box.desk._listeners)
    with socket.socket(socket.AF_UNIX) as line, api.listening() as other:
        line.connect(str(api.path))
        line.sendall(b"GET /v1/events HTTP/1.1\r\nHost: office\r\nConnection: close\r\n\r\n")
        next(other)
        until(lambda: len(api.box.desk._listeners) == idle + 2)
        # The slow one never reads; the other follows all the time.
        for number in range(MORE_THAN_THE_SOCKET_HOLDS // 500):
            futures = [api.box.desk.post(IssueTicket(service="ho-tich")) for _ in range(500)]
            assert [future.result(WAIT_S).seq for future in futures][-1] == 1 + 500 * (number + 1)
            seen = [message.seq for message in itertools.islice(other, 500)]
            assert seen[-1] == 1 + 500 * (number + 1)
        got = [message for message in messages(read_lines(line)) if message.kind != "snapshot"]
    assert [message.seq for message in got] == list(range(2, 2 + len(got)))  # no gap up to where it was cut
    assert 0 < len(got) < MORE_THAN_THE_SOCKET_HOLDS
    until(lambda: len(api.box.desk._listeners) == idle)


def read_lines(line: socket.socket) -> Iterator[str]:
    """Read a chunked answer to its end."""
    line.settimeout(WAIT_S)
    with line.makefile("rb") as file:
        while file.readline().strip():
            pass
        data = bytearray()
        while size := int(file.readline(), 16):
            data += file.read(size)
            file.readline()
    yield from data.decode().split("\n")


def test_open_streams_end_when_the_office_stops(api: SimApi) -> None:
    ended = threading.Event()

    def listen() -> None:
        try:
            with api.listening() as stream:
                started.set()
                for _ in stream:
                    pass
        except OSError:
            pass
        except Exception as error:  # noqa: BLE001 - httpx2 has its own tree of errors
            assert "closed" in str(error).lower() or "peer" in str(error).lower(), error  # noqa: PT017
        ended.set()

    started = threading.Event()
    threading.Thread(target=listen, daemon=True).start()
    assert started.wait(WAIT_S)
    api.close()
    assert ended.wait(WAIT_S)
