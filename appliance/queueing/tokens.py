"""The unguessable name of a ticket, for the address in its QR code.

An HMAC of the ticket's key with a secret of this box: it is computed, not stored, and never recorded. Its
front part names series and number, so that finding the ticket is a look-up and not a search.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from appliance.queueing.ticket import Ticket

MAC_BYTES = 12
FORM = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,8})-([A-Za-z0-9_-]{16})\Z", re.ASCII)
"""96 bits of MAC: at the 20 tries a second that the office answers, nobody lives to see a guess succeed."""


def token_of(secret: bytes, ticket: str) -> str:
    """Return the token of a ticket's key."""
    _, series, number = ticket.split("/")
    return f"{series}{number}-{_mac(secret, ticket)}"


def ticket_of(secret: bytes, token: str, tickets: Mapping[str, Ticket], day: str | None) -> Ticket | None:
    """Return the ticket of a token, or None when it is none of today's.

    Args:
        secret: the box's.
        token: from the address; anything a stranger may send.
        tickets: of the hall, by key.
        day: the business day; a carried ticket keeps the day of its key, so others are looked at as well.
    """
    found = FORM.match(token)
    if found is None:
        return None
    series, number, mac = found.groups()
    likely = tickets.get(f"{day}/{series}/{number}")
    carried = [] if likely is not None else _of_other_days(tickets, f"/{series}/{number}")
    candidates: list[Ticket] = [*carried] if likely is None else [likely]
    for ticket in candidates:
        if hmac.compare_digest(_mac(secret, ticket.key), mac):
            return ticket
    return None


def _of_other_days(tickets: Mapping[str, Ticket], end: str) -> list[Ticket]:
    return [ticket for key, ticket in tickets.items() if key.endswith(end)]


def _mac(secret: bytes, ticket: str) -> str:
    digest = hmac.digest(secret, f"ticket:{ticket}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).decode()
