"""Faces for the levels of satisfaction: the shape says the same as the word and the color."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.web.names import Name

DARK, LIGHT = "#000", "#fff"
_MIDDLE_Y, _BEND = 66, 20
_LINEAR_BELOW = 0.04045


@dataclass(frozen=True, slots=True)
class Face:
    """One level's button.

    Args:
        level: 1 is worst.
        label: its word.
        color: of the face.
        ink: of eyes and mouth: whichever of black and white is seen better on it.
        mouth: a path on a grid of 100.
    """

    level: int
    label: Name
    color: str
    ink: str
    mouth: str


def faces(labels: Sequence[Name], colors: Sequence[str]) -> list[Face]:
    """Return a face for each level, the best first.

    Args:
        labels: worst first.
        colors: ``#rrggbb``, worst first.
    """
    worst_first = [
        Face(level, label, color, ink_on(color), mouth(level, len(labels)))
        for level, (label, color) in enumerate(zip(labels, colors, strict=True), start=1)
    ]
    return worst_first[::-1]


def mouth(level: int, levels: int) -> str:
    """Return a mouth between a frown for level 1 and a wide smile for the best."""
    mood = 2 * (level - 1) / (levels - 1) - 1
    end_y, deep_y = round(_MIDDLE_Y - mood * _BEND / 3), round(_MIDDLE_Y + mood * _BEND)
    return f"M30 {end_y}Q50 {deep_y} 70 {end_y}"


def ink_on(color: str) -> str:
    """Return black or white, whichever has more contrast on a color (WCAG 2)."""
    red, green, blue = (_linear(int(color[place : place + 2], 16) / 255) for place in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return DARK if (luminance + 0.05) ** 2 > 0.05 * 1.05 else LIGHT


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_BELOW else float(((channel + 0.055) / 1.055) ** 2.4)
