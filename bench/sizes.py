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
        calls: calls from a counter to the display.
        tickets: numbers taken over HTTP.
        loads: how often each page is loaded.
        forged: posts that strangers forge.
        slow_lines: connections that strangers hold open.
        sessions: devices that are online while one of them downloads, one count after the other.
        download_mib: of one download.
        downloads: how many, at each count.
        agreements: how often a device agrees.
        portal_loads: how often the page of the portal is loaded.
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
    calls: int
    tickets: int
    loads: int
    forged: int
    slow_lines: int
    sessions: tuple[int, ...]
    download_mib: int
    downloads: int
    agreements: int
    portal_loads: int


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
    calls=200,
    tickets=200,
    loads=30,
    forged=10_000,
    slow_lines=200,
    sessions=(1, 250, 1000),
    download_mib=32,
    downloads=20,
    agreements=40,
    portal_loads=200,
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
    calls=30,
    tickets=40,
    loads=8,
    forged=800,
    slow_lines=60,
    sessions=(1, 60),
    download_mib=32,
    downloads=4,
    agreements=10,
    portal_loads=40,
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
    calls=2,
    tickets=4,
    loads=1,
    forged=16,
    slow_lines=4,
    sessions=(1, 3),
    download_mib=1,
    downloads=1,
    agreements=2,
    portal_loads=2,
)
