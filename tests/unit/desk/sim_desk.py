"""A box with a desk that can be stopped, cut off its power and started again."""

import itertools
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import structlog

from appliance.clock import BelievedClock, ScriptedTime, entropy
from appliance.desk.commands import Command
from appliance.desk.desk import Desk, Files
from appliance.desk.lanes import Lane
from appliance.desk.rules import Rules
from appliance.desk.state import Answer, State
from appliance.feedback.rules import RatingRules
from appliance.journal.audit import _audit
from appliance.journal.journal import Mark
from appliance.journal.source import Source, sources
from appliance.queueing.commands import IssueTicket
from appliance.queueing.rules import Counter, HallRules, PriorityClass, Service
from appliance.wire.event import Draft, Event, check_line, new_epoch

WAIT_S = 60.0
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
DAY_MS = 86_400_000
START_US = 1_795_395_600_000_000  # Monday 2026-11-23, 08:00 in Hanoi
BUILT_US = START_US - 30 * DAY_US
DEVICE = "xa-muong-te-1"

RULES = Rules(
    HallRules(
        services=(
            Service("ho-tich", "Hộ tịch", "Civil status", "A"),
            Service("dat-dai", "Đất đai", "Land", "B"),
        ),
        counters=(
            Counter("q1", "Quầy 1", ("ho-tich",)),
            Counter("q2", "Quầy 2", ("dat-dai", "ho-tich")),
        ),
        priorities=(PriorityClass("cao-tuoi", "Người cao tuổi"),),
    ),
    RatingRules(counters=frozenset({"q1", "q2"}), reasons=("cho-lau",)),
)


@contextmanager
def every_log() -> Iterator[list[dict[str, object]]]:
    """Collect what is logged, at every level."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    try:
        with structlog.testing.capture_logs() as logs:
            yield logs
    finally:
        structlog.configure(wrapper_class=before)


class SimBox:
    """One box: its data directory, its machine's time and, while it runs, its desk.

    Args:
        folder: where its data directories are made.
        wall_us: what the machine's clock says at the start.
        synced: whether NTP disciplines it.
        has_rtc: whether it has a hardware clock.
        rules: of hall and ratings.
    """

    def __init__(
        self,
        folder: Path,
        wall_us: int = START_US,
        *,
        synced: bool = True,
        has_rtc: bool = False,
        rules: Rules = RULES,
    ) -> None:
        self._folders = (folder / f"data{number}" for number in itertools.count())
        self._boots = (f"00000000-0000-4000-8000-{number:012x}" for number in itertools.count(1))
        self.folder = next(self._folders)
        self.folder.mkdir(parents=True)
        self.time = ScriptedTime(wall_us, synced=synced, boot=next(self._boots))
        self.has_rtc = has_rtc
        self.rules = rules
        self.marks: list[Mark] = []
        self.clock: BelievedClock
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The running desk."""
        assert self._desk is not None
        return self._desk

    def start(
        self,
        *,
        first: Callable[[State], Sequence[Draft]] = lambda _state: (),
        listeners: Sequence[Callable[[tuple[Event, ...], State], None]] = (),
        floor_us: int = BUILT_US,
    ) -> Desk:
        """Start the office's program."""
        self.clock = BelievedClock(self.time, floor_us=floor_us, has_rtc=self.has_rtc)
        files = Files(
            self.folder,
            DEVICE,
            lambda: tuple(self.marks),
            lambda: new_epoch(self.clock.now().at_us, entropy(10)),
        )
        self._desk = Desk.open(files, self.clock, self.rules, first, listeners)
        return self._desk

    def stop(self) -> None:
        """Stop the program in an orderly way; the machine keeps running."""
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    def restart(self) -> Desk:
        """Stop the program and start it again in the same boot."""
        self.stop()
        return self.start()

    def pull_the_plug(self, *, wall_us: int | None = None, off_ms: int = 0) -> None:
        """Keep only what a power cut right now leaves on the card, and let the machine boot again.

        Args:
            wall_us: what the clock says after boot; None keeps it going.
            off_ms: how long the power was off.
        """
        left = next(self._folders)
        if self._desk is not None:
            shutil.copytree(self.folder, left, ignore=shutil.ignore_patterns("*-shm"))
            self.stop()
            self.folder = left
        self.time.reboot(next(self._boots), wall_us=wall_us, off_ms=off_ms)

    def issue(self, service: str = "ho-tich", request: str | None = None) -> Answer:
        """Take a number."""
        return self.desk.ask(IssueTicket(service=service, request=request), timeout_s=WAIT_S)

    def ask(self, command: Command) -> Answer:
        """Ask the desk."""
        return self.desk.ask(command, timeout_s=WAIT_S)

    def mark(self, upto: int | None = None) -> Mark:
        """Return the receipt's mark for an event of the current epoch (the last one)."""
        source = sources(self.folder)[-1]
        upto = source.last() if upto is None else upto
        head = source.hash_at(upto)
        assert head is not None
        return Mark(source.epoch, upto, head)

    def events(self) -> list[Event]:
        """Return every event of every epoch, oldest epoch first."""
        return [check_line(line) for source in legible_epochs(self.folder) for line in source.all_lines()]

    def kinds(self) -> list[str]:
        """Return the kinds of every event."""
        return [event.kind for event in self.events()]


