"""A figure beside its limit or its peer, and the table of all figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from samples import Samples

_HEAD = ("figure", "unit", "ours median", "p99", "beside", "median", "p99", "ratio", "aim", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        key: stable name, ``bench.figure``.
        name: in words.
        unit: of both sides.
        ours: what was measured of us.
        beside: what stands beside it: a peer's name, or ``limit``; empty when nothing does.
        peer: the same of the peer, measured in turn with ours; or the limit.
        most: the ratio of the medians should be at most this; ``None`` when nobody set an aim.
        note: what a reader must know to believe the figure.
    """

    key: str
    name: str
    unit: str
    ours: Samples
    beside: str = ""
    peer: Samples | None = None
    most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Our median over the peer's, or None without a peer."""
        return None if self.peer is None or not self.peer.median else self.ours.median / self.peer.median

    @property
    def verdict(self) -> str:
        """``ok`` or ``over``, and nothing without an aim: times alone depend on the machine."""
        if self.most is None or self.ratio is None:
            return ""
        return "ok" if self.ratio <= self.most else "over"

    def to_json(self) -> dict[str, Any]:
        """Return the figure as it is kept."""
        return {
            "key": self.key,
            "name": self.name,
            "unit": self.unit,
            "ours": self.ours.to_json(),
            "beside": self.beside,
            "peer": None if self.peer is None else self.peer.to_json(),
            "ratio": self.ratio,
            "aim": self.most,
            "verdict": self.verdict,
            "note": self.note,
        }

    def cells(self) -> tuple[str, ...]:
        """Return the figure as a line of the table."""
        peer = ("", "") if self.peer is None else (_number(self.peer.median), _number(self.peer.p99))
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        aim = "" if self.most is None else f"<= {self.most:g}"
        ours = (_number(self.ours.median), _number(self.ours.p99))
        return (self.name, self.unit, *ours, self.beside, *peer, ratio, aim, self.verdict)


def limit(value: float) -> Samples:
    """Return a limit as the other side of a figure."""
    return Samples((value,))


def render(figures: Sequence[Figure]) -> str:
    """Return the table as text, with the notes below it."""
    lines = [_HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    left = {0, 1, 4, 9}
    shown = [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    rule = "-" * max(map(len, shown))
    notes = [f"  {figure.name.strip()}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([shown[0], rule, *shown[1:], *(["", "Notes:", *notes] if notes else [])])


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
