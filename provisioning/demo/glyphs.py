"""Letters and digits three rows high, of half blocks: for ticket labels and LED digits."""

from collections.abc import Mapping

ROWS = 3
"""Rows of a line of big letters; each is three columns wide, and one stands between two."""

# Five rows of three dots each, the classic small font.
_DOTS: Mapping[str, str] = {
    "0": "### #.# #.# #.# ###", "1": ".#. ##. .#. .#. ###", "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###", "4": "#.# #.# ### ..# ..#", "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###", "7": "### ..# ..# ..# ..#", "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###", "A": "### #.# ### #.# #.#", "B": "##. #.# ##. #.# ##.",
    "C": "### #.. #.. #.. ###", "D": "##. #.# #.# #.# ##.", "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..", "G": "### #.. #.# #.# ###", "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###", "J": "..# ..# ..# #.# ###", "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###", "M": "#.# ### ### #.# #.#", "N": "##. #.# #.# #.# #.#",
    "O": "### #.# #.# #.# ###", "P": "### #.# ### #.. #..", "Q": "### #.# #.# ### ..#",
    "R": "##. #.# ##. #.# #.#", "S": "### #.. ### ..# ###", "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###", "V": "#.# #.# #.# #.# .#.", "W": "#.# #.# ### ### #.#",
    "X": "#.# #.# .#. #.# #.#", "Y": "#.# #.# ### .#. .#.", "Z": "### ..# .#. #.. ###",
    " ": "... ... ... ... ...", "-": "... ... ### ... ...",
}  # fmt: skip
_UNKNOWN = "### ..# .#. ... .#."
_BLOCKS: Mapping[tuple[bool, bool], str] = {
    (False, False): " ",
    (True, False): "▀",
    (False, True): "▄",
    (True, True): "█",
}


def big(text: str) -> list[str]:
    """Return ``ROWS`` lines that draw a text; what has no glyph is a question mark."""
    glyphs = [[*_DOTS.get(char, _UNKNOWN).split(), "..."] for char in text.upper()]
    return [" ".join(_row(glyph[2 * row], glyph[2 * row + 1]) for glyph in glyphs) for row in range(ROWS)]


def _row(upper: str, lower: str) -> str:
    return "".join(_BLOCKS[high == "#", low == "#"] for high, low in zip(upper, lower, strict=True))