def legible_epochs(folder: Path) -> list[Source]:
    """Return the epochs of which anything was left to keep, oldest first."""
    return [source for source in sources(folder) if source._upto != 0]


def check_journal(box: SimBox) -> None:
    """Check what must hold of every journal: it verifies, time goes on, no number was given twice."""
    for source in legible_epochs(box.folder):
        report = _audit(source)
        assert report.damage is None, str(report)
        at = ""
        for line in source.all_lines():
            event = check_line(line)
            assert event.at >= at or event.kind == "clock.stepped", event
            at = event.at
    check_numbers(box.events())


def check_numbers(events: Sequence[Event]) -> None:
    """Check that no number was given twice on a day, and that no number of a day is missing."""
    issued = [event.data["ticket"] for event in events if event.kind == "ticket.issued"]
    assert len(issued) == len(set(issued)), sorted(issued)
    known = set(issued)
    for ticket in issued:
        series, _, number = ticket.rpartition("/")
        assert int(number) == 1 or f"{series}/{int(number) - 1}" in known or _was_carried(events, series)


def _was_carried(events: Sequence[Event], series: str) -> bool:
    """Whether numbers of another day went on under this one."""
    day, _, letters = series.partition("/")
    return any(
        event.kind == "day.opened"
        and event.data["day"] == day
        and dict(event.data["carries"]["next"]).get(letters, 1) > 1
        for event in events
    )


def let_go_of_the_cache(folder: Path) -> None:
    """Write with another connection: the desk's own forgets its pages and will read the file again."""
    with sqlite3.connect(folder / "office.db") as db:
        db.execute("PRAGMA user_version = 7")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    db.close()


class Gate:
    """A listener that holds the desk's thread from its next commit until it is opened."""

    def __init__(self) -> None:
        self._held = threading.Event()
        self._open = threading.Event()
        self._armed = False

    def __call__(self, _events: tuple[Event, ...], _state: State) -> None:
        if self._armed:
            self._armed = False
            self._held.set()
            assert self._open.wait(WAIT_S)

    @contextmanager
    def held(self, desk: Desk) -> Iterator[None]:
        """Hold the desk while the block posts; what it posts is taken together afterwards."""
        self._held.clear()
        self._open.clear()
        self._armed = True
        stop = desk.listen(self)
        try:
            desk.post(IssueTicket(service="dat-dai"))
            assert self._held.wait(WAIT_S)
            yield
        finally:
            self._open.set()
            stop()


def together(
    desk: Desk, commands: Sequence[Command], lanes: Sequence[Lane] | None = None
) -> list[Future[Answer]]:
    """Post commands so that the desk finds them all at once; return their futures, all ended."""
    with Gate().held(desk):
        lanes = lanes or [Lane.OFFICE] * len(commands)
        futures = [desk.post(command, lane) for command, lane in zip(commands, lanes, strict=True)]
    for future in futures:
        future.exception(WAIT_S)
    return futures
