"""The office's figures: of the running day from what the desk commits, of days gone by from the journal.

**Nothing dropped, nothing doubled.** An event is durable before the desk tells of it. So the listener listens
first and only keeps what it hears, then the journal is read, then what was kept is folded, except what the
reading already had: by epoch, no ``seq`` up to the last one read.

**A day** is the events from a ``day.opened`` to the next. A day that is opened again goes on, in another
boot, in another epoch or after a day in between.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import structlog

from appliance.figures.pace import Pace, Paces
from appliance.figures.tally import Tally
from appliance.figures.totals import Totals
from appliance.journal.errors import JournalDamagedError, JournalMovedError
from appliance.journal.source import Source, sources
from appliance.wire.event import Event, event_of

log = structlog.get_logger(__name__)

KEPT_OPEN = 3
"""So many days can go on without reading the journal: a clock that is put right comes back to one."""

CACHED_DAYS = 64
_ATTEMPTS = 3
_READ_ERRORS = (JournalDamagedError, JournalMovedError, OSError, ValueError)

Listener = Callable[[tuple[Event, ...], Any], None]
Listen = Callable[[Listener], Callable[[], None]]


class DayFigures:
    """See the module; make it with :meth:`open`. Every method but :meth:`on_commit` is for any thread.

    Args:
        folder: the data directory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._running = _Running()
        self._heard: list[Event] | None = None
        self._cache: dict[tuple[_Stretch, ...], Totals] = {}
        self._stop: Callable[[], None] | None = None

    @classmethod
    def open(cls, folder: Path, listen: Listen) -> "DayFigures":
        """Follow the desk and read what it recorded today.

        Args:
            folder: the data directory.
            listen: the desk's ``listen``.
        """
        figures = cls(folder)
        figures._stop = listen(figures.on_commit)
        figures.seed()
        return figures

    def close(self) -> None:
        """Follow the desk no longer; idempotent."""
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    def on_commit(self, events: tuple[Event, ...], _state: object) -> None:
        """Take what was committed; called in the desk's thread, some microseconds an event."""
        with self._lock:
            if self._heard is not None:
                self._heard.extend(events)
            for event in events:
                self._running.follow(event)

    def seed(self) -> None:
        """Read the running day anew from the journal; what cannot be read makes it partial.

        Worth calling again, by a worker, when :meth:`today` is partial: a locked file is readable later.
        """
        with self._lock:
            self._heard = []
        running = _Running()
        running.miss()
        try:
            for _ in range(_ATTEMPTS):
                running = _today(self._folder)
                if not running.is_partial:
                    break
        finally:
            with self._lock:
                heard, self._heard = self._heard or [], None
                for event in heard:
                    running.follow(event)
                self._running = running

    def today(self) -> Totals:
        """Return the running business day; empty before the first."""
        with self._lock:
            return self._running.totals()

    def pace(self, service: str) -> Pace:
        """Return how fast the line of a service moves, for :func:`appliance.figures.pace.expect`."""
        with self._lock:
            return self._running.paces.of(service)

    def of_days(self, first: str, last: str) -> list[Totals]:
        """Return the totals of each business day in a range, oldest first; days without events are missing.

        Reads the journal in the caller's thread: a worker's, not that of an event loop. Days that are over
        are read once. A day of which something cannot be read is partial.

        Args:
            first: ``2026-11-01``.
            last: ``2026-11-30``, included.
        """
        stretches, is_partial = _stretches(self._folder)
        today = self.today()
        found = []
        for day in sorted({each.day for each in stretches if first <= each.day <= last}):
            if day in today.days:
                totals = today
            else:
                totals = self._of(tuple(each for each in stretches if each.day == day))
            found.append(replace(totals, is_partial=True) if is_partial else totals)
        return found

    def _of(self, stretches: tuple["_Stretch", ...]) -> Totals:
        with self._lock:
            cached = self._cache.get(stretches)
        if cached is not None:
            return cached
        tally = Tally(stretches[0].day)
        for event in _events(stretches):
            if event is None:
                tally.is_partial = True
            else:
                tally.add(event)
        tally.close()
        totals = tally.totals()
        with self._lock:
            if not totals.is_partial:
                self._cache[stretches] = totals
            while len(self._cache) > CACHED_DAYS:
                del self._cache[next(iter(self._cache))]
        return totals


