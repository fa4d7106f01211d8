"""How many ratings count at each counter and level, and how many carry a flag: a fold of ``rating.given``."""

from collections import Counter

from appliance.wire.event import Event


class Tally:
    """Counts each evaluation once: neither repeats nor what a later press corrected."""

    def __init__(self) -> None:
        self._levels: dict[str, Counter[int]] = {}
        self._flags: dict[str, Counter[str]] = {}
        self._standing: dict[tuple[str, int], tuple[str, int]] = {}

    def add(self, event: Event) -> None:
        """Take an event; other kinds change nothing."""
        if event.kind != "rating.given":
            return
        data = event.data
        counter, level, corrects = data["counter"], data["level"], data["corrects"]
        levels = self._levels.setdefault(counter, Counter())
        flags = self._flags.setdefault(counter, Counter())
        flags.update(data["flags"])
        if corrects is not None:
            flags["corrected"] += 1
            replaced = self._standing.pop((event.epoch, corrects), None)
            if replaced is not None:
                self._levels[replaced[0]][replaced[1]] -= 1
        if "repeat" not in data["flags"]:
            levels[level] += 1
            self._standing[event.epoch, event.seq] = (counter, level)

    def counts(self, counter: str, levels: int) -> tuple[int, ...]:
        """Return the evaluations that count at a counter, worst level first."""
        found = self._levels.get(counter, Counter())
        return tuple(found[level] for level in range(1, levels + 1))

    def flags(self, counter: str) -> dict[str, int]:
        """Return how many presses at a counter carried each flag; ``corrected``: they replaced another."""
        return dict(self._flags.get(counter, Counter()))
