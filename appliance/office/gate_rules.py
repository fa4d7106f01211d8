"""What the gate of the public WiFi may know of the settings: the file that the office leaves for it."""

from pathlib import Path
from typing import Final

from appliance.config import Settings
from appliance.journal.journal import write_durably
from appliance.office import retention
from appliance.office.portal import portal_of
from appliance.sockets import gate
from appliance.sockets.lines import MOST_LINE

MODE: Final = 0o640


def rules_of(settings: Settings) -> gate.Rules:
    """Return what the gate may know.

    Raises:
        ValueError: these settings are longer than a message may be.
    """
    hotspot = settings.hotspot.model_dump_json(exclude_defaults=True)
    staff = settings.web.port or gate.STAFF_PORT
    return gate.Rules(hotspot=hotspot, portal_port=settings.portal.port, staff_port=staff)


def retention_of(settings: Settings) -> gate.Retention | None:
    """Return what the gate may know of the policy by which sessions are recorded; None without one."""
    found, portal = retention.found(settings), portal_of(settings, has_wan=False)
    if found is None or portal is None:
        return None
    told = gate.Retention(device=settings.office.device, policy=found.text, terms=portal.terms.version)
    if len(told.line()) > MOST_LINE:  # every other character would have to be a quote
        return told.model_copy(update={"policy": None})
    return told


def publish(settings: Settings) -> None:
    """Leave the settings for the gate, or remove them where there shall be no WiFi: then the gate ends.

    Raises:
        OSError: the directory cannot be written to.
        ValueError: see :func:`rules_of`.
    """
    path = _file(settings)
    policy = path.with_name(gate.RETENTION_FILE)
    if not settings.hotspot.enabled:
        path.unlink(missing_ok=True)
        policy.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    told = retention_of(settings)
    if told is None:
        policy.unlink(missing_ok=True)
    else:  # first: the settings say that it is to be looked for
        _put(policy, told.line())
    _put(path, rules_of(settings).line())


def is_published(settings: Settings) -> bool:
    """Whether an earlier start of the office left something there."""
    return _file(settings).exists()


def _put(path: Path, content: bytes) -> None:
    write_durably(path, content, MODE)
    path.chmod(MODE)  # the gate's group reads it, whatever the umask says


def _file(settings: Settings) -> Path:
    return settings.hotspot.link_dir / gate.FILE
