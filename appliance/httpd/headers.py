"""Headers and bounds of every answer and request: pure ASGI, so that streams stay streams."""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from starlette.requests import ClientDisconnect

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""No script but our own files, no inline anything, nobody frames us."""

# Not no-referrer: with that a browser sends `Origin: null` with its forms, and over plain HTTP, where there
# is no Sec-Fetch-Site, no form of ours could be told from a foreign one (csrf.is_same_origin).
_REFERRER = b"same-origin"
SECURITY: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", _REFERRER),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
MOST_BODY = 65_536


class Bounds:
    """Adds the security headers, and refuses strange hosts and large bodies before anything reads them.

    Args:
        app: what is inside.
        names: host names that are ours beside addresses and ``localhost``; None takes any host, for an app
            that keeps nothing a page of another name could steal (a captive portal answers to all names).
        most_body: bytes of a request's body.
        larger: bytes of bodies at the paths of forms with a file.
    """

    def __init__(
        self,
        app: App,
        *,
        names: Collection[str] | None = (),
        most_body: int = MOST_BODY,
        larger: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._app = app
        self._larger = larger
        self._names = None if names is None else frozenset(name.lower() for name in names)
        self._most_body = most_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        answer = _Answer(send)
        if self._names is not None and not is_ours(headers.get(b"host", b"").decode("latin-1"), self._names):
            await _refuse(answer.send, 421, "host.unknown", "this name is not one of the box's")
            return
        most = self._larger.get(scope["path"], self._most_body)
        if _length(headers) > most:
            await _refuse_body(answer, most)
        else:
            await self._pass_on(scope, _Body(receive, most), answer)

    async def _pass_on(self, scope: Scope, body: "_Body", answer: "_Answer") -> None:
        """Let the app answer; what it makes of a body that never came whole is neither said nor an error."""

        async def send(message: Message) -> None:
            if not body.is_broken or answer.is_begun:
                await answer.send(message)

        try:
            await self._app(scope, body.receive, send)
        except ClientDisconnect:
            if not body.is_broken:
                raise
        if body.is_too_large and not answer.is_begun:
            await _refuse_body(answer, body.most)


class _Answer:
    """An answer with the headers that every answer has."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_begun = True
            present = {name for name, _ in message["headers"]}
            more = [each for each in SECURITY if each[0] not in present]
            if b"cache-control" not in present:
                more.append((b"cache-control", b"no-store"))
            message["headers"] = [*message["headers"], *more]
        await self._send(message)


class _Body:
    """A body is counted while it comes: without a length, too much of it ends like a caller who left."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self.most = self._left = most
        self._is_whole = False
        self.is_broken = self.is_too_large = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
            self.is_too_large = self._left < 0
        self.is_broken |= self.is_too_large or (message["type"] == "http.disconnect" and not self._is_whole)
        return {"type": "http.disconnect"} if self.is_broken else message


def is_ours(host: str, names: Collection[str]) -> bool:
    """Whether a Host header is an address, ``localhost`` or one of ``names``.

    So a page of another name, made to resolve to the box, cannot read it (DNS rebinding).
    """
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").lower().rstrip(".")
    if name == "localhost" or name in names:
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(scope: Scope) -> bool:
    """Whether the caller sits at the box itself."""
    client = scope.get("client")
    if not client:
        return False
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _length(headers: dict[bytes, bytes]) -> int:
    text = headers.get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) <= len("99999999999") else 0


async def _refuse_body(answer: _Answer, most: int) -> None:
    await _refuse(answer.send, 413, "request.too_large", f"at most {most} bytes")


async def _refuse(send: Send, status: int, key: str, detail: str) -> None:
    body = json.dumps({"type": f"urn:motcua:error:{key}", "title": key, "status": status, "detail": detail})
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", b"application/problem+json"), (b"connection", b"close")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body.encode()})
