"""What a box without settings can say of itself."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from appliance import __version__
from appliance.config.problem import ConfigError
from appliance.health.links import addresses, in_url
from appliance.setup_notice import Mistake, SetupNotice

DEVICE_TREE: Final = Path("/proc/device-tree")
NOT_TAKEN: Final = Mistake(
    "motcua.toml",
    "no card was taken over yet: put motcua.toml on the card and start the box again",
    "chưa nhận được thẻ nào: hãy ghi motcua.toml vào thẻ rồi bật lại thiết bị",
)
_TOLD_OF_HEALTH: Final = {
    "key": "setup_mode",
    "subject": "",
    "en": "the box is not set up: correct motcua.toml on its card and start it again",
    "vi": "Thiết bị chưa thiết lập: sửa motcua.toml trên thẻ nhớ rồi bật lại",
}


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """What the page of setup mode shows.

    Args:
        mistakes: what is wrong; at least one.
        model: of the board; empty when the kernel does not say.
        serial: of the board; likewise.
        addresses: of the box, on the LAN.
        port: at which the LAN finds this page, or None when it is not served there.
        fingerprint: SHA-256 of the certificate there; empty without one.
        software: the version.
    """

    mistakes: tuple[Mistake, ...]
    model: str
    serial: str
    addresses: tuple[str, ...]
    port: int | None
    fingerprint: str
    software: str = __version__

    @property
    def urls(self) -> tuple[str, ...]:
        """Where a technician finds this page."""
        if self.port is None:
            return ()
        return tuple(f"https://{in_url(host)}:{self.port}" for host in self.addresses)

    def told(self) -> dict[str, Any]:
        """Return what ``GET /v1/setup`` answers."""
        return {
            "is_set_up": False,
            "mistakes": [asdict(each) for each in self.mistakes],
            "model": self.model,
            "serial": self.serial,
            "addresses": list(self.addresses),
            "urls": list(self.urls),
            "software": self.software,
        }

    def health(self) -> dict[str, Any]:
        """Return what ``GET /v1/health`` answers: the least that every reader of it looks at."""
        return {
            "software": self.software,
            "recording_stopped": None,
            "journal": None,
            "uplink": None,
            "issues": [_TOLD_OF_HEALTH],
            "faults": [],
            "addresses": list(self.addresses),
        }


def gather(
    data: Path,
    error: ConfigError,
    *,
    port: int | None = None,
    fingerprint: str = "",
    device_tree: Path = DEVICE_TREE,
) -> SetupFacts:
    """Return the facts as they are now; reads small files only.

    Args:
        data: the data directory, where the first start leaves ``setup.json``.
        error: why there are no settings.
        port: at which the LAN finds the page.
        fingerprint: of the certificate there.
        device_tree: where the kernel says what board this is.
    """
    return SetupFacts(
        mistakes=mistakes(SetupNotice.read(data), error),
        model=_said(device_tree / "model"),
        serial=_said(device_tree / "serial-number"),
        addresses=addresses(),
        port=port,
        fingerprint=fingerprint,
    )


def mistakes(notice: SetupNotice | None, error: ConfigError) -> tuple[Mistake, ...]:
    """Return everything to correct, once: of the settings if there are some, then of the card."""
    found = [Mistake.of(each, error.name) for each in error.problems if each.rule != "file.missing"]
    found += [] if notice is None else notice.mistakes
    return tuple(dict.fromkeys(found)) or (NOT_TAKEN,)


def _said(path: Path) -> str:
    try:
        return path.read_bytes().decode("ascii", "replace").strip("\0 \n")
    except OSError:
        return ""
