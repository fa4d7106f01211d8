"""What the people in the hall saw acknowledged; the center must hold all of it in the end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Ledger:
    """Acknowledgements by what they promise.

    Args:
        labels: tickets that were handed out with their label.
        numbers: beeps of take-a-number buttons, by service.
        ratings: lamps and evaluator acknowledgements, by (counter, level, source).
        calls: acknowledged calls, by counter.
    """

    labels: list[str] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)
    ratings: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def presses(self) -> int:
        """How many presses of any kind were acknowledged."""
        return sum(self.numbers.values()) + sum(self.ratings.values()) + sum(self.calls.values())

    def missing(self, events: Iterable[dict[str, Any]]) -> list[str]:
        """Return what was acknowledged and is not among these events."""
        labels: set[str] = set()
        numbers: Counter[str] = Counter()
        ratings: Counter[tuple[str, int, str]] = Counter()
        calls: Counter[str] = Counter()
        for event in events:
            data = event["data"]
            match event["kind"]:
                case "ticket.issued":
                    labels.add(data["label"])
                    if data["source"] == "button":
                        numbers[data["service"]] += 1
                case "rating.given":
                    ratings[(data["counter"], data["level"], data["source"])] += 1
                case "ticket.called":
                    calls[data["counter"]] += 1
                case _:
                    pass
        lost = [f"ticket {label}" for label in self.labels if label not in labels]
        lost += _less("numbers of", self.numbers, numbers)
        lost += _less("ratings of", self.ratings, ratings)
        lost += _less("calls at", self.calls, calls)
        return lost


def _less(what: str, promised: Counter[Any], held: Counter[Any]) -> list[str]:
    return [
        f"{what} {key}: {count} acknowledged, {held[key]} held"
        for key, count in promised.items()
        if held[key] < count
    ]
