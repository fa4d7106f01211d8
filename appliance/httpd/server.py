"""uvicorn in a thread: several listeners, one event loop."""

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from appliance.httpd.guard import Crowd, Limits, guarded
from appliance.unix import BACKLOG

STOP_S = 5
App = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """One place where an app is served.

    Args:
        app: the ASGI application.
        listening: a bound, listening socket; closed with the server.
        tls: the server's certificate, or None for plain HTTP.
        limits: what is put up with there.
        crowd: who is connected there; a full listener leaves room at the others.
        unlink: a Unix socket's path, removed at the end.
    """

    app: App
    listening: socket.socket
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)
    crowd: Crowd = field(default_factory=Crowd)
    unlink: Path | None = None


def tcp_socket(host: str, port: int) -> socket.socket:
    """Bind a TCP socket; ``::`` takes IPv4 too where the kernel has both.

    Args:
        host: an address of this machine, IPv4 or IPv6.
        port: 0 for any free one.

    Raises:
        OSError: it cannot be bound.
    """
    if host == "::" and not socket.has_dualstack_ipv6():
        host = "0.0.0.0"  # noqa: S104 - every address is what was asked for
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, or asyncio does not switch Nagle's algorithm off: every answer would wait 40 ms for its body.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if host == "::" else 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


class HttpServer:
    """Serves its listeners until closed; make it with :meth:`open`.

    Args:
        listeners: what is served where.
        name: of its thread.
    """

    def __init__(self, listeners: Sequence[Listener], name: str) -> None:
        self._listeners = listeners
        self._servers = [self._server_of(listener) for listener in listeners]
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @classmethod
    def open(cls, listeners: Sequence[Listener], name: str = "httpd") -> "HttpServer":
        """Start serving; the sockets listen already, so nobody who calls from now on is refused."""
        # A caller who speaks nonsense is his own problem and not a line of our log each time.
        for speaker in ("uvicorn.error", "python_multipart"):
            logging.getLogger(speaker).setLevel(logging.ERROR)
        server = cls(listeners, name)
        server._thread.start()
        return server

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports served, in the order of the listeners."""
        inet = (socket.AF_INET, socket.AF_INET6)
        return tuple(
            int(each.listening.getsockname()[1]) for each in self._listeners if each.listening.family in inet
        )

    def close(self) -> None:
        """Stop serving; open streams end within a second or two; idempotent."""
        for server in self._servers:
            server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        for listener in self._listeners:
            listener.listening.close()
            if listener.unlink is not None:
                listener.unlink.unlink(missing_ok=True)

    def _server_of(self, listener: Listener) -> uvicorn.Server:
        config = uvicorn.Config(
            listener.app,
            http=guarded(listener.limits, listener.crowd, listener.tls),
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=listener.limits.header_bytes,
            backlog=BACKLOG,
        )
        return uvicorn.Server(config)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        together = zip(self._servers, self._listeners, strict=True)
        await asyncio.gather(*(server.serve(sockets=[each.listening]) for server, each in together))
