"""Spans of time of which median, 90 % and longest are asked, in bounded memory."""

from array import array
from math import ceil

MOST_KEPT = 16_384
"""More spans than an office has tickets on a day; beyond it every second one is kept, then every fourth."""

_LONGEST_MS = 2**32 - 1  # fits the array; 49 days


class Spans:
    """Spans in milliseconds; four bytes each. Quantiles are nearest ranks: spans that really were.

    Args:
        spans: what it begins with.
    """

    __slots__ = ("_kept", "_stride", "count", "longest_ms")

    def __init__(self, *spans: int) -> None:
        self._kept = array("I")
        self._stride = 1
        self.count = 0
        self.longest_ms = 0
        for span_ms in spans:
            self.add(span_ms)

    def add(self, span_ms: int) -> None:
        """Take a span, milliseconds."""
        span_ms = min(max(span_ms, 0), _LONGEST_MS)
        self.count += 1
        self.longest_ms = max(self.longest_ms, span_ms)
        if self.count % self._stride == 0:
            self._kept.append(span_ms)
            self._thin()

    @property
    def median_ms(self) -> int | None:
        """The span that half of all do not exceed, milliseconds; None when there is none."""
        return self.quantile_ms(0.5)

    @property
    def p90_ms(self) -> int | None:
        """The span that nine in ten do not exceed, milliseconds; None when there is none."""
        return self.quantile_ms(0.9)

    def quantile_ms(self, share: float) -> int | None:
        """Return the shortest span that at least this share (0-1) of all does not exceed, or None."""
        if not self._kept:
            return None
        return sorted(self._kept)[max(0, ceil(share * len(self._kept)) - 1)]

    def copy(self) -> "Spans":
        """Return what is held now; a copy of memory, whatever its length."""
        other = Spans()
        other._kept, other._stride = self._kept[:], self._stride
        other.count, other.longest_ms = self.count, self.longest_ms
        return other

    def __add__(self, other: "Spans") -> "Spans":
        """Return the spans of both, as evenly thinned as the more thinned one."""
        stride = max(self._stride, other._stride)
        both = Spans()
        for one in (self, other):
            step = stride // one._stride
            both._kept += one._kept[step - 1 :: step]
        both._stride = stride
        both.count = self.count + other.count
        both.longest_ms = max(self.longest_ms, other.longest_ms)
        both._thin()
        return both

    def __eq__(self, other: object) -> bool:
        """Whether the same spans were taken in the same order."""
        if not isinstance(other, Spans):
            return NotImplemented
        return (self.count, self.longest_ms, self._kept) == (other.count, other.longest_ms, other._kept)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"Spans({', '.join(map(str, self._kept))})"

    def _thin(self) -> None:
        while len(self._kept) > MOST_KEPT:
            self._kept = self._kept[1::2]
            self._stride *= 2
