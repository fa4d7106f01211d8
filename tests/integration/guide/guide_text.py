"""docs/vi/huong-dan-ky-thuat.md in pieces: its fenced blocks by kind, its tables by their heading."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "vi" / "huong-dan-ky-thuat.md"
TEXT = PAGE.read_text("utf-8")
PLACES = ("trung-tam", "may-tinh", "thiet-bi")
"""Where commands run: the center's machine, the technician's, a box that has a shell."""
FILES = (
    "toml office",
    "toml motcua",
    "toml restore",
    "toml wifi",
    "csv thu-tuc.csv",
    "text motcua-reset.txt",
)
"""Pieces of files, by what they go into."""
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ENV = ".venv/bin/motcua"


@dataclass(frozen=True, slots=True)
class Command:
    """One line that somebody types.

    Attributes:
        place: one of PLACES.
        line: as the guide has it.
        words: of the line, without sudo, and with the program as ``motcua``.
    """

    place: str
    line: str
    words: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The words before the first option or file: what is called."""
        ends = (at for at, word in enumerate(self.words) if word.startswith("-") or "." in word)
        return self.words[: next(ends, len(self.words))]


def blocks() -> list[tuple[str, str]]:
    """Return kind and content of every fenced block, in order."""
    return _FENCE.findall(TEXT)


def file_piece(kind: str) -> str:
    """Return the one block of a kind of FILES."""
    [text] = [text for name, text in blocks() if name == kind]
    return text


def commands() -> list[Command]:
    """Return every command in order."""
    return [
        _command(kind.partition(" ")[2], line)
        for kind, text in blocks()
        if kind.startswith("sh ")
        for line in text.splitlines()
    ]


def _command(place: str, line: str) -> Command:
    words = shlex.split(line)
    if words[0] == "sudo":
        words = words[1:]
    if words[0] == _ENV:
        words[0] = "motcua"
    return Command(place, line, tuple(words))


def table(first_cell: str) -> list[list[str]]:
    """Return the rows of every table whose heading begins with this cell, without heading and rule."""
    found: list[list[str]] = []
    for chunk in re.findall(r"(?:^\|.*\n)+", TEXT, re.MULTILINE):
        rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in chunk.splitlines()]
        if rows[0][0] == first_cell:
            found += rows[2:]
    assert found, first_cell
    return found
