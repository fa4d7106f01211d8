"""What the gate finds out about its radio, for its own plans and for the office: a file beside its socket.

The office's user reads the file, which holds nothing of any guest, and cannot look for itself: a radio is
asked with rights that it does not have.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from appliance.config.hotspot import Hotspot
from appliance.hotspot import capabilities
from appliance.hotspot.capabilities import Radio
from appliance.hotspot.errors import EngineError
from appliance.hotspot.policy.plan import Abilities
from appliance.sockets.abilities import Capabilities, Note

log = structlog.get_logger(__name__)

MODE: Final = 0o644
PHONES: Final = Note(
    en="whether guests are kept apart over the air only a test with two phones can tell",
    vi="các máy khách có được tách riêng trên sóng hay không thì phải thử bằng hai điện thoại",
)
UNTRIED: Final = Note(
    en="how many phones this radio's firmware takes at once was never tried; eight are let in, as most take",
    vi="chưa ai thử firmware của bộ phát này nhận được bao nhiêu máy; tạm cho 8 máy như phần lớn cùng loại",
)
POINTS: Final = Note(
    en="what the access points can do is said by themselves",
    vi="khả năng của điểm truy cập riêng thì xem ở chính thiết bị đó",
)
UNASKED: Final = Note(
    en="the radio could not be asked, and is taken for a weak one; is iw installed?",
    vi="chưa hỏi được bộ phát nên tạm coi là loại yếu; đã cài iw chưa?",
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Args:
        abilities: for plans; the least where nothing could be found out.
        capabilities: for the office.
    """

    abilities: Abilities
    capabilities: Capabilities


async def look_at(hotspot: Hotspot, at: str) -> Found:
    """Look at the radio of these settings, and at the programs.

    Args:
        hotspot: the settings.
        at: the moment, as in the office's messages.
    """
    announces = await capabilities.announces_portal()
    is_there = (capabilities.DRIVERS / hotspot.interface).exists()
    radio: Radio | None = None
    notes: tuple[Note, ...] = ()
    if hotspot.radio == "external":
        notes = (POINTS,)
    elif is_there:
        try:
            radio = await capabilities.radio(hotspot.interface)
        except (EngineError, OSError) as error:
            log.warning("radio.not_asked", interface=hotspot.interface, reason=str(error))
            notes = (UNASKED,)
    if radio is not None and radio.isolates is None:
        notes = (PHONES,)
    if radio is not None and not radio.is_limit_known:
        notes += (UNTRIED,)
    able = Abilities(announces_portal=announces)
    if radio is not None:
        able = Abilities(radio.clients, radio.owe, radio.has_sae, announces)
    return Found(
        able,
        Capabilities(
            at=at,
            radio=hotspot.radio,
            interface=hotspot.interface,
            driver=None if radio is None or not radio.driver else radio.driver,
            firmware=None if radio is None else radio.firmware,
            is_there=is_there,
            has_ap=None if radio is None else radio.has_ap,
            most_clients=None if radio is None else radio.clients,
            bands=() if radio is None else radio.bands,
            isolation=None if radio is None else radio.isolates,
            wpa3=None if radio is None else radio.has_sae,
            owe=None if radio is None else radio.owe,
            shaper=await capabilities.line_shaper(),
            announces_portal=announces,
            notes=notes,
        ),
    )


def leave(found: Capabilities, path: Path) -> None:
    """Leave what was found for the office; where that cannot be, it is said in the log."""
    aside = path.with_suffix(".new")
    try:
        aside.write_bytes(found.line())
        aside.chmod(MODE)  # whatever the umask says
        aside.replace(path)
    except OSError as error:
        log.warning("capabilities.not_left", reason=str(error))
