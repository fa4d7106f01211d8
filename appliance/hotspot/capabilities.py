"""What the radio and the engines of this box can do, as they say themselves; no more is promised."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from appliance.hotspot.engines import output
from appliance.hotspot.errors import EngineError, ShapingError
from appliance.hotspot.firmware import MEASURED, firmware_of
from appliance.hotspot.policy.plan import BUILTIN_CLIENTS
from appliance.hotspot.policy.shaping import Shaper

DRIVERS: Final = Path("/sys/class/net")
BUILTIN_DRIVER: Final = "brcmfmac"
_CCMP_128: Final = "00-0f-ac:4"
_CMAC: Final = "00-0f-ac:6"
Band = Literal["2.4", "5", "6"]
_BANDS: Final[Mapping[Band, tuple[int, int]]] = MappingProxyType(
    {"2.4": (2400, 2500), "5": (5000, 5925), "6": (5925, 7200)}
)
"""MHz, from and up to."""


@dataclass(frozen=True, slots=True)
class Radio:
    """One radio, as ``iw phy`` and its driver describe it.

    Attributes:
        interface: its name; ``driver`` the kernel's.
        has_ap: whether it can be an access point.
        clients: most stations it takes: as it says itself, or as its firmware was measured; None if neither.
        ciphers: suites that it encrypts with.
        has_sae: whether it says that it can be a WPA3 access point.
        owe: whether encrypted open networks may be expected to work.
        isolates: whether frames from one guest to another pass by us or mac80211, so that they can be
        stopped;
            None where only a test with two phones can tell.
        bands: GHz, those with a channel on which it may send.
        firmware: what its driver calls it, if it says.
    """

    interface: str
    driver: str
    has_ap: bool
    clients: int | None
    ciphers: frozenset[str]
    has_sae: bool
    owe: bool
    isolates: bool | None
    bands: tuple[Band, ...] = ()
    firmware: str | None = None

    @property
    def is_limit_known(self) -> bool:
        """Whether ``clients`` is more than what radios of its kind usually take."""
        return self.driver != BUILTIN_DRIVER or self.firmware in MEASURED


def radio_of(interface: str, driver: str, phy: str, firmware: str | None = None) -> Radio:
    """Read what ``iw phy`` said.

    Args:
        interface: name of the interface.
        driver: of it; the Pi's own radio decides in its firmware, whatever the kernel believes.
        phy: the program's output for one radio.
        firmware: what the driver calls it.
    """
    modes = phy.partition("Supported interface modes:")[2].partition("\n\t\t *")
    listed = re.findall(r"^\s*\* (\S+)$", modes[1] + modes[2], re.MULTILINE)
    ciphers = frozenset(re.findall(r"\(([0-9a-f]{2}-[0-9a-f]{2}-[0-9a-f]{2}:\d+)\)", phy))
    most = re.search(r"Maximum associated stations in AP mode: (\d+)", phy)
    is_builtin = driver == BUILTIN_DRIVER
    protects = _CMAC in ciphers and not is_builtin
    channels = re.findall(r"^\s*\* (\d+)(?:\.\d+)? MHz (.*)$", phy, re.MULTILINE)
    usable = [int(mhz) for mhz, said in channels if "disabled" not in said]
    return Radio(
        interface=interface,
        driver=driver,
        has_ap="AP" in listed,
        clients=(
            MEASURED.get(firmware or "", BUILTIN_CLIENTS) if is_builtin else int(most[1]) if most else None
        ),
        ciphers=ciphers,
        has_sae=protects and "SAE" in phy,
        owe=protects,
        isolates=None if is_builtin else True,
        bands=tuple(
            band for band, (low, high) in _BANDS.items() if any(low <= each < high for each in usable)
        ),
        firmware=firmware,
    )


async def radio(interface: str) -> Radio:
    """Ask the radio behind an interface.

    Raises:
        EngineError: there is none, or ``iw`` is not installed.
    """
    place = DRIVERS / interface
    if not (place / "phy80211").exists():
        raise EngineError(engine=interface, reason="it is no radio")
    name = (place / "phy80211" / "name").read_text(encoding="ascii").strip()
    driver = (place / "device" / "driver").resolve().name
    return radio_of(interface, driver, await output(["iw", "phy", name, "info"]), firmware_of(interface))


async def announces_portal() -> bool:
    """Whether the radvd that is installed knows option 37 (since 2.20)."""
    try:
        said = await output(["radvd", "--version"])
    except EngineError:
        return False
    version = re.search(r"Version: (\d+)\.(\d+)", said)
    return version is not None and (int(version[1]), int(version[2])) >= (2, 20)


def report(found: Radio) -> list[tuple[str, str, str]]:
    """Return the report's rows: what, the answer, and the same in Vietnamese."""

    def answer(value: bool | None) -> tuple[str, str]:
        if value is None:
            return "unknown: try with two phones", "chưa rõ: hãy thử bằng hai điện thoại"
        return ("yes", "có") if value else ("no", "không")

    clients, clients_vi = "not said", "không rõ"
    if found.clients is not None:
        clients = clients_vi = str(found.clients)
        if not found.is_limit_known:
            clients += ", as most of its kind: this firmware was never tried"
            clients_vi += ", như phần lớn cùng loại: bản firmware này chưa ai thử"
    return [
        ("driver", found.driver, found.driver),
        ("firmware", found.firmware or "not said", found.firmware or "không rõ"),
        ("access point", *answer(found.has_ap)),
        ("clients", clients, clients_vi),
        ("guests kept apart", *answer(found.isolates)),
        ("WPA2", *answer(_CCMP_128 in found.ciphers)),
        ("WPA3", *answer(found.has_sae)),
        ("encrypted open network (OWE)", *answer(found.owe)),
    ]


async def line_shaper() -> Shaper | None:
    """Return what the kernel shares the line with; None where that cannot be tried, as without rights."""
    from appliance.hotspot import shaper

    try:
        return (await asyncio.to_thread(shaper.probe)).shaper
    except ShapingError:
        return None


def line_report(found: Shaper | None) -> tuple[str, str, str]:
    """Return the report's row about sharing the line."""
    match found:
        case None:
            answer = "unknown: ask as root", "chưa rõ: hãy chạy lệnh bằng quyền root"
        case "none":
            answer = "no: what guests have too much is dropped", "không: phần vượt mức của khách bị bỏ"
        case "htb":
            answer = "htb, without fair queues below", "htb, không có hàng đợi công bằng bên dưới"
        case _:
            answer = found, found
    return ("sharing the line", *answer)
