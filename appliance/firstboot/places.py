"""Where a first start finds and leaves everything."""

from dataclasses import dataclass
from pathlib import Path

from appliance.firstboot.authority import FILE_NAME as CA_FILE


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is.

    Attributes:
        card: where the FAT partition is mounted.
        data: the data directory.
        config: the office.toml; the certificates of the province's CA are kept beside it.
        network: the directory of systemd-networkd's files.
        stick: where a backup stick is mounted.
        hotspot: the directory in which the public WiFi keeps its sessions; None for a box without.
    """

    card: Path
    data: Path
    config: Path
    network: Path
    stick: Path = Path("/media/motcua")
    hotspot: Path | None = None

    @property
    def ca_file(self) -> Path:
        """Where the certificates of the province's CA are kept."""
        return self.config.with_name(CA_FILE)
