"""What a stranger's phone must show before each route answers: one table, one row a route.

``docs/access.md`` is written from it, and ``tests/integration/public/test_public_access.py`` walks it.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from appliance.sockets.portal import API


class Needs(StrEnum):
    """What must be shown."""

    NOTHING = "nothing"
    TICKET = "ticket"
    """The token of one of today's tickets."""
    FORM = "form"
    """That, and the form token of a page that the same browser was given."""
    ONCE = "once"
    """The pass of a portal's form that the same device was given, unused."""


_ACTS: Final = ("leave", "rate", "reason")

TABLE: Final[Mapping[tuple[str, str], Needs]] = MappingProxyType(
    {
        ("GET", "/"): Needs.NOTHING,
        ("GET", "/static/{name:path}"): Needs.NOTHING,
        ("GET", "/procedures"): Needs.NOTHING,
        ("GET", "/procedures/{code}"): Needs.NOTHING,
        ("GET", "/t/{token}"): Needs.TICKET,
        ("GET", "/t/{token}/live"): Needs.TICKET,
        ("GET", "/api/v1/tickets/{token}"): Needs.TICKET,
        ("GET", "/t/{token}/leave"): Needs.TICKET,
        # Only sent on to the ticket's page, which looks at the token.
        ("GET", "/t/{token}/rate"): Needs.NOTHING,
        ("GET", "/t/{token}/reason"): Needs.NOTHING,
        **{("POST", f"/t/{{token}}/{act}"): Needs.FORM for act in _ACTS},
        **{("POST", f"/api/v1/tickets/{{token}}/{act}"): Needs.FORM for act in _ACTS},
    }
)

PORTAL: Final[Mapping[tuple[str, str], Needs]] = MappingProxyType(
    {
        ("GET", "/"): Needs.NOTHING,
        ("GET", "/wifi"): Needs.NOTHING,
        ("GET", "/wifi/tickets"): Needs.NOTHING,
        ("GET", "/wifi/open"): Needs.NOTHING,
        ("POST", "/wifi/open"): Needs.ONCE,
        ("GET", "/wifi/consents"): Needs.NOTHING,
        ("POST", "/wifi/consents"): Needs.ONCE,
        ("GET", "/wifi/close"): Needs.NOTHING,
        ("POST", "/wifi/close"): Needs.ONCE,
        # About the device that asks, and only over https.
        ("GET", API): Needs.NOTHING,
    }
)
"""What guests of the public WiFi reach besides, at the portal's own doors."""
