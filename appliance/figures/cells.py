"""Small cells: which distribution of levels may be shown (docs/adr/0016-small-cells-in-steps.md).

Nobody may learn from a page what one person pressed, not by its figures, not by comparing two versions of it
and not by subtracting. Hence

* a distribution is shown as it stood when its evaluations last reached a multiple of :data:`BLOCK`, and not
  at all below it: two versions are the same or differ by at least so many people, on the running day and
  after its end;
* an evaluation takes its place in it only when it cannot be corrected any more
  (:data:`appliance.figures.ratings.SETTLED_MS`): a correction after the step would show itself in the next;
* a total over counters or days is the sum of the distributions that are shown, never of those behind them:
  what follows from published figures tells nothing that they do not tell.

How many evaluations there are, and the response rate, name no level and may be shown as they are.
"""

from collections.abc import Iterable

BLOCK = 5

Distribution = tuple[int, ...]
"""How many evaluations have each level, the worst first."""


class Cell:
    """The distribution of one counter, and what of it may be shown.

    Args:
        levels: length of the scale.
    """

    __slots__ = ("_counts", "_total", "shown")

    def __init__(self, levels: int) -> None:
        self._counts = [0] * levels
        self._total = 0
        self.shown: Distribution | None = None

    def add(self, level: int) -> None:
        """Take an evaluation that stands for good; 1 is worst."""
        self._counts[level - 1] += 1
        self._total += 1
        if self._total % BLOCK == 0:
            self.shown = tuple(self._counts)


def together(distributions: Iterable[Distribution | None]) -> Distribution | None:
    """Return the total that may be shown beside these: the sum of those that are shown, all of one scale."""
    shown = [one for one in distributions if one is not None]
    return tuple(map(sum, zip(*shown, strict=True))) if shown else None
