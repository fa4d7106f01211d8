"""What an office may configure about its ratings. Spans are half open: 5 s ends just before 5.000 s."""

from dataclasses import dataclass

from appliance.feedback.errors import RatingRulesError
from appliance.wire.kinds import MAX_LEVELS, MIN_LEVELS

KEPT_MS = 15 * 60_000
"""How long the fold, which knows no rules, remembers a ticket that left a counter."""

KEPT_PRESSES = 32
"""How many presses of a counter the fold remembers."""


@dataclass(frozen=True, slots=True)
class RatingRules:
    """All rules of ratings; times are milliseconds.

    Args:
        levels: length of the scale, 2-5; 1 is worst.
        window_ms: how long after a ticket left its counter a press still binds to it.
        takeover_ms: how long after its call a ticket that is not started takes no presses.
        correction_ms: how long from the first press of an evaluation presses correct it.
        burst_count: presses of a counter within ``burst_ms`` that are not a burst yet.
        burst_ms: see ``burst_count``.
        stuck_ms: a key held this long is stuck.
        debounce_ms: a key must be up this long before its next press counts.
        counters: every counter of the office; ``None`` takes any id.
        reasons: keys of the reasons that may follow a rating.
    """

    levels: int = 3
    window_ms: int = 120_000
    takeover_ms: int = 20_000
    correction_ms: int = 5_000
    burst_count: int = 5
    burst_ms: int = 10_000
    stuck_ms: int = 10_000
    debounce_ms: int = 50
    counters: frozenset[str] | None = None
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ranges = {
            "levels": (MIN_LEVELS, MAX_LEVELS),
            "window_ms": (0, KEPT_MS),
            "takeover_ms": (0, KEPT_MS),
            "correction_ms": (0, KEPT_MS),
            "burst_count": (1, KEPT_PRESSES),
            "burst_ms": (0, KEPT_MS),
            "stuck_ms": (1, KEPT_MS),
            "debounce_ms": (0, 1_000),
        }
        for field, (least, most) in ranges.items():
            value = getattr(self, field)
            if not least <= value <= most:
                raise RatingRulesError(field=field, value=value, remedy=f"from {least} to {most}")