class _Running:
    """The fold of the running day, and of the few before it."""

    def __init__(self) -> None:
        self.paces = Paces()
        self._seen: dict[str, int] = {}
        self._tallies: dict[str, Tally] = {}
        self._tally: Tally | None = None
        self._is_cut = False

    @property
    def is_partial(self) -> bool:
        """Whether events of the running day are missing."""
        return self._is_cut if self._tally is None else self._tally.is_partial

    def follow(self, event: Event) -> None:
        """Take an event that the desk told of, unless it was read already."""
        seen = self._seen.get(event.epoch, 0)
        if event.seq <= seen:
            return
        if event.seq > seen + 1:
            self.miss()
        self.add(event)

    def add(self, event: Event) -> None:
        """Take the next event."""
        self._seen[event.epoch] = event.seq
        if event.kind == "day.opened":
            self._turn_to(event.data["day"])
        self.paces.add(event)
        if self._tally is not None:
            self._tally.add(event)

    def miss(self) -> None:
        """Note that events here could not be read."""
        if self._tally is None:
            self._is_cut = True
        else:
            self._tally.is_partial = True

    def totals(self) -> Totals:
        """Return the running day."""
        return Totals(is_partial=self._is_cut) if self._tally is None else self._tally.totals()

    def _turn_to(self, day: str) -> None:
        before = self._tally
        if before is not None and before.day != day:
            before.close()
        self._tally = self._tallies.pop(day, None) or Tally(day)
        self._tallies[day] = self._tally  # the latest last
        while len(self._tallies) > KEPT_OPEN:
            del self._tallies[next(iter(self._tallies))]
        if self._is_cut:
            self._tally.is_partial, self._is_cut = True, False


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The events of one epoch from a ``day.opened`` to before the next."""

    day: str
    epoch: str
    first: int
    last: int
    source: Source = field(compare=False)


def _today(folder: Path) -> _Running:
    """Return the fold of the day that was opened last."""
    running = _Running()
    stretches, is_partial = _stretches(folder)
    if is_partial:
        running.miss()
    for event in _events(each for each in stretches if each.day == stretches[-1].day):
        if event is None:
            running.miss()
        else:
            running.add(event)
    return running


def _stretches(folder: Path) -> tuple[list[_Stretch], bool]:
    """Return every day's stretches, oldest epoch first, and whether an epoch could not be read."""
    found: list[_Stretch] = []
    is_partial = False
    for _ in range(_ATTEMPTS):
        found, is_partial = [], False
        try:
            epochs = sources(folder)
        except _READ_ERRORS as error:
            log.warning("figures.journal_unreadable", reason=str(error))
            epochs, is_partial = [], True
        for source in epochs:
            try:
                found += _of_source(source)
            except _READ_ERRORS as error:  # set aside this moment, or damaged
                log.warning("figures.epoch_unreadable", epoch=source.epoch, reason=str(error))
                is_partial = True
        if not is_partial:
            break
    return found, is_partial


def _of_source(source: Source) -> list[_Stretch]:
    last = source.last()
    days = [(seq, str(orjson.loads(line)["data"]["day"])) for seq, line in source.opened_days(last)]
    starts = [seq for seq, _ in days]
    ends = [*(seq - 1 for seq in starts), last][1:]
    return [
        _Stretch(day, source.epoch, first, end, source) for (first, day), end in zip(days, ends, strict=False)
    ]


def _events(stretches: Iterable[_Stretch]) -> Iterator[Event | None]:
    """Yield the events of stretches; None stands for those of a stretch that cannot be read."""
    for stretch in stretches:
        seq = stretch.first - 1
        try:
            for line in stretch.source.lines_until_damage(stretch.first, stretch.last):
                event = event_of(orjson.loads(line))
                seq = event.seq
                yield event
        except _READ_ERRORS as error:
            log.warning("figures.day_unreadable", day=stretch.day, after=seq, reason=str(error))
        if seq != stretch.last:
            yield None
