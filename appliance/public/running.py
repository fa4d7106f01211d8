"""Composition root of the strangers' app: the line to the office, what it knows, and where it is served."""

import os
import secrets
import socket
from pathlib import Path
from typing import Final, Self

from appliance.httpd.guard import Limits
from appliance.httpd.server import HttpServer, Listener, tcp_socket
from appliance.public.app import create
from appliance.public.link import OfficeLink
from appliance.public.notice import Notice
from appliance.sockets.door import SOCKET

LIMITS: Final = Limits(connections=384, per_peer=64, request_s=10.0, reading_s=20.0, header_bytes=8_192)
ANY: Final = "::"
FIRST_FD: Final = 3
"""Where systemd puts the sockets that it hands over (sd_listen_fds(3))."""
_SECRET_BYTES: Final = 32


class PublicApp:
    """The strangers' app as it runs; make it with :meth:`open`.

    Args:
        server: serves it.
    """

    def __init__(self, server: HttpServer) -> None:
        self._server = server

    @classmethod
    def open(cls, link_dir: Path, sockets: tuple[socket.socket, ...]) -> Self:
        """Begin to serve; the office need not be there.

        Args:
            link_dir: where the office's socket and its notice are.
            sockets: listening ones; closed with the app.
        """
        link = OfficeLink(link_dir / SOCKET)
        # Forms of an earlier start are void; a page that is open gets new ones with its stream.
        secret = secrets.token_bytes(_SECRET_BYTES)
        public = create(link, lambda: link.is_up, Notice(link_dir), secret)
        link.on_change = public.phones.changed
        listeners = [Listener(public.app, each, limits=LIMITS) for each in sockets]
        return cls(HttpServer.open(listeners, name="public-web"))

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports served."""
        return self._server.ports

    def close(self) -> None:
        """Stop serving; idempotent."""
        self._server.close()


def listening(port: int) -> tuple[socket.socket, ...]:
    """Return the sockets that systemd handed over, else one on every address.

    Args:
        port: for the latter; 0 takes any free one.

    Raises:
        OSError: the port is taken.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return (tcp_socket(ANY, port),)
    count = int(os.environ.get("LISTEN_FDS", "0"))
    handed = tuple(socket.socket(fileno=FIRST_FD + number) for number in range(count))
    for each in handed:
        each.set_inheritable(False)
    return handed or (tcp_socket(ANY, port),)
