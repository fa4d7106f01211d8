"""From a press to its durable record, beside what the disk alone takes for it."""

from itertools import count
from pathlib import Path

from bare import BareTable
from hall import QuickTime, open_desk, press
from samples import interleave, timed
from sizes import Sizes
from table import Figure

from appliance.desk.state import State
from appliance.wire.event import Event

MOST = 4.0


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Press one button after the other, each a group of one."""
    lines: list[bytes] = []

    def note(events: tuple[Event, ...], _state: State) -> None:
        lines[:] = [event.to_line() for event in events]

    desk, bare, numbers = (
        open_desk(folder / "press", QuickTime(), note),
        BareTable.open(folder / "press.db"),
        count(),
    )
    try:
        desk.ask(press(next(numbers)))
        ours, peer = interleave(
            sizes.presses,
            lambda: timed(lambda: desk.ask(press(next(numbers)))),
            lambda: timed(lambda: bare.insert(lines[-1])),
        )
    finally:
        desk.close()
        bare.close()
    return [
        Figure(
            "press.durable",
            "press to durable",
            "us",
            ours,
            beside="bare insert, commit",
            peer=peer,
            most=MOST,
            note=f"{sizes.presses} of each in turn; one line of {len(lines[-1])} bytes",
        )
    ]
