"""The network interfaces that the box has, as the kernel shows them: for whoever chooses the radio."""

import re
from pathlib import Path
from typing import Final

from appliance.wan import LINKS, text_of
from appliance.web.wifi import Link

MOST: Final = 32
_ETHERNET: Final = "1"
_USUAL: Final = re.compile(r"(eth|en|wl)[A-Za-z0-9]*\Z")
"""Names of what is no invention of ours, such as a queue; in a container none of them has a device."""


def links_of(folder: Path = LINKS) -> tuple[Link, ...]:
    """Return the interfaces that guests or the Internet may be at, by name; none where it is not shown.

    Args:
        folder: where the kernel shows its interfaces.
    """
    try:
        names = sorted(each.name for each in folder.iterdir())
    except OSError:
        return ()
    return tuple(_link(folder / name) for name in names if _is_ours(folder / name))[:MOST]


def _is_ours(link: Path) -> bool:
    if text_of(link / "type").strip() != _ETHERNET or "DEVTYPE=vlan" in text_of(link / "uevent").split():
        return False
    return (link / "device").exists() or _USUAL.match(link.name) is not None


def _link(link: Path) -> Link:
    device = (link / "device").resolve()
    return Link(
        name=link.name,
        is_radio=(link / "phy80211").exists(),
        is_usb=any(part.startswith("usb") for part in device.parts),
        is_connected=text_of(link / "carrier").strip() == "1",
    )
