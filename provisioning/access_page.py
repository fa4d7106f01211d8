"""docs/access.md: who may do what, from the one table that the staff app asks."""

from collections.abc import Iterator
from typing import Final

from appliance.public.access import PORTAL, Needs
from appliance.public.access import TABLE as PHONES
from appliance.web.access import TABLE, Access, Who
from provisioning.grid import grid

_HEAD: Final = """<!-- Written by `python -m provisioning.docs --write`; do not edit. -->

# Who may do what

Every route of the staff app has a row; the app does not start with a route that has none. A row with `nobody`
is open to whoever reaches the office LAN. `screen` is a browser that was paired as kiosk, hall display or
rating screen, and the box's own screen (any connection from the box itself). Phones of citizens talk to
another program, which serves none of these.

A page sends who has not signed in to `/sign-in`, and tells others that they may not. A program gets 401 or
403. Every `POST` also needs the token of a form from the same browser; see [api.md](api.md). What a row does
not say: a screen does only what it was paired for, an officer commands in no other name than his own, and a
supervisor manages the accounts of officers only.
"""
_PHONES: Final = """## Phones

The strangers' app knows no roles. What opens a ticket is its token, 96 bits that the box computes and records
nowhere; what changes one is that and the form token of a page that the same browser was given. A wrong token
is answered like one of another day: there is no such ticket.
"""
_GUESTS: Final = """## Guests of the public WiFi

At the portal's doors guests reach the routes of phones, under the portal's name and the box's own addresses,
and these. A device is known by the address of its socket, which the gate holds to its owner, and never by a
header. What changes something needs the pass of a form that the same device was given: good once, for half an
hour. Every other host is answered with the way to the portal.
"""
_GUEST_HEAD: Final = ("route", "any guest", "own pass")
_PHONE_HEAD: Final = ("route", "nobody", "wrong token", "own token", "own token and form")
_YES: Final = "yes"


def access_page(table: Access = TABLE) -> str:
    """Return the page: one row for each route, one column for each kind of caller."""
    rows = (
        (f"`{method} {path}`", *(_YES if {who, Who.NOBODY} & allowed else "" for who in Who))
        for (method, path), allowed in sorted(table.items(), key=lambda row: (row[0][1], row[0][0]))
    )
    staff = grid(("route", *(who.value for who in Who)), rows)
    phones, guests = grid(_PHONE_HEAD, _phone_rows()), grid(_GUEST_HEAD, _guest_rows())
    return f"{_HEAD}\n{staff}\n{_PHONES}\n{phones}\n{_GUESTS}\n{guests}"


def _guest_rows() -> Iterator[tuple[str, ...]]:
    """Yield one row for each route of the portal."""
    for (method, path), needs in sorted(PORTAL.items(), key=lambda row: (row[0][1], row[0][0])):
        yield f"`{method} {path}`", "" if needs is Needs.ONCE else _YES, _YES


def _phone_rows() -> Iterator[tuple[str, ...]]:
    """Yield one row for each route of the strangers' app."""
    for (method, path), needs in sorted(PHONES.items(), key=lambda row: (row[0][1], row[0][0])):
        opens = (needs is Needs.NOTHING, needs is not Needs.FORM, True)
        yield f"`{method} {path}`", *(_YES if each else "" for each in (opens[0], opens[0], *opens[1:]))
