"""The hall that every bench works in, and a real desk for it."""

from pathlib import Path

from appliance.clock import BelievedClock, KernelTime, SystemTime, entropy
from appliance.desk.desk import Desk, Files, Listener
from appliance.desk.rules import Rules
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

MONDAY_US = 1_795_393_800_000_000
"""2026-11-23T07:30 in Hanoi, microseconds since 1970 UTC: no midnight comes in between."""
_BUILT_US = MONDAY_US - 86_400 * 1_000_000


class QuickTime(KernelTime):
    """This machine's time with everything it costs to ask, on a Monday morning, and time can be skipped."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped_ms = 0
        self._offset_us = MONDAY_US - super().boot_ms() * 1000

    def skip(self, ms: int) -> None:
        """Let time pass at once, in milliseconds."""
        self._skipped_ms += ms

    def boot_ms(self) -> int:
        return super().boot_ms() + self._skipped_ms

    def wall_us(self) -> int:
        super().wall_us()
        return self.boot_ms() * 1000 + self._offset_us


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


def clock_of(system: SystemTime) -> BelievedClock:
    """Return the box's clock over a machine that has a hardware clock."""
    return BelievedClock(system, floor_us=_BUILT_US, has_rtc=True)


def open_desk(folder: Path, system: SystemTime, *listeners: Listener) -> Desk:
    """Return a running desk: counters open, a line, one person at each counter."""
    folder.mkdir()
    clock = clock_of(system)
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
