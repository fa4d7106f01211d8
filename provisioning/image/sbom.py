"""What is on the card: every Debian package and every wheel, with its version."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from provisioning.image.packages import ARCHITECTURE, SUITE

STATUS: Final = Path("var/lib/dpkg/status")
_INSTALLED: Final = "install ok installed"


def debian_packages(status: str) -> list[dict[str, str]]:
    """Return the installed packages, sorted by name.

    Args:
        status: the text of dpkg's status file.
    """
    return sorted(_installed(status), key=lambda row: row["name"])


def _installed(status: str) -> Iterator[dict[str, str]]:
    for stanza in status.split("\n\n"):
        lines = (line.partition(": ") for line in stanza.splitlines() if not line.startswith(" "))
        fields = {name: value for name, _, value in lines}
        if fields.get("Status") != _INSTALLED:
            continue
        name, version = fields["Package"], fields["Version"]
        source, _, source_version = fields.get("Source", name).partition(" ")
        yield {
            "name": name,
            "version": version,
            "architecture": fields["Architecture"],
            "source": source,
            "source_version": source_version.strip("()") or version,
        }


def wheels(files: Iterable[Path]) -> list[dict[str, str]]:
    """Return name, version and hash of wheels, sorted by name."""
    rows = []
    for path in files:
        name, version, *_ = path.name.split("-")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append({"name": name, "version": version, "file": path.name, "sha256": digest})
    return sorted(rows, key=lambda row: row["name"].lower())


def render(profile: str, epoch_s: int, status: str, files: Iterable[Path]) -> str:
    """Return the list as JSON.

    Args:
        profile: of the image.
        epoch_s: the time of the image, seconds since 1970.
        status: the text of dpkg's status file.
        files: the wheels of the box.
    """
    content = {
        "profile": profile,
        "suite": SUITE,
        "architecture": ARCHITECTURE,
        "source_date_epoch": epoch_s,
        "debian": debian_packages(status),
        "python": wheels(files),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
