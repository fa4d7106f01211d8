"""Every office.toml that was in use on this box, so that a change can be looked at and undone.

One file a version, written whole or not at all; its name says which number it has, when it came into use, the
beginning of its SHA-256 and who wanted it: ``00000012-20261125T011502Z-1a2b3c4d-lan.toml``. The number orders
them, not the time: a box without a clock wakes up in the past.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "config"
MOST_VERSIONS: Final = 100
USED: Final = "used-ids"
"""Ids of versions that are gone: an id is never given to something else."""
ID_LISTS: Final = (("services", "id"), ("counters", "id"), ("priorities", "id"), ("reasons", "key"))

_NAME = re.compile(
    r"(?P<number>\d{8})-(?P<at>\d{8}T\d{6}Z)-(?P<digest>[0-9a-f]{8})-(?P<officer>[A-Za-z0-9_-]{0,32})\.toml\Z"
)
_OFFICER = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")

Write = Callable[[Path, bytes], None]


@dataclass(frozen=True, slots=True)
class Version:
    """One office.toml that was in use.

    Attributes:
        number: Its place in the order, from 1.
        at: When it came into use, UTC as the box believed, ``20261125T011502Z``.
        digest: The first eight hex digits of its SHA-256.
        officer: Who wanted it; None for one that was found in place, or put there by hand.
    """

    number: int
    at: str
    digest: str
    officer: str | None

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.number:08d}-{self.at}-{self.digest}-{self.officer or ''}.toml"


class History:
    """The versions in one folder.

    Args:
        folder: Where they are kept; made at the first version.
        write: Replaces a file durably.
        most: Versions that are kept; the oldest are removed.
    """

    def __init__(self, folder: Path, write: Write, most: int = MOST_VERSIONS) -> None:
        self._folder = folder
        self._write = write
        self._most = most

    def versions(self) -> tuple[Version, ...]:
        """Return the versions, the newest first; what does not bear the name of one is passed over."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except OSError:
            return ()
        found = [_version(match) for name in names if (match := _NAME.match(name))]
        return tuple(sorted(found, key=lambda version: version.number, reverse=True))

    def text(self, version: Version) -> str:
        """Return the office.toml of a version, byte for byte.

        Raises:
            OSError, ValueError: It is gone or damaged.
        """
        return (self._folder / version.name).read_bytes().decode("utf-8")

    def keep(self, text: str, at: str, officer: str | None) -> Version:
        """Keep a text as the newest version; the one that already is the newest is not kept twice.

        Raises:
            OSError: It could not be written; the versions are as before.
        """
        versions = self.versions()
        digest = digest_of(text)
        if versions and versions[0].digest == digest and self._is_same(versions[0], text):
            return versions[0]
        number = versions[0].number + 1 if versions else 1
        named = officer if officer is not None and _OFFICER.match(officer) else None
        version = Version(number, at, digest, named)
        self._folder.mkdir(exist_ok=True)
        self._write(self._folder / version.name, text.encode())
        self._forget(versions[self._most - 1 :])
        return version

    def used_ids(self, kind: str) -> frozenset[str]:
        """Return every id that something of this kind ever had here: ``services``, ``counters`` and so on."""
        used = set(self._used().get(kind, ()))
        for version in self.versions():
            used |= self._ids(version).get(kind, set())
        return frozenset(used)

    def _is_same(self, version: Version, text: str) -> bool:
        try:
            return self.text(version) == text
        except (OSError, ValueError):
            return False

    def _forget(self, versions: tuple[Version, ...]) -> None:
        if not versions:
            return
        used = self._used()
        for version in versions:
            for kind, ids in self._ids(version).items():
                used.setdefault(kind, set()).update(ids)
        lines = [f"{kind} {each}\n" for kind in sorted(used) for each in sorted(used[kind])]
        self._write(self._folder / USED, "".join(lines).encode())
        for version in versions:
            (self._folder / version.name).unlink(missing_ok=True)

    def _used(self) -> dict[str, set[str]]:
        try:
            lines = (self._folder / USED).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return {}
        used: dict[str, set[str]] = {}
        for line in lines:
            kind, _, each = line.partition(" ")
            used.setdefault(kind, set()).add(each)
        return used

    def _ids(self, version: Version) -> dict[str, set[str]]:
        try:
            return ids_of(self.text(version))
        except (OSError, ValueError):
            return {}


def digest_of(text: str) -> str:
    """Return the first eight hex digits of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def ids_of(text: str) -> dict[str, set[str]]:
    """Return the ids in an office.toml by what they are of; a text that is none has none."""
    try:
        data: dict[str, Any] = tomllib.loads(text.removeprefix("\ufeff"))
    except ValueError:
        return {}
    ratings = data.get("ratings")
    lists = {**data, "reasons": ratings.get("reasons") if isinstance(ratings, dict) else None}
    found: dict[str, set[str]] = {}
    for kind, key in ID_LISTS:
        rows = lists.get(kind)
        rows = rows if isinstance(rows, list) else []
        found[kind] = {str(row[key]) for row in rows if isinstance(row, dict) and key in row}
    return found


def _version(match: re.Match[str]) -> Version:
    return Version(int(match["number"]), match["at"], match["digest"], match["officer"] or None)
