"""The colors of the design system, read from its style sheet, and how well they can be told apart.

The style sheet is the only place where a color is written; tests and the page about the design ask here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

STATES: Final = ("waiting", "called", "serving", "on-hold", "no-show", "served", "cancelled")
TEXT: Final = 4.5
"""WCAG 2.2, 1.4.3: the least contrast of text with what is behind it."""
DARK: Final = "#000"
LIGHT: Final = "#fff"
SHAPE: Final = 3.0
"""WCAG 2.2, 1.4.11: the least contrast of a border, an icon or a focus ring."""
PAIRS: Final = (
    *(("ink", behind, TEXT) for behind in ("paper", "surface", "sunken")),
    *(("muted", behind, TEXT) for behind in ("paper", "surface", "sunken")),
    *(("accent", behind, TEXT) for behind in ("paper", "surface", "sunken")),
    *(("bad", behind, TEXT) for behind in ("paper", "surface")),
    *(("on-accent", "accent", TEXT), ("surface", "accent-deep", TEXT), ("on-soft", "soft", TEXT)),
    ("on-bad", "bad", TEXT),
    *((state, f"{state}-bg", TEXT) for state in STATES),
    *(("edge", behind, SHAPE) for behind in ("paper", "surface", "sunken")),
    *(("focus", behind, SHAPE) for behind in ("paper", "surface", "sunken")),
    *(("emblem", "surface", SHAPE), ("served", "surface", SHAPE), ("called", "called-bg", SHAPE)),
)
"""What stands on what: foreground, background, and the least contrast between them."""

_SELECTORS: Final[Mapping[str, str]] = {
    "light": r":root",
    "dark": r':root[data-theme="dark"]',
    "contrast": r':root[data-theme="contrast"]',
}
_BLOCK: Final = r"^\s*{}\s*\{{([^}}]*--paper:[^}}]*)\}}"
_COLOR: Final = re.compile(r"--([a-z0-9-]+):\s*(#(?:[0-9a-f]{6}|[0-9a-f]{3}))\s*;")
_LINEAR_BELOW: Final = 0.04045


@dataclass(frozen=True, slots=True)
class Pair:
    """One color on another in one theme; colors as ``#rrggbb``."""

    front: str
    behind: str
    front_color: str
    behind_color: str
    ratio: float
    least: float


def themes(sheet: str) -> dict[str, dict[str, str]]:
    """Return the colors of every theme by the names of their tokens."""
    return {theme: colors(sheet, selector) for theme, selector in _SELECTORS.items()}


def colors(sheet: str, selector: str) -> dict[str, str]:
    """Return the colors that the first block of a selector sets."""
    block = re.search(_BLOCK.format(re.escape(selector)), sheet, re.MULTILINE)
    return {} if block is None else {name: _long(value) for name, value in _COLOR.findall(block[1])}


def pairs(sheet: str) -> dict[str, list[Pair]]:
    """Return every pair of every theme with its contrast."""
    return {
        theme: [
            Pair(front, behind, held[front], held[behind], ratio(held[front], held[behind]), least)
            for front, behind, least in PAIRS
        ]
        for theme, held in themes(sheet).items()
    }


def ink_on(color: str) -> str:
    """Return black or white, whichever has more contrast on a color, ``#rrggbb``."""
    return max((DARK, LIGHT), key=lambda ink: ratio(_long(ink), color))


def ratio(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2 between two colors, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_BELOW else float(((channel + 0.055) / 1.055) ** 2.4)


def _long(color: str) -> str:
    short = 4
    return color if len(color) > short else "#" + "".join(digit * 2 for digit in color[1:])
