"""What the card says of the network, as systemd-networkd and wpa_supplicant read it."""

import hashlib
import re
from typing import Final

from appliance.firstboot.card import Network

CABLE: Final = "20-motcua-cable.network"
WIFI: Final = "30-motcua-wifi.network"
SUPPLICANT: Final = "wpa_supplicant-wlan0.conf"
_COUNTRY: Final = "VN"
_ADDRESS: Final = re.compile(r"^Address=([0-9.]+)/", re.MULTILINE)


def cable(network: Network) -> str | None:
    """Return the unit for the cable with an address of its own; None leaves it to DHCP."""
    if network.address is None:
        return None
    servers = network.dns or ((network.gateway,) if network.gateway is not None else ())
    lines = [f"Address={network.address}", f"Gateway={network.gateway}", *(f"DNS={each}" for each in servers)]
    return "[Match]\nType=ether\nName=en* eth*\n\n[Link]\nRequiredForOnline=no\n\n[Network]\n" + "".join(
        f"{line}\n" for line in lines
    )


def address_of(unit: str) -> str | None:
    """Return the address that a unit for the cable gives the box; None when a router gives one."""
    found = _ADDRESS.search(unit)
    return None if found is None else found[1]


def wifi() -> str:
    """Return the unit for the WiFi towards the province; the cable goes first where both are there."""
    return (
        "[Match]\nType=wlan\nWLANInterfaceType=station\n\n[Link]\nRequiredForOnline=no\n\n"
        "[Network]\nDHCP=yes\n\n[DHCPv4]\nClientIdentifier=mac\nRouteMetric=2048\n"
    )


def supplicant(ssid: str, password: str | None) -> str:
    """Return the settings of wpa_supplicant; the key instead of the password, and nothing to escape.

    Args:
        ssid: the network's name.
        password: None for an open network.
    """
    if password is None:
        proof = "key_mgmt=NONE"
    else:
        key = hashlib.pbkdf2_hmac("sha1", password.encode("ascii"), ssid.encode(), 4096, 32)
        proof = f"psk={key.hex()}"
    name = ssid.encode().hex()
    return f"country={_COUNTRY}\nupdate_config=0\n\nnetwork={{\n\tssid={name}\n\t{proof}\n}}\n"


def is_for(text: str, ssid: str) -> bool:
    """Whether settings of wpa_supplicant are for a network of this name."""
    return f"\tssid={ssid.encode().hex()}\n" in text
