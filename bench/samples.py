"""Measured values of one figure: their median and 99th percentile."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Samples:
    """Values of one unit, at least one.

    Args:
        values: as measured, in order.
    """

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float], per: float = 1.0) -> "Samples":
        """Return the samples of values, each divided by ``per``."""
        return cls(tuple(value / per for value in values))

    @property
    def median(self) -> float:
        """The middle value."""
        return median(self.values)

    @property
    def p99(self) -> float:
        """The value that 99 % do not exceed (nearest rank): the largest of fewer than a hundred."""
        return sorted(self.values)[ceil(0.99 * len(self.values)) - 1]

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of them."""
        return {"n": len(self.values), "median": self.median, "p99": self.p99}


def timed(act: Callable[[], object]) -> float:
    """Return how long a call takes, in microseconds of wall time."""
    start = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - start) / 1000


def cpu_timed(act: Callable[[], object]) -> float:
    """Return what a call costs, in microseconds of processor time of this process."""
    start = time.process_time_ns()
    act()
    return (time.process_time_ns() - start) / 1000


def interleave(rounds: int, *measures: Callable[[], float]) -> list[Samples]:
    """Take each measure in turn, ``rounds`` times, so that all meet the same weather of the machine."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for values, measure in zip(taken, measures, strict=True):
            values.append(measure())
    return [Samples.of(values) for values in taken]
