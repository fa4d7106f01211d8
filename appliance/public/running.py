"""Composition root of the strangers' app: the lines to office and gate, what it knows, where it is served."""

import os
import secrets
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from appliance.httpd.guard import Limits
from appliance.httpd.headers import App, Bounds
from appliance.httpd.server import HttpServer, Listener, tcp_socket
from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.public.app import MOST_BODY, create
from appliance.public.doorway import Doorway
from appliance.public.gate import GateLink
from appliance.public.identity import PortalIdentity
from appliance.public.link import OfficeLink
from appliance.public.notice import Notice
from appliance.public.portal import create_portal
from appliance.public.standings import Standings
from appliance.sockets.door import SOCKET
from appliance.sockets.gate import SOCKET as GATE_SOCKET

LIMITS: Final = Limits(connections=384, per_peer=64, request_s=10.0, reading_s=20.0, header_bytes=8_192)
GUESTS: Final = Limits(
    connections=384, per_peer=24, request_s=10.0, reading_s=20.0, handshake_s=5.0, header_bytes=8_192
)
"""At the portal: each guest has an address of his own there."""
SECURE_GUESTS: Final = replace(GUESTS, connections=96)
"""Each of them costs a quarter of a megabyte, and a phone asks the API now and then only."""
ANY: Final = "::"
FIRST_FD: Final = 3
"""Where systemd puts the sockets that it hands over (sd_listen_fds(3))."""
PORTAL: Final = "portal"
PORTAL_TLS: Final = "portal-tls"
"""``FileDescriptorName`` of their socket units; every other socket is for phones with a ticket."""
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Places:
    """Where the other units are found.

    Args:
        link: the office's directory: its socket and its notice.
        gate: the gate's directory: its socket.
    """

    link: Path
    gate: Path


@dataclass(frozen=True, slots=True)
class Sockets:
    """What is listened at; all are closed with the app.

    Args:
        phones: for phones with a ticket.
        portal: for guests of the public WiFi.
        portal_tls: the same over https.
    """

    phones: tuple[socket.socket, ...]
    portal: tuple[socket.socket, ...] = ()
    portal_tls: tuple[socket.socket, ...] = ()


class PublicApp:
    """The strangers' app as it runs; make it with :meth:`open`.

    Args:
        server: serves it.
    """

    def __init__(self, server: HttpServer) -> None:
        self._server = server

    @classmethod
    def open(cls, places: Places, sockets: Sockets) -> Self:
        """Begin to serve; neither office nor gate need be there.

        Args:
            places: where they are.
            sockets: listening ones.
        """
        link = OfficeLink(places.link / SOCKET)
        # Forms of an earlier start are void; a page that is open gets new ones with its stream.
        secret = secrets.token_bytes(_SECRET_BYTES)
        assets = Assets.open()
        renderer, notice = Renderer.open(assets), Notice(places.link)
        public = create(link, lambda: link.is_up, notice, secret, assets=assets, renderer=renderer)
        link.on_change = public.phones.changed
        standings = Standings(GateLink(places.gate / GATE_SOCKET))
        portal = create_portal(notice, standings, secret, renderer=renderer)
        guests: App = Bounds(
            Doorway(public.inner, portal, notice, standings), names=None, most_body=MOST_BODY
        )
        tls = PortalIdentity(places.link).context
        listeners = [
            *(Listener(public.app, each, limits=LIMITS) for each in sockets.phones),
            *(Listener(guests, each, limits=GUESTS) for each in sockets.portal),
            *(Listener(guests, each, tls=tls, limits=SECURE_GUESTS) for each in sockets.portal_tls),
        ]
        return cls(HttpServer.open(listeners, name="public-web"))

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports served, in the order of :class:`Sockets`."""
        return self._server.ports

    def close(self) -> None:
        """Stop serving; idempotent."""
        self._server.close()


def listening(port: int, portal: int | None = None, portal_tls: int | None = None) -> Sockets:
    """Return the sockets that systemd handed over, else those on every address.

    Args:
        port: for phones with a ticket; 0 takes any free one.
        portal: for guests; None does not serve them.
        portal_tls: the same over https.

    Raises:
        OSError: a port is taken.
    """
    handed = _handed()
    if handed:
        return Sockets(
            phones=tuple(each for name, each in handed if name not in {PORTAL, PORTAL_TLS}),
            portal=tuple(each for name, each in handed if name == PORTAL),
            portal_tls=tuple(each for name, each in handed if name == PORTAL_TLS),
        )
    return Sockets(_bound(port), _bound(portal), _bound(portal_tls))


def _bound(port: int | None) -> tuple[socket.socket, ...]:
    return () if port is None else (tcp_socket(ANY, port),)


def _handed() -> list[tuple[str, socket.socket]]:
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    names += [""] * (count - len(names))
    handed = [socket.socket(fileno=FIRST_FD + number) for number in range(count)]
    for each in handed:
        each.set_inheritable(False)
    return list(zip(names[:count], handed, strict=True))
