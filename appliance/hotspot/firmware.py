"""Which firmware a radio runs, and how many phones that one takes at once.

The Pi's own radio decides that in its firmware: neither the kernel nor hostapd knows its limit, and whoever
comes beyond it is refused without a word. The build that runs is known by its identity, which the driver
gives as the interface's firmware version (``ETHTOOL_GDRVINFO``, linux/ethtool.h).
"""

import ctypes
import fcntl
import re
import socket
import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# As measured with phones, a little below the best: raspberrypi/linux#3010; iiab/iiab#823, #2853 and #3935.
MEASURED: Final[Mapping[str, int]] = MappingProxyType(
    {
        "01-703fd60": 8,  # BCM43455 7.45.241, the usual one of Raspberry Pi OS
        "01-5209c09": 18,  # BCM43455 7.45.241 "minimal", which Raspberry Pi OS offers for access points
        "01-8e379eb9": 18,  # its trial
        "01-6a2c8ad4": 20,  # BCM43455 7.45.18.0
        "01-e58d219f": 23,  # BCM43430 7.45.98.38
    }
)
"""Stations by the identity of the build."""

_SIOCETHTOOL: Final = 0x8946
_GDRVINFO: Final = 3
_INFO: Final = struct.Struct("I32s32s32s132x")
"""``struct ethtool_drvinfo``: command, driver, its version, the firmware's; then what is not asked for."""
_REQUEST: Final = struct.Struct("16sP16x")
_MOST_NAME: Final = 15


def firmware_of(interface: str) -> str | None:
    """Return what the driver calls the firmware of an interface; None if it does not say.

    Args:
        interface: its name.

    Returns:
        Letters, digits and ``_.-``; whatever else it says is ``_``.
    """
    if len(interface.encode()) > _MOST_NAME:
        return None
    info = ctypes.create_string_buffer(_INFO.pack(_GDRVINFO, b"", b"", b""), _INFO.size)
    request = _REQUEST.pack(interface.encode(), ctypes.addressof(info))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            fcntl.ioctl(line, _SIOCETHTOOL, request)
        except OSError:
            return None
    *_, said = _INFO.unpack(info.raw)
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", said.partition(b"\0")[0].decode(errors="replace").strip()) or None
