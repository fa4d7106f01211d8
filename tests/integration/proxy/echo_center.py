"""A center of a few lines behind the proxy, and a client in front of it."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hostile_proxy import Fate, HostileProxy

BODY = b"motcua" * 50
TIME_OUT_S = 30


class EchoHandler(BaseHTTPRequestHandler):
    """Notes each request and answers with its number and body."""

    protocol_version = "HTTP/1.1"
    server: "Echo"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        with self.server.lock:
            self.server.requests.append((self.path, dict(self.headers.items()), body))
            number = len(self.server.requests)
        if len(body) < length and self.server.is_strict:
            self.close_connection = True
            return
        self._answer(f"{number}:".encode() + body)

    def do_GET(self) -> None:
        self._answer(b"well")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("X-Center", "yes")
        if self.server.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_seen: object) -> None:
        """Says nothing: the test output is no place for an access log."""


class Echo(ThreadingHTTPServer):
    """A center that remembers what reached it."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), EchoHandler)
        self.lock = threading.Lock()
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.is_strict = False
        self.is_chunked = False

    @property
    def bodies(self) -> list[bytes]:
        with self.lock:
            return [body for _, _, body in self.requests]


def post(
    proxy: HostileProxy, body: bytes = BODY, path: str = "/v1/batches"
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=TIME_OUT_S)
    try:
        connection.request("POST", path, body, {"Content-Encoding": "gzip", "X-Twice": "a"})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def is_cut(proxy: HostileProxy, body: bytes = BODY) -> bool:
    try:
        post(proxy, body)
    except (ConnectionError, http.client.HTTPException):
        return True
    return False


def only(echo: Echo, fate: Fate, seed: int = 1) -> HostileProxy:
    odds: dict[str, Any] = {fate.value: 1.0}
    return HostileProxy(echo.server_port, seed, **odds)
