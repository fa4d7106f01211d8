"""The hall that every bench works in, and a real desk for it."""

import time
from pathlib import Path

from appliance.clock import BelievedClock, KernelTime, entropy
from appliance.desk.decide import Rules
from appliance.desk.desk import Desk, Files, Listener
from appliance.feedback.rating import Press
from appliance.feedback.rules import RatingRules
from appliance.queueing import commands
from appliance.queueing.rules import Counter, HallRules, PriorityClass, Service
from appliance.wire.event import new_epoch

DEVICE = "bench-01"
SERVICES = ("ho-tich", "dat-dai", "bao-tro", "cu-tru", "tra-ket-qua")
COUNTERS = tuple(f"quay-{number}" for number in range(1, 9))
PRIORITIES = ("elderly", "disabled", "pregnant", "merit", "appointment")
REASONS = ("cho-lau", "thai-do", "huong-dan")
LINE = 60
"""How many people wait while something is measured."""

_DAY_US = 86_400 * 1_000_000


def counter_services(index: int) -> tuple[str, str]:
    """Return the services of the counter at this place in ``COUNTERS``: two each, the preferred first."""
    return (SERVICES[index % len(SERVICES)], SERVICES[(index + 1) % len(SERVICES)])


RULES = Rules(
    HallRules(
        services=tuple(
            Service(id=name, name=name, series=letter) for name, letter in zip(SERVICES, "ABCDE", strict=True)
        ),
        counters=tuple(
            Counter(id=name, name=name, services=counter_services(index))
            for index, name in enumerate(COUNTERS)
        ),
        priorities=tuple(PriorityClass(id=name, name=name) for name in PRIORITIES),
    ),
    RatingRules(counters=frozenset(COUNTERS), reasons=REASONS),
)


def open_desk(folder: Path, *listeners: Listener) -> Desk:
    """Return a running desk on this machine's clock: counters open, a line, one person at each counter."""
    folder.mkdir()
    clock = BelievedClock(KernelTime(), floor_us=time.time_ns() // 1000 - _DAY_US, has_rtc=True)
    files = Files(
        folder=folder,
        device=DEVICE,
        marks=tuple,
        new_epoch=lambda: new_epoch(clock.now().at_us, entropy(10)),
    )
    desk = Desk.open(files, clock, RULES, listeners=listeners)
    posts = [desk.post(command) for command in _opening()]
    for post in posts:
        post.result()
    return desk


def press(number: int) -> Press:
    """Return the press with this number: counter after counter, every level."""
    return Press(COUNTERS[number % len(COUNTERS)], number % 3 + 1, "gpio")


def _opening() -> list[commands.Command]:
    opened: list[commands.Command] = [
        commands.OpenCounter(name, officer=f"officer-{name}") for name in COUNTERS
    ]
    issued = [
        commands.IssueTicket(SERVICES[number % len(SERVICES)], source="button")
        for number in range(LINE + len(COUNTERS))
    ]
    called: list[commands.Command] = []
    for name in COUNTERS:
        called += [commands.CallNext(name), commands.Start(name)]
    return [*opened, *issued, *called]
