"""Where the time of one press goes, part by part, so that a part that grows is seen."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from bare import BareTable
from day import GENESIS, weeks
from hall import RULES, SERVICES, QuickTime, clock_of, open_desk, press
from samples import Samples, timed
from sizes import Sizes
from table import Figure

from appliance.desk.commands import Tick
from appliance.desk.decide import decide
from appliance.desk.state import answer_of, fold
from appliance.journal.journal import Journal, stage
from appliance.queueing import commands
from appliance.queueing.day import NOTHING, day_drafts
from appliance.wire.event import Draft, Event
from appliance.wire.moment import Now

_STORY = 300
"""Events of the hall in which the parts are measured."""


class _Parts:
    """One press after the other, taken apart.

    Args:
        folder: where the journal and the peer write.
    """

    def __init__(self, folder: Path) -> None:
        self.taken: dict[str, list[float]] = {}
        self._numbers = count()
        weeks().lines(_STORY)
        self._state = weeks().state
        (folder / "parts").mkdir()
        self._journal = Journal.create(folder / "parts", GENESIS)
        self._bare = BareTable.open(folder / "parts.db")
        self._clock = clock_of(QuickTime())
        self._desk = open_desk(folder / "whole", QuickTime())
        self._pool = ThreadPoolExecutor(1)

    def close(self) -> None:
        self._pool.shutdown()
        self._desk.close()
        self._bare.close()
        self._journal.close()

    def measure(self) -> None:
        """Take one press apart, and the same of the peers."""
        number = next(self._numbers)
        command = press(number)
        self._take("whole", lambda: self._desk.ask(command))
        self._take("hop", lambda: self._desk.ask(Tick()))
        self._take("pool", lambda: self._pool.submit(int).result())
        now = self._take("clock", self._follow)
        drafts = self._take("decide", lambda: decide(self._state, command, now, RULES))
        (draft,) = drafts
        _, staged = self._take("stage", lambda: stage(self._journal.chain, draft, now.moment))
        self._take("plain", lambda: _plain(draft, staged.event))
        self._state = self._take("fold", lambda: fold(self._state, staged.event))
        self._take("answer", lambda: answer_of(staged.event, self._state.hall))
        self._take("commit", lambda: self._journal.append([staged]))
        self._take("bare", lambda: self._bare.insert(staged.line))
        self._issue(now, number)

    def _issue(self, now: Now, number: int) -> None:
        """Take a number apart too: its answer looks at the line."""
        command = commands.IssueTicket(SERVICES[number % len(SERVICES)])
        (draft,) = self._take("issue.decide", lambda: decide(self._state, command, now, RULES))
        _, staged = stage(self._journal.chain, draft, now.moment)
        state = self._take("issue.fold", lambda: fold(self._state, staged.event))
        self._take("issue.answer", lambda: answer_of(staged.event, state.hall))

    def _follow(self) -> Now:
        """Do what the desk does before every group: look at the clock, let the day follow."""
        self._clock.observe()
        moment = self._clock.now()
        now = Now(moment, self._state.timeline.at(moment.boot, moment.up_ms))
        day_drafts(self._state.hall, now, NOTHING)
        return now

    def _take(self, part: str, act: Any) -> Any:  # noqa: ANN401 - whatever the part returns
        result: list[Any] = []
        spent_us = timed(lambda: result.append(act()))
        self.taken.setdefault(part, []).append(spent_us)
        return result[0]


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Time the parts of a press in turn."""
    parts = _Parts(folder)
    try:
        for _ in range(sizes.parts):
            parts.measure()
    finally:
        parts.close()
    taken = {part: Samples.of(values) for part, values in parts.taken.items()}
    ours = ("hop", "decide", "stage", "fold", "answer", "commit")
    summed = Samples.of(sum(values) for values in zip(*(parts.taken[part] for part in ours), strict=True))

    def part(key: str, name: str, beside: str = "", peer: str | None = None, note: str = "") -> Figure:
        other = None if peer is None else taken[peer]
        return Figure(f"parts.{key}", name, "us", taken[key], beside, other, None, note)

    return [
        Figure("parts.sum", "a press: sum of its parts", "us", summed, "the whole press", taken["whole"]),
        part("hop", "  hop to the desk and back", "thread pool, 1 worker", "pool", "with the clock's part"),
        part("clock", "  in it: clock and day"),
        part("decide", "  decide"),
        part("stage", "  stage, check the line", "orjson.dumps, SHA-256", "plain"),
        part("fold", "  fold"),
        part("answer", "  answer"),
        part("commit", "  commit", "bare insert, commit", "bare"),
        part("issue.decide", "a number: decide"),
        part("issue.fold", "  fold"),
        part("issue.answer", "  answer", note=f"{len(weeks().state.hall.line)} people wait"),
    ]


def _plain(draft: Draft, event: Event) -> bytes:
    """Write and hash the same line with nothing checked."""
    value = {
        "seq": event.seq,
        "epoch": event.epoch,
        "kind": event.kind,
        "at": event.at,
        "clock": event.clock,
        "boot": event.boot,
        "up_ms": event.up_ms,
        "data": draft.data,
        "prev": event.prev,
    }
    return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()
