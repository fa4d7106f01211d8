"""What a request gets that was meant for somebody else: pure, from the request and how its sender stands.

Until a guest has agreed, the gate leads whatever he sends to port 80 of anybody to us, and the answer is
always the same: to the portal, and do not remember this (302, ``no-store``). Which system asks does not
matter for that; each takes whatever is not its maker's own answer for a portal, and opens it. Never a 200 or
a 204: one that says "Success" makes a phone believe that it is online, and it looks for no portal any more.

After he has agreed the gate leads nothing to us any more: probes reach the maker's own server, whose answer
is the truth. What still comes is a name that the phone has resolved before, or was on its way. It is not told
"online" on the maker's behalf, though we know the words: we are not there, cannot know whether the maker
would say so, and a phone that once believed it stays on a line that may be dead. It is not sent to the portal
either, which would open it again. It is told to come back at once (503, ``Retry-After``, connection closed):
every system takes that for neither and asks anew, and then reaches the real host.

Without a way to the Internet a guest who has agreed is led to us again by the gate, and to the portal by us,
which says so; a phone stays captive instead of trying for ever.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from appliance.public.standings import Standing
from appliance.sockets.probes import probe_of

SAFE: Final = frozenset({"GET", "HEAD"})
HOME: Final = "/wifi"
AGAIN_S: Final = 1
_AGAIN: Final = (
    '<!doctype html><html lang="vi"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>WiFi</title>'
    "<p>Máy của quý vị vừa vào mạng. Xin tải lại trang này."
    '<p lang="en">Your device has just come online. Please load this page again.'
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A request for another host.

    Args:
        method: in capitals.
        host: from its header, in lower case and without a port.
        path: without a query.
    """

    method: str
    host: str
    path: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What it gets.

    Args:
        status: of HTTP.
        headers: besides those of every answer.
        body: HTML, or nothing.
    """

    status: HTTPStatus
    headers: tuple[tuple[str, str], ...]
    body: str = ""


def reply_to(asked: Foreign, standing: Standing, *, has_wan: bool, portal: str) -> Reply:
    """Return the answer.

    Args:
        asked: the request.
        standing: of the device that sent it.
        has_wan: whether there is a way to the Internet.
        portal: address of the portal's page.
    """
    # Every connection ends here: one that is kept would go on coming to us when the gate is open.
    close = ("connection", "close")
    never = ("cache-control", "no-store")
    if asked.method not in SAFE:
        # What is not only looked at must not be repeated at the portal: RFC 6585, section 6.
        link = ("link", f'<{portal}>; rel="alternate"')
        return Reply(HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED, (never, close, link))
    if standing.state == "open" and has_wan:
        body = "" if probe_of(asked.host, asked.path) else _AGAIN
        return Reply(HTTPStatus.SERVICE_UNAVAILABLE, (never, close, ("retry-after", str(AGAIN_S))), body)
    return Reply(HTTPStatus.FOUND, (never, close, ("location", portal)))
