"""The policy by which sessions of the public WiFi are recorded, as the office finds it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog

from appliance.config import ConfigError, Settings
from appliance.config.retention import Policy, policy_of, read_policy

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the policy's file.

    Attributes:
        text: of it; None where it cannot be read.
        policy: what it says; None where that cannot be used.
    """

    text: str | None
    policy: Policy | None


def found(settings: Settings) -> Found | None:
    """Return the policy that the settings name, read anew when its file changes; None without one."""
    path = settings.hotspot.retention_file
    if path is None:
        return None
    try:
        stat = path.stat()
        stamp = stat.st_mtime_ns, stat.st_size, stat.st_ino
    except OSError:
        stamp = 0, 0, 0
    return _read(path, stamp)


@lru_cache(maxsize=4)
def _read(path: Path, _stamp: tuple[int, int, int]) -> Found:
    text = None
    try:
        text = read_policy(path)
        return Found(text, policy_of(text, path.name))
    except ConfigError as error:
        log.warning("retention.policy_refused", reason=str(error))
        return Found(text, None)
