"""The text of a TOML file cut at its headers, so that one table changes and every other byte stays.

A cut is made only where what came before parses by itself: a line that looks like a header inside a text or a
list is none. Joining the blocks gives the text back.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

TablePath = tuple[str, ...]

_HEADER = re.compile(r"[ \t]*\[")
_TRIVIAL = re.compile(r"[ \t]*(#.*)?\r?\n?\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One header and what it holds.

    Attributes:
        lead: Blank lines and comments above the header.
        header: The header's line; empty for what stands above the first one.
        path: The table's dotted name, in parts.
        is_row: Whether the header is one of a list, ``[[services]]``.
        body: The lines below, up to the last key.
    """

    lead: str
    header: str
    path: TablePath
    is_row: bool
    body: str

    def __str__(self) -> str:
        return self.lead + self.header + self.body

    def with_body(self, body: str) -> "Block":
        """Return the same table with other lines below its header."""
        header = self.header if not self.header or self.header.endswith("\n") else f"{self.header}\n"
        return Block(self.lead, header, self.path, self.is_row, body)

    def with_lead(self, lead: str) -> "Block":
        """Return the same table with something else above it."""
        return Block(lead, self.header, self.path, self.is_row, self.body)

    def ended(self) -> "Block":
        """Return the same table, its last line ended, so that another can follow."""
        return self.with_body(self.body if self.body.endswith("\n") or not self.body else f"{self.body}\n")


@dataclass(frozen=True, slots=True)
class Blocks:
    """A whole file; ``tail`` is what follows the last key."""

    blocks: tuple[Block, ...]
    tail: str

    @classmethod
    def cut(cls, text: str) -> Self:
        """Cut a text that parses.

        Raises:
            ValueError: It is no TOML.
        """
        tomllib.loads(text)
        blocks: list[Block] = []
        head = Block("", "", (), is_row=False, body="")
        lines: list[str] = []
        for line in _lines(text):
            found = _header(line)
            if found is None or not _parses(lines):
                lines.append(line)
                continue
            body, lead = _peeled(lines)
            blocks.append(Block(head.lead, head.header, head.path, head.is_row, body))
            head = Block(lead, line, *found, body="")
            lines = []
        body, tail = _peeled(lines)
        blocks.append(Block(head.lead, head.header, head.path, head.is_row, body))
        return cls(tuple(blocks), tail)

    def __str__(self) -> str:
        return "".join(map(str, self.blocks)) + self.tail

    def replaced(self, index: int, block: Block) -> Self:
        """Return the file with another block in one's place."""
        return type(self)((*self.blocks[:index], block, *self.blocks[index + 1 :]), self.tail)

    def inserted(self, place: int, new: Sequence[Block]) -> Self:
        """Return the file with more blocks ahead of number ``place``."""
        before = [block.ended() for block in self.blocks[:place]]
        return type(self)((*before, *new, *self.blocks[place:]), self.tail)


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _header(line: str) -> tuple[TablePath, bool] | None:
    """Return what a line that stands alone would be the header of."""
    if not _HEADER.match(line):
        return None
    try:
        value: Any = tomllib.loads(line)
    except ValueError:
        return None
    path: list[str] = []
    while isinstance(value, dict) and value:
        ((key, value),) = value.items()
        path.append(key)
    return tuple(path), isinstance(value, list)


def _parses(lines: Sequence[str]) -> bool:
    try:
        tomllib.loads("".join(lines))
    except ValueError:
        return False
    return True


def _peeled(lines: Sequence[str]) -> tuple[str, str]:
    """Return the lines up to the last key, and the blank lines and comments behind it."""
    end = len(lines)
    while end and _TRIVIAL.match(lines[end - 1]) and _parses(lines[: end - 1]):
        end -= 1
    return "".join(lines[:end]), "".join(lines[end:])
