"""Faces for the levels of satisfaction: the shape says the same as the word and the color."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.pages.palette import ink_on
from appliance.web.names import Name

_MIDDLE_Y, _BEND = 66, 20


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
