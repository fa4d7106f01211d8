"""Where guests of the public WiFi come in: the portal, the pages of tickets, and what was meant for others.

Both are reached under the portal's name and the box's own addresses, before a guest has agreed and without
the Internet. Everything else that the gate leads here was meant for somebody else.
"""

import ipaddress
from typing import Final

from appliance.httpd.headers import App, Receive, Scope, Send
from appliance.public.captive import HOME, Foreign, Reply, reply_to
from appliance.public.errors import TooOftenError
from appliance.public.notice import Notice
from appliance.public.portal import is_portals
from appliance.public.standings import AWAY, Standing, Standings, plain_of
from appliance.sockets.portal import Portal

MISDIRECTED: Final = 421


class Doorway:
    """See the module: an ASGI app.

    Args:
        phones: the pages of tickets; alone here while there is no public WiFi.
        portal: the portal's pages.
        notice: what is known of the settings.
        standings: how devices stand at the gate.
    """

    def __init__(self, phones: App, portal: App, notice: Notice, standings: Standings) -> None:
        self._phones = phones
        self._portal = portal
        self._notice = notice
        self._standings = standings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = self._notice.known()
        if scope["type"] != "http" or known is None or known.portal is None:
            await self._phones(scope, receive, send)
            return
        host, path = host_of(scope), str(scope["path"])
        if not is_own(host, known.portal, scope):
            await self._answer(scope, host, known.portal, send)
        elif is_portals(path) or (path == "/" and host == known.portal.name):
            await self._portal(scope, receive, send)
        else:
            await self._phones(scope, receive, send)

    async def _answer(self, scope: Scope, host: str, portal: Portal, send: Send) -> None:
        if scope["scheme"] == "https":
            # Port 443 of others is never led here: this is the box, under a name that is not its own.
            await _send(send, MISDIRECTED, ((b"connection", b"close"),), b"")
            return
        asked = Foreign(scope["method"], host, str(scope["path"]))
        standing = await self._standing(scope)
        has_wan = standing.has_wan(portal)
        reply = reply_to(asked, standing, has_wan=has_wan, portal=f"http://{portal.name}{HOME}")
        await _reply(send, reply, is_head=asked.method == "HEAD")

    async def _standing(self, scope: Scope) -> Standing:
        client = scope.get("client")
        try:
            return await self._standings.of(client[0] if client else "")
        except TooOftenError:
            # To the portal, which says so.
            return AWAY


def host_of(scope: Scope) -> str:
    """Return whom a request is for: its ``Host`` without port, in lower case, empty if it names nobody."""
    found = [value for name, value in scope["headers"] if name == b"host"]
    text = found[0].decode("latin-1") if len(found) == 1 else ""
    name = text if text.endswith("]") else text.rpartition(":")[0] or text
    return name.strip("[]").lower().rstrip(".")


def is_own(host: str, portal: Portal, scope: Scope) -> bool:
    """Whether a host is the box itself: by the portal's name, or by an address that it has."""
    if host == portal.name or host in portal.hosts:
        return True
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        return False
    server = scope.get("server")
    return address in portal.hosts or (server is not None and address == plain_of(str(server[0])))


async def _reply(send: Send, reply: Reply, *, is_head: bool) -> None:
    headers = tuple((name.encode(), value.encode("latin-1")) for name, value in reply.headers)
    await _send(send, reply.status, headers, b"" if is_head else reply.body.encode())


async def _send(send: Send, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
    kind = ((b"content-type", b"text/html; charset=utf-8"),) if body else ()
    length = ((b"content-length", str(len(body)).encode()),)
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *kind, *length]})
    await send({"type": "http.response.body", "body": body})
