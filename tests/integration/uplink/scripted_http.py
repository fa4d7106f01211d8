"""A small HTTP(S) center whose answers a test writes down, also those that no center would give."""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

SAFETY_S = 60.0


@dataclass
class Request:
    """What came."""

    path: str
    fields: dict[str, str]
    body: bytes


@dataclass
class Response:
    """What goes back; ``hang`` is waited for before it does."""

    status: int = 200
    media_type: str = "application/jose"
    body: bytes = b"a.b.c"
    fields: dict[str, str] = field(default_factory=dict)
    hang: threading.Event | None = None


Answerer = Callable[[Request], Response]


class ScriptedHttpCenter:
    """Listens on a free port of this machine and answers what ``answer`` returns."""

    def __init__(self, answer: Answerer, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.arrived = threading.Event()
        self.connections = 0
        center = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                center.connections += 1

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", "0"))
                fields = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, fields, self.rfile.read(size))
                center.requests.append(request)
                center.arrived.set()
                response = answer(request)
                if response.hang is not None:
                    response.hang.wait(SAFETY_S)
                self.send_response(response.status)
                self.send_header("Content-Type", response.media_type)
                self.send_header("Content-Length", str(len(response.body)))
                for name, value in response.fields.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(response.body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
                if tls is None:
                    super().finish_request(request, client_address)
                    return
                with tls.wrap_socket(request, server_side=True) as secured:
                    super().finish_request(secured, client_address)

            def handle_error(self, *_: object) -> None:
                """A client that hangs up or refuses our certificate is what some tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
