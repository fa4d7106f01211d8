"""Files of records: one or more a month, in the chain's order; verified without any key."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from appliance.records.errors import BrokenChainError, RecordsError, RecordsFolderError
from appliance.records.lines import MOST_LINE, Line, Link

SUFFIX: Final = ".records"
TORN: Final = ".torn"
UNDATED: Final = "undated"
MANIFEST: Final = "manifest.json"
_NAME: Final = re.compile(r"(\d{6})-(\d{4}-(?:0[1-9]|1[0-2])|undated)(\.records|\.torn)\Z")


@dataclass(frozen=True, slots=True)
class MonthFile:
    """One file.

    Attributes:
        folder: where it is.
        number: its place in the chain.
        month: ``2026-11``; None while no trusted clock has said which one it is.
        is_torn: whether it holds torn ends that were set aside, and no lines.
    """

    folder: Path
    number: int
    month: str | None
    is_torn: bool = False

    @classmethod
    def of(cls, path: Path) -> "MonthFile | None":
        """Return the file of a path; None where it is none of ours."""
        named = _NAME.match(path.name)
        if named is None:
            return None
        month = None if named[2] == UNDATED else named[2]
        return cls(path.parent, int(named[1]), month, is_torn=named[3] == TORN)

    @property
    def path(self) -> Path:
        """Where it is."""
        suffix = TORN if self.is_torn else SUFFIX
        return self.folder / f"{self.number:06d}-{self.month or UNDATED}{suffix}"


def month_files(folder: Path, *, with_torn: bool = False) -> list[MonthFile]:
    """Return the files of a folder in the chain's order; none where there is no folder.

    Raises:
        RecordsFolderError: it cannot be read.
    """
    try:
        found = [each for path in folder.iterdir() if (each := MonthFile.of(path)) is not None]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RecordsFolderError(path=folder, reason=error.strerror or str(error)) from None
    return sorted((each for each in found if with_torn or not each.is_torn), key=lambda each: each.number)


@dataclass(slots=True)
class Verified:
    """What was found while a chain was read.

    Attributes:
        first: number of the first line; 0 without any.
        link: the end; None without any.
        chains: how many there are, one after another: a box that got another id begins a new one.
        lines: how many there are.
        missed: sessions that could not be recorded, as far as lines tell.
        keys: thumbprints of the keys that lines are sealed to.
    """

    first: int = 0
    link: Link | None = None
    chains: int = 0
    lines: int = 0
    missed: int = 0
    keys: set[str] = field(default_factory=set)

    def take(self, line: Line) -> None:
        """Count a line that follows."""
        self.first = self.first or line.seq
        self.chains += self.link is None or self.link.chain != line.chain
        self.link = line.after()
        self.lines += 1
        self.missed += line.missed
        self.keys.add(line.key)


def read(
    paths: Sequence[Path], found: Verified, *, is_live: bool = False
) -> Iterator[tuple[Path, int, Line]]:
    """Yield the lines of files in the chain's order, each checked to go on from the one before it.

    Args:
        paths: the files.
        found: is filled while reading.
        is_live: whether the gate may be writing: then the last file's last line may be there in part.

    Raises:
        BrokenChainError: names the first line that is damaged, missing or out of place.
        RecordsFolderError: a file cannot be read.
    """
    for path in paths:
        for number, raw in enumerate(_lines(path), 1):
            if not raw.endswith(b"\n"):
                if is_live and path == paths[-1]:
                    return
                raise BrokenChainError(file=path.name, line=number, reason="is cut off")
            try:
                line = Line.of(raw[:-1])
            except RecordsError as error:
                raise BrokenChainError(file=path.name, line=number, reason=str(error)) from None
            wrong = line.follows(_before(line, number, found.link))
            if wrong is not None:
                raise BrokenChainError(file=path.name, line=number, reason=wrong)
            found.take(line)
            yield path, number, line


def _before(line: Line, number: int, link: Link | None) -> Link:
    """Return what a line has to go on from."""
    is_other = link is None or (link.chain != line.chain and number == 1)
    if line.seq == 1 and is_other:
        return Link.start(line.chain, line.device)
    # Files are destroyed from the beginning: what was before the first of them cannot be told any more.
    return link or Link(line.chain, line.device, line.seq - 1, line.prev)


def verified(paths: Sequence[Path], *, is_live: bool = False) -> Verified:
    """Return what a chain holds, after all of it was read.

    Raises:
        BrokenChainError, RecordsFolderError: see :func:`read`.
    """
    found = Verified()
    for _ in read(paths, found, is_live=is_live):
        pass
    return found


def digest(path: Path) -> str:
    """Return the hex SHA-256 of a file.

    Raises:
        RecordsFolderError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecordsFolderError(path=path, reason=error.strerror or str(error)) from None


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while line := file.readline(MOST_LINE + 2):
                yield line
    except OSError as error:
        raise RecordsFolderError(path=path, reason=error.strerror or str(error)) from None
