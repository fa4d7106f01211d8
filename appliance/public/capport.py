"""How a device stands, for the device itself: the document of RFC 8908 (captive portal API). Pure.

It is for https only: phones refuse it otherwise. Its address is announced by the gate (DHCP 114, DHCPv6 103,
option 37 of router advertisements, RFC 8910) for as long as the office's self-test passes.
"""

from typing import Any, Final

from appliance.public.captive import HOME
from appliance.public.standings import Standing
from appliance.sockets.portal import API as PATH
from appliance.sockets.portal import Portal

MEDIA_TYPE: Final = "application/captive+json"

__all__ = ["MEDIA_TYPE", "PATH", "told_of"]


def told_of(portal: Portal, standing: Standing) -> dict[str, Any]:
    """Return the document of RFC 8908, section 5."""
    is_open = standing.state == "open" and standing.has_wan(portal)
    page = f"https://{portal.name}{HOME}"
    told: dict[str, Any] = {"captive": not is_open, "user-portal-url": page}
    if portal.has_tickets:
        # Said while captive too: some phones look at it once.
        told["venue-info-url"] = f"{page}/tickets"
    if is_open:
        # Nobody is asked anew before his session has ended.
        told["can-extend-session"] = False
        if standing.seconds_left is not None:
            told["seconds-remaining"] = standing.seconds_left
        if standing.bytes_left is not None:
            told["bytes-remaining"] = standing.bytes_left
    return told
