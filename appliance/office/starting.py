"""What every start records: that the box is up, why, and which configuration applies."""

from pathlib import Path

import structlog

from appliance import __version__
from appliance.config import ConfigError, Settings, changed_keys, loads
from appliance.desk.state import State
from appliance.journal.journal import write_durably
from appliance.wire.event import Draft

log = structlog.get_logger(__name__)

APPLIED = "applied.toml"
STOPPED = "stopped"


class Starting:
    """What every start records: that the box is up, why, and which configuration applies."""

    def __init__(self, folder: Path, settings: Settings, source: bytes, boot: str) -> None:
        self._folder = folder
        self._settings = settings
        self._source = source
        self._boot = boot

    def drafts(self, state: State) -> list[Draft]:
        """Return the drafts for a state that was found."""
        started = {
            "software": f"motcua {__version__}",
            "board": self._settings.hardware.board,
            "reason": self._reason(state),
        }
        drafts = [Draft("device.started", started)]
        if state.config != self._settings.sha256:
            keys = changed_keys(self._before(), self._settings)
            drafts.append(Draft("config.applied", {"sha256": self._settings.sha256, "keys": keys}))
        return drafts

    def done(self) -> None:
        """Forget the orderly stop, keep the configuration for the next comparison."""
        (self._folder / STOPPED).unlink(missing_ok=True)
        try:
            write_durably(self._folder / APPLIED, self._source)
        except OSError as error:
            log.warning("config.not_kept", reason=str(error))

    def _reason(self, state: State) -> str:
        if not state.timeline.boot:
            return "unknown"
        if state.timeline.boot != self._boot:
            return "power"
        return "restart" if (self._folder / STOPPED).exists() else "crash"

    def _before(self) -> Settings | None:
        try:
            return loads((self._folder / APPLIED).read_text(encoding="utf-8"), APPLIED)
        except (OSError, UnicodeDecodeError, ConfigError):
            return None
