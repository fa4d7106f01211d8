"""What a press writes, and what an event takes on the card."""

from pathlib import Path

from bare import BareTable
from hall import QuickTime, open_desk, press
from samples import Samples
from sizes import Sizes
from table import Figure

from appliance.desk.state import State
from appliance.wire.event import Event

Counters = dict[str, float]
"""Bytes by the kernel's name for the counter."""

_BLOCK = 20
"""Presses between two looks at the kernel's counters, which count whole pages."""


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Count what this process, which is the desk's here, hands to the kernel and to the disk."""
    lines: list[bytes] = []

    def note(events: tuple[Event, ...], _state: State) -> None:
        lines.extend(event.to_line() for event in events)

    desk, bare = open_desk(folder / "disk", QuickTime(), note), BareTable.open(folder / "disk.db")
    ours: list[Counters] = []
    peer: list[Counters] = []
    block = min(_BLOCK, sizes.written)
    try:
        for first in range(0, sizes.written, block):
            before = _written()
            for number in range(first, first + block):
                desk.ask(press(number))
            ours.append(_since(before, block))
            line, before = lines[-1], _written()
            for _ in range(block):
                bare.insert(line)
            peer.append(_since(before, block))
    finally:
        desk.close()
        bare.close()
    size = sum(map(len, lines)) / len(lines)
    kept = (folder / "disk" / "office.db").stat().st_size / len(lines)
    return [
        _figure(
            "write_bytes", ours, peer, f"blocks of {block} presses, each a group of one; checkpoints too"
        ),
        _figure("wchar", ours, peer, "handed to the kernel"),
        Figure(
            "disk.event",
            "journal file, each event",
            "bytes",
            Samples.of([kept]),
            beside="its line",
            peer=Samples.of([size]),
            note=f"{len(lines)} events, closed",
        ),
    ]


def _figure(counter: str, ours: list[Counters], peer: list[Counters], note: str) -> Figure:
    return Figure(
        f"disk.{counter}",
        f"{counter} a press",
        "bytes",
        Samples.of(block[counter] for block in ours),
        beside="bare insert, commit",
        peer=Samples.of(block[counter] for block in peer),
        note=note,
    )


def _written() -> Counters:
    """Return ``write_bytes`` and ``wchar`` of this process, see proc(5)."""
    counters = dict(
        line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    )
    return {name: float(counters[name]) for name in ("write_bytes", "wchar")}


def _since(before: Counters, presses: int) -> Counters:
    after = _written()
    return {name: (after[name] - before[name]) / presses for name in before}
