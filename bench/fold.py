"""Folding a long journal, and starting a desk from it."""

import time
from functools import partial
from hashlib import sha256
from pathlib import Path

import orjson
from bare import BareTable
from day import GENESIS, weeks
from hall import DEVICE, RULES
from samples import Samples, interleave, timed
from sizes import Sizes
from table import Figure

from appliance.clock import BelievedClock
from appliance.desk.desk import Desk, Files
from appliance.desk.state import State, replay
from appliance.journal.journal import Journal, Staged
from appliance.wire.event import Event, check_line

_AT_ONCE = 1_000


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Fold the events piece by piece while their journal is written, then start from it."""
    lines = weeks().lines(sizes.fold_events)
    figure = _fold(folder / "fold", folder / "fold.db", lines)
    started, read = interleave(
        sizes.starts,
        lambda: _start_s(folder / "fold", len(lines)),
        lambda: _read_s(folder / "fold.db"),
    )
    each_us = started.median / len(lines) * 1e6
    return [
        figure,
        Figure(
            "fold.start",
            f"start of a desk, {len(lines):,} events",
            "s",
            started,
            beside="read, SHA-256, parse",
            peer=read,
            note="read, verified and folded: nothing receipted, one business day of weeks without a clock;"
            f" {each_us:.0f} us an event",
        ),
    ]


def _fold(folder: Path, bare_path: Path, lines: list[bytes]) -> Figure:
    folder.mkdir()
    journal, bare, state = Journal.create(folder, GENESIS), BareTable.open(bare_path), State()
    folded: list[float] = []
    parsed: list[float] = []
    for first in range(0, len(lines), _AT_ONCE):
        piece = lines[first : first + _AT_ONCE]
        events = [check_line(line) for line in piece]
        spent_us, state = _folded(events, state)
        folded.append(spent_us / len(piece))
        parsed.append(timed(partial(_parse, piece)) / len(piece))
        journal.append([Staged(event, line) for event, line in zip(events, piece, strict=True)])
        bare.insert_all(piece)
    journal.close()
    bare.close()
    ours = Samples.of(folded)
    total_s = sum(folded) / len(folded) * len(lines) / 1e6
    return Figure(
        "fold.event",
        f"fold of {len(lines):,} events, each",
        "us",
        ours,
        beside="orjson.loads",
        peer=Samples.of(parsed),
        note=f"{total_s:.2f} s for all; {len(state.hall.tickets):,} tickets",
    )


def _parse(lines: list[bytes]) -> None:
    for line in lines:
        orjson.loads(line)


def _folded(events: list[Event], state: State) -> tuple[float, State]:
    start = time.perf_counter_ns()
    state = replay(events, state)
    return (time.perf_counter_ns() - start) / 1000, state


def _start_s(folder: Path, expected: int) -> float:
    """Return the seconds until a desk takes commands."""
    clock = BelievedClock(weeks().time, floor_us=0, has_rtc=False)
    files = Files(folder=folder, device=DEVICE, marks=tuple, new_epoch=lambda: GENESIS.epoch)
    start = time.perf_counter_ns()
    desk = Desk.open(files, clock, RULES)
    spent_s = (time.perf_counter_ns() - start) / 1e9
    try:
        assert desk.state.seq == expected, f"the desk stands at {desk.state.seq}, not at {expected}"
    finally:
        desk.close()
    return spent_s


def _read_s(path: Path) -> float:
    """Return the seconds to read, hash and parse the same lines with nothing of ours around it."""
    start = time.perf_counter_ns()
    bare = BareTable.reopen(path)
    for line in bare.lines():
        sha256(line).hexdigest()
        orjson.loads(line)
    bare.close()
    return (time.perf_counter_ns() - start) / 1e9
