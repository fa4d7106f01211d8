"""Token buckets by key, bounded in memory: who asks too often waits."""

from collections import OrderedDict
from dataclasses import dataclass

MOST_KEYS = 4_096


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, then ``per_s`` a second."""

    per_s: float
    burst: int


class Limiter:
    """Buckets of one rate; not for several threads.

    Args:
        rate: of each key.
        most_keys: how many keys are remembered, the longest silent are forgotten first.
    """

    def __init__(self, rate: Rate, most_keys: int = MOST_KEYS) -> None:
        self._rate = rate
        self._most_keys = most_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Take one token; return 0, or the seconds after which there will be one (none is taken then).

        Args:
            key: who asks.
            now_s: seconds of a clock that never jumps.
        """
        left, at_s = self._buckets.pop(key, (float(self._rate.burst), now_s))
        left = min(float(self._rate.burst), left + max(0.0, now_s - at_s) * self._rate.per_s)
        wait_s = 0.0 if left >= 1 else (1 - left) / self._rate.per_s
        self._buckets[key] = (left - 1 if left >= 1 else left, now_s)
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)
        return wait_s
