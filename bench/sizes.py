"""How much of everything a run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts of one run.

    Args:
        presses: single presses, and as many bare commits.
        groups: groups of 64 commands.
        batches: batches that the center takes.
        batch_events: events in each.
        fold_events: events in the journal that is folded and started from.
        starts: how often a desk is started from it.
        day_tickets: tickets of the day that the office process lives through.
        day_s: seconds after which that day is cut short, so that a slow machine ends too.
        written: presses whose written bytes are counted.
        parts: presses whose parts are timed.
    """

    presses: int
    groups: int
    batches: int
    batch_events: int
    fold_events: int
    starts: int
    day_tickets: int
    day_s: float
    written: int
    parts: int


FULL = Sizes(
    presses=500,
    groups=25,
    batches=20,
    batch_events=1000,
    fold_events=100_000,
    starts=2,
    day_tickets=10_000,
    day_s=90.0,
    written=400,
    parts=500,
)
QUICK = Sizes(
    presses=150,
    groups=5,
    batches=5,
    batch_events=1000,
    fold_events=10_000,
    starts=2,
    day_tickets=500,
    day_s=10.0,
    written=100,
    parts=100,
)
TINY = Sizes(
    presses=3,
    groups=1,
    batches=2,
    batch_events=20,
    fold_events=200,
    starts=1,
    day_tickets=8,
    day_s=20.0,
    written=4,
    parts=3,
)
