"""64 commands at once, beside 64 commits one after the other."""

from pathlib import Path

from bare import BareTable
from hall import COUNTERS, QuickTime, counter_services, open_desk, press
from samples import interleave, timed
from sizes import Sizes
from table import Figure

from appliance.desk.commands import Command
from appliance.desk.desk import MOST_AT_ONCE, Desk
from appliance.desk.state import State
from appliance.queueing import commands
from appliance.wire.event import Event

MOST = 1.0
_BETWEEN_MS = 8 * 60_000
"""Two people at a counter take this long: the state is as large as in a real hall."""


def run(folder: Path, sizes: Sizes) -> list[Figure]:
    """Post 64 commands of a busy hall, wait for all; and the same with presses alone."""
    lines: list[bytes] = []

    def note(events: tuple[Event, ...], _state: State) -> None:
        if not lines:
            lines.append(max((event.to_line() for event in events), key=len))

    system = QuickTime()
    desk, bare = open_desk(folder / "group", system, note), BareTable.open(folder / "group.db")
    try:
        mixed, pressed, peer = interleave(
            sizes.groups,
            lambda: timed(lambda: _wait_for(desk, _busy(system))),
            lambda: timed(lambda: _wait_for(desk, [press(number) for number in range(MOST_AT_ONCE)])),
            lambda: timed(lambda: _insert(bare, lines[-1])),
        )
    finally:
        desk.close()
        bare.close()
    beside = f"{MOST_AT_ONCE} bare commits"
    return [
        Figure(
            "group.mixed",
            f"{MOST_AT_ONCE} commands at once",
            "us",
            mixed,
            beside=beside,
            peer=peer,
            most=MOST,
            note="at each of eight counters two issues, calls and presses, one start, one complete",
        ),
        Figure(
            "group.presses",
            f"{MOST_AT_ONCE} presses at once",
            "us",
            pressed,
            beside=beside,
            peer=peer,
            most=MOST,
        ),
    ]


def _wait_for(desk: Desk, group: list[Command]) -> None:
    for reply in [desk.post(command) for command in group]:
        reply.result()


def _insert(bare: BareTable, line: bytes) -> None:
    for _ in range(MOST_AT_ONCE):
        bare.insert(line)


def _busy(system: QuickTime) -> list[Command]:
    """Return 64 commands that all can be followed and leave the line as long as it was."""
    system.skip(_BETWEEN_MS)
    group: list[Command] = []
    for index, counter in enumerate(COUNTERS):
        service, _ = counter_services(index)  # each counter feeds its own line: it never runs dry
        group += [
            commands.IssueTicket(service, source="button"),
            commands.CallNext(counter),
            commands.Start(counter),
            press(index),
            commands.Complete(counter),
            commands.IssueTicket(service, source="button"),
            commands.CallNext(counter),
            press(index),
        ]
    return group
