"""Slow, many and greedy callers on a real port: they are let go, and others are answered."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse

from appliance.httpd.guard import Limits
from appliance.httpd.server import HttpServer, Listener, tcp_socket

pytestmark = pytest.mark.integration

WAIT_S = 30.0
LIMITS = Limits(connections=40, per_peer=20, request_s=0.5, reading_s=0.5, header_bytes=4096)


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/endless":

        async def body() -> Any:
            while True:
                yield b"x" * 65_536
                await asyncio.sleep(0)

        with contextlib.suppress(asyncio.CancelledError):
            await StreamingResponse(body())(scope, receive, send)
        return
    await PlainTextResponse("here")(scope, receive, send)


@pytest.fixture
def server() -> Iterator[HttpServer]:
    subject = HttpServer.open([Listener(app, tcp_socket("127.0.0.1", 0), limits=LIMITS)])
    yield subject
    subject.close()


def connect(server: HttpServer, source: str = "127.0.0.1") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", server.ports[0]), WAIT_S, source_address=(source, 0))
    line.settimeout(WAIT_S)
    return line


def is_let_go(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


def answered(server: HttpServer, source: str) -> bool:
    with connect(server, source) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n")
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while part := line.recv(4096):
                got += part
        return got.startswith(b"HTTP/1.1 200")


def until(condition: Any) -> None:
    pause = threading.Event()
    for _ in range(int(WAIT_S * 100)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never happened")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: box\r\n",
        b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\nx",
    ],
    ids=["nothing", "half a line", "half the headers", "half a body"],
)
def test_who_does_not_finish_is_let_go(server: HttpServer, said: bytes) -> None:
    with connect(server) as line:
        line.sendall(said)
        # The answer to half a body may come before the line is cut.
        with contextlib.suppress(ConnectionResetError):
            while line.recv(4096):
                pass
    until(lambda: server.crowd.total == 0)


def test_who_drips_byte_by_byte_is_let_go_all_the_same(server: HttpServer) -> None:
    with connect(server) as line, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pause = threading.Event()
        for _ in range(int(WAIT_S / 0.05)):
            line.sendall(b"a")
            pause.wait(0.05)
        raise AssertionError("never let go")
    until(lambda: server.crowd.total == 0)


def test_who_does_not_read_is_let_go(server: HttpServer) -> None:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", server.ports[0]))
    with line:
        line.sendall(b"GET /endless HTTP/1.1\r\nHost: box\r\n\r\n")
        until(lambda: server.crowd.total == 1)
        until(lambda: server.crowd.total == 0)


def test_one_address_cannot_take_every_place(server: HttpServer) -> None:
    greedy = [connect(server) for _ in range(LIMITS.per_peer)]
    try:
        until(lambda: server.crowd.total == LIMITS.per_peer)
        with connect(server) as one_more:
            assert is_let_go(one_more)
        assert answered(server, "127.0.0.2")
        assert server.crowd.turned_away == 1
    finally:
        for line in greedy:
            line.close()
    until(lambda: server.crowd.total == 0)
    assert answered(server, "127.0.0.1")


def test_a_caller_who_is_quick_is_kept_for_the_next_question(server: HttpServer) -> None:
    pause = threading.Event()
    with httpx2.Client(base_url=f"http://127.0.0.1:{server.ports[0]}") as client:
        for _ in range(4):
            assert client.get("/").text == "here"
            pause.wait(0.2)  # together longer than one request may take
    until(lambda: server.crowd.total == 0)


def test_headers_have_a_size(server: HttpServer) -> None:
    with connect(server) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: box\r\nX: " + b"x" * 8000)
        assert line.recv(12) == b"HTTP/1.1 400"
