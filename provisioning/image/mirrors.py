"""Where this machine gets Debian from: the image is made from the same mirror."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provisioning.image.errors import MirrorUnknownError
from provisioning.image.packages import COMPONENTS, SUITE

APT: Final = Path("/etc/apt")
KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"

_SECURITY: Final = re.compile(r"(-security|/updates)/?$")
_ONE_LINE: Final = re.compile(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$")
_CODENAMES: Final = frozenset(
    {"bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable", "oldstable"}
)


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Addresses of Debian's archive.

    Args:
        main: the archive.
        security: the archive of security updates; None takes none.
    """

    main: str
    security: str | None = None

    def lines(self) -> list[str]:
        """Return the sources for apt, one line each."""
        components = " ".join(COMPONENTS)
        lines = [f"deb {self.main} {SUITE} {components}", f"deb {self.main} {SUITE}-updates {components}"]
        if self.security is not None:
            lines.append(f"deb {self.security} {SUITE}-security {components}")
        return lines


def discover(texts: Iterable[str]) -> Mirrors:
    """Return the mirrors that apt sources name.

    Args:
        texts: the contents of apt's source files, in either format.

    Raises:
        MirrorUnknownError: none of them is Debian's.
    """
    main: str | None = None
    security: str | None = None
    for uri, suite in _sources(texts):
        plain = uri.rstrip("/")
        if _SECURITY.search(suite):
            security = security or plain
        elif suite.split("-", 1)[0] in _CODENAMES:
            main = main or plain
    if main is None:
        raise MirrorUnknownError
    return Mirrors(main, security)


def read_sources(folder: Path = APT) -> list[str]:
    """Return the contents of this machine's apt sources."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    wanted = (path for path in files if path.suffix in {".list", ".sources"} and path.is_file())
    return [path.read_text(encoding="utf-8", errors="replace") for path in wanted]


def _sources(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        for line in text.splitlines():
            found = _ONE_LINE.match(line.strip())
            if found is not None and "main" in found[3].split():
                yield found[1], found[2]
        for stanza in re.split(r"\n\s*\n", text):
            yield from _of_stanza(_fields(stanza))


def _of_stanza(fields: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    if "deb" not in fields.get("types", []) or "main" not in fields.get("components", []):
        return
    if fields.get("enabled", ["yes"]) == ["no"]:
        return
    for uri in fields.get("uris", []):
        for suite in fields.get("suites", []):
            yield uri, suite


def _fields(stanza: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields.setdefault(name, []).extend(line.split())
        elif ":" in line:
            head, _, rest = line.partition(":")
            name = head.strip().lower()
            fields[name] = rest.split()
    return fields
