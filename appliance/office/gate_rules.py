"""What the gate of the public WiFi may know of the settings: the file that the office leaves for it."""

from pathlib import Path
from typing import Final

from appliance.config import Settings
from appliance.journal.journal import write_durably
from appliance.sockets import gate

MODE: Final = 0o640


def rules_of(settings: Settings) -> gate.Rules:
    """Return what the gate may know.

    Raises:
        ValueError: these settings are longer than a message may be.
    """
    hotspot = settings.hotspot.model_dump_json(exclude_defaults=True)
    return gate.Rules(hotspot=hotspot, portal_port=settings.portal.port)


def publish(settings: Settings) -> None:
    """Leave the settings for the gate, or remove them where there shall be no WiFi: then the gate ends.

    Raises:
        OSError: the directory cannot be written to.
        ValueError: see :func:`rules_of`.
    """
    path = _file(settings)
    if not settings.hotspot.enabled:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, rules_of(settings).line(), MODE)
    path.chmod(MODE)  # the gate's group reads it, whatever the umask says


def is_published(settings: Settings) -> bool:
    """Whether an earlier start of the office left something there."""
    return _file(settings).exists()


def _file(settings: Settings) -> Path:
    return settings.hotspot.link_dir / gate.FILE
