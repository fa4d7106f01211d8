"""The files beside the pages, in memory: each with the hash of its content in its address.

An address with the right ``v`` may be cached for ever. Style sheets name fonts by their path below ``static``
in double quotes, ``url("fonts/x.woff2")``; they are given the versioned address when they are loaded.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from appliance.pages.errors import NoSuchAssetError

STATIC: Final = Path(__file__).parent / "static"
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".wav": "audio/wav",
    ".txt": "text/plain; charset=utf-8",
}
_PACKED: Final = frozenset({".png", ".woff2"})
_REFERENCE: Final = re.compile(rb'url\("([a-z0-9_./-]+)"\)')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: ``version`` is eight hex digits of its hash, ``gzipped`` is None where that gains nothing."""

    name: str
    version: str
    media_type: str
    body: bytes = field(repr=False)
    gzipped: bytes | None = field(repr=False)

    @property
    def url(self) -> str:
        """Return the address under which this very content is served."""
        return f"/static/{self.name}?v={self.version}"

    @classmethod
    def of(cls, name: str, body: bytes) -> Self:
        """Return a file of this name and content."""
        suffix = Path(name).suffix
        packed = None if suffix in _PACKED else gzip.compress(body, mtime=0)
        return cls(
            name=name,
            version=hashlib.sha256(body).hexdigest()[:8],
            media_type=MEDIA_TYPES[suffix],
            body=body,
            gzipped=packed if packed is not None and len(packed) < len(body) else None,
        )


class Assets:
    """All static files by name; nothing is read from the disk after ``open``."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._assets = dict(assets)

    @classmethod
    def open(cls, folder: Path = STATIC) -> Self:
        """Read every file of a folder whose media type is known."""
        paths = [path for path in sorted(folder.rglob("*")) if path.suffix in MEDIA_TYPES and path.is_file()]
        # Style sheets last: what they refer to has its version by then.
        paths.sort(key=lambda path: path.suffix == ".css")
        assets: dict[str, Asset] = {}
        for path in paths:
            name = path.relative_to(folder).as_posix()
            body = path.read_bytes()
            assets[name] = Asset.of(name, _versioned(body, assets) if path.suffix == ".css" else body)
        return cls(assets)

    def names(self) -> list[str]:
        """Return the names of all files."""
        return sorted(self._assets)

    def get(self, name: str) -> Asset | None:
        """Return a file, or None if there is none of this name."""
        return self._assets.get(name)

    def url(self, name: str) -> str:
        """Return the versioned address of a file.

        Raises:
            NoSuchAssetError: there is no such file.
        """
        asset = self.get(name)
        if asset is None:
            raise NoSuchAssetError(name=name)
        return asset.url


def _versioned(sheet: bytes, assets: Mapping[str, Asset]) -> bytes:
    def address(found: re.Match[bytes]) -> bytes:
        name = found[1].decode()
        if name not in assets:
            raise NoSuchAssetError(name=name)
        return f'url("{assets[name].url}")'.encode()

    return _REFERENCE.sub(address, sheet)
