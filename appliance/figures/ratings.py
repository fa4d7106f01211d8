"""Ratings of one business day, by counter: each evaluation once, whoever corrected it how often.

A ``repeat`` does not count as an evaluation, and a rating that corrects another takes its place. Flags are
counted over all presses and drop none. A correction of a rating that this day does not hold (it was given
before midnight) is passed over: its evaluation counts there.

Levels go into :class:`appliance.figures.cells.Cell` and come out in steps: no other way leads to them.
"""

from collections import Counter, deque
from dataclasses import dataclass, field

from appliance.figures.cells import Cell, Distribution
from appliance.figures.totals import RatingTotals
from appliance.wire.event import Event

SETTLED_MS = 60_000
"""When an evaluation stands for good: the longest time for corrections that an office may configure."""

BEFORE_CALL_MS = 10_000
"""A rating this shortly before the counter's next call may be the officer's own, who has the keys at hand."""

_Seq = tuple[str, int]


@dataclass(slots=True)
class _Evaluation:
    """One that may still be corrected; times are those of its first press."""

    at: "_Counter"
    level: int
    levels: int
    source: str
    boot: str
    up_ms: int
    seq: _Seq


@dataclass(slots=True)
class _Counter:
    """What is known of one counter."""

    bound: int = 0
    unbound: int = 0
    repeats: int = 0
    corrections: int = 0
    before_call: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    scales: dict[int, Cell] = field(default_factory=dict)
    recent: list[tuple[str, int]] = field(default_factory=list)

    def totals(self) -> RatingTotals:
        shown: dict[int, Distribution] = {
            levels: cell.shown for levels, cell in self.scales.items() if cell.shown is not None
        }
        return RatingTotals(
            bound=self.bound,
            unbound=self.unbound,
            repeats=self.repeats,
            corrections=self.corrections,
            burst=self.flags["burst"],
            stuck=self.flags["stuck"],
            before_call=self.before_call,
            sources={source: count for source, count in self.sources.items() if count},
            shown=shown,
        )


class Ratings:
    """The fold of one day's ratings; a few microseconds an event."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}
        self._young: deque[_Evaluation] = deque()
        self._standing: dict[_Seq, _Evaluation] = {}

    def pass_time(self, boot: str, up_ms: int) -> None:
        """Let evaluations settle; call it with the stamp of every event, before the event."""
        while self._young:
            first = self._young[0]
            # Across a restart at least the new boot's own time has passed.
            elapsed_ms = up_ms - first.up_ms if boot == first.boot else up_ms
            if elapsed_ms < SETTLED_MS:
                return
            self._settle()

    def given(self, event: Event) -> None:
        """Take a ``rating.given``."""
        data = event.data
        counter = self._counter(data["counter"])
        flags = data["flags"]
        counter.flags.update(flags)
        if "repeat" in flags:
            counter.repeats += 1
            return
        seq = (event.epoch, event.seq)
        if data["corrects"] is None:
            self._begun(counter, event, seq)
        else:
            self._corrected(counter, event, seq)

    def called(self, event: Event) -> None:
        """Take a ``ticket.called``: how many ratings came shortly before it."""
        counter = self._counters.get(event.data["counter"])
        if counter is None or not counter.recent:
            return
        counter.before_call += sum(
            boot == event.boot and event.up_ms - up_ms <= BEFORE_CALL_MS for boot, up_ms in counter.recent
        )
        counter.recent.clear()

    def close(self) -> None:
        """Let everything settle: the day is over."""
        while self._young:
            self._settle()

    def totals(self) -> dict[str, RatingTotals]:
        """Return what may be known, by counter."""
        return {name: counter.totals() for name, counter in self._counters.items()}

    def _counter(self, name: str) -> _Counter:
        found = self._counters.get(name)
        if found is None:
            found = self._counters[name] = _Counter()
        return found

    def _begun(self, counter: _Counter, event: Event, seq: _Seq) -> None:
        data = event.data
        if data["ticket"] is None:
            counter.unbound += 1
        else:
            counter.bound += 1
        counter.sources[data["source"]] += 1
        boot, up_ms = event.boot, event.up_ms
        recent = [one for one in counter.recent if one[0] == boot and up_ms - one[1] <= BEFORE_CALL_MS]
        counter.recent = [*recent, (boot, up_ms)]
        begun = _Evaluation(counter, data["level"], data["levels"], data["source"], boot, up_ms, seq)
        self._young.append(begun)
        self._standing[seq] = begun

    def _corrected(self, counter: _Counter, event: Event, seq: _Seq) -> None:
        data = event.data
        counter.corrections += 1
        standing = self._standing.pop((event.epoch, data["corrects"]), None)
        if standing is None:
            return
        standing.at.sources[standing.source] -= 1
        standing.at.sources[data["source"]] += 1
        standing.level, standing.levels, standing.source = data["level"], data["levels"], data["source"]
        standing.seq = seq
        self._standing[seq] = standing

    def _settle(self) -> None:
        done = self._young.popleft()
        del self._standing[done.seq]
        scales = done.at.scales
        if done.levels not in scales:
            scales[done.levels] = Cell(done.levels)
        scales[done.levels].add(done.level)
