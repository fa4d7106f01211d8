"""Slow, many and greedy callers on a real port: they are let go, and others are answered."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse

from appliance.httpd import tls
from appliance.httpd.guard import Crowd, Limits
from appliance.httpd.server import HttpServer, Listener, tcp_socket

pytestmark = pytest.mark.integration

WAIT_S = 30.0
LIMITS = Limits(connections=40, per_peer=20, request_s=0.5, reading_s=0.5, handshake_s=0.5, header_bytes=4096)


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


@dataclass
class Served:
    """A server with one listener, and who is connected there."""

    http: HttpServer
    crowd: Crowd

    @property
    def ports(self) -> tuple[int, ...]:
        return self.http.ports


def serve(context: ssl.SSLContext | None = None) -> Served:
    listener = Listener(app, tcp_socket("127.0.0.1", 0), context, LIMITS)
    return Served(HttpServer.open([listener]), listener.crowd)


@pytest.fixture
def server() -> Iterator[Served]:
    subject = serve()
    yield subject
    subject.http.close()


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Served]:
    subject = serve(tls.own(tmp_path, "box", (), ()).context)
    yield subject
    subject.http.close()


def connect(server: Served, source: str = "127.0.0.1") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", server.ports[0]), WAIT_S, source_address=(source, 0))
    line.settimeout(WAIT_S)
    return line


def is_let_go(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


def answered(server: Served, source: str) -> bool:
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
def test_who_does_not_finish_is_let_go(server: Served, said: bytes) -> None:
    with connect(server) as line:
        line.sendall(said)
        # The answer to half a body may come before the line is cut.
        with contextlib.suppress(ConnectionResetError):
            while line.recv(4096):
                pass
    until(lambda: server.crowd.total == 0)


def test_who_drips_byte_by_byte_is_let_go_all_the_same(server: Served) -> None:
    with connect(server) as line, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pause = threading.Event()
        for _ in range(int(WAIT_S / 0.05)):
            line.sendall(b"a")
            pause.wait(0.05)
        raise AssertionError("never let go")
    until(lambda: server.crowd.total == 0)


def test_who_does_not_read_is_let_go(server: Served) -> None:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", server.ports[0]))
    with line:
        line.sendall(b"GET /endless HTTP/1.1\r\nHost: box\r\n\r\n")
        until(lambda: server.crowd.total == 1)
        until(lambda: server.crowd.total == 0)


def test_one_address_cannot_take_every_place(server: Served) -> None:
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


def test_a_caller_who_is_quick_is_kept_for_the_next_question(server: Served) -> None:
    pause = threading.Event()
    with httpx2.Client(base_url=f"http://127.0.0.1:{server.ports[0]}", timeout=30) as client:
        for _ in range(4):
            assert client.get("/").text == "here"
            pause.wait(0.2)  # together longer than one request may take
    until(lambda: server.crowd.total == 0)


def test_headers_have_a_size(server: Served) -> None:
    with connect(server) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: box\r\nX: " + b"x" * 8000)
        assert line.recv(12) == b"HTTP/1.1 400"


@pytest.mark.parametrize(
    "said",
    [
        b"G",
        b"GET / HTTP/1.1\r\nHost: box\r\n",
        b"POST / HTTP/1.1\r\nHost: box\r\nContent-Length: 9\r\n\r\nx",
        b"GET / HTTP/1.1\r\nHost: box\r\n\r\nGET / HT",
    ],
    ids=["a byte", "half the headers", "half a body", "half of one behind another"],
)
def test_who_does_not_finish_the_next_request_is_let_go(server: Served, said: bytes) -> None:
    with connect(server) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: box\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
        line.sendall(said)
        with contextlib.suppress(ConnectionResetError):
            while line.recv(4096):
                pass
    until(lambda: server.crowd.total == 0)


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02", b"GET / HTTP/1.1\r\nHost: box\r\n\r\n"])
def test_who_does_not_agree_on_tls_is_let_go(secure: Served, said: bytes) -> None:
    with connect(secure) as line:
        line.sendall(said)
        until(lambda: secure.crowd.total == 0)
        with contextlib.suppress(ConnectionResetError):
            while line.recv(4096):
                pass


def test_who_has_not_agreed_on_tls_counts(secure: Served) -> None:
    greedy = [connect(secure) for _ in range(LIMITS.per_peer)]
    try:
        with connect(secure) as one_more:
            assert is_let_go(one_more)
        assert secure.crowd.turned_away == 1
    finally:
        for line in greedy:
            line.close()
    until(lambda: secure.crowd.total == 0)


def test_tls_is_served(secure: Served) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(20):  # what comes with the end of the handshake is not lost
        with context.wrap_socket(connect(secure)) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n")
            got = b""
            while part := line.recv(4096):
                got += part
            assert got.startswith(b"HTTP/1.1 200")
            assert got.endswith(b"here")
    until(lambda: secure.crowd.total == 0)


def test_a_full_listener_leaves_room_at_the_others() -> None:
    few = Limits(connections=2, per_peer=2)
    listeners = [Listener(app, tcp_socket("127.0.0.1", 0), limits=few) for _ in range(2)]
    server = HttpServer.open(listeners)
    lines = [socket.create_connection(("127.0.0.1", server.ports[0]), WAIT_S) for _ in range(2)]
    try:
        until(lambda: listeners[0].crowd.total == 2)
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{server.ports[1]}", trust_env=False, timeout=30
        ) as client:
            assert client.get("/").text == "here"
    finally:
        for line in lines:
            line.close()
        server.close()
