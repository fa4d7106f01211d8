"""The numbers that buttons at the kiosk have just given out: its screen shows them to who pressed."""

from collections.abc import Callable
from typing import NamedTuple

from appliance.desk.state import State
from appliance.wire.event import Event

KEPT = 8
SHOWN_MS = 30_000
"""Who pressed longer ago than this has gone to look for a seat."""


class Press(NamedTuple):
    """One number that a button gave out: where the journal says so, and its ticket."""

    epoch: str
    seq: int
    ticket: str


class Pressed:
    """Keeps the latest of them; a ticket itself does not know how it was asked for.

    Args:
        nudge: lets the screens look again, from any thread.
    """

    def __init__(self, nudge: Callable[[], None]) -> None:
        self._nudge = nudge
        self._latest: tuple[Press, ...] = ()

    def on_commit(self, events: tuple[Event, ...], _state: State) -> None:
        """Take note; called in the desk's thread."""
        new = [
            Press(event.epoch, event.seq, event.data["ticket"])
            for event in events
            if event.kind == "ticket.issued" and event.data["source"] == "button"
        ]
        if new:
            self._latest = (*self._latest, *new)[-KEPT:]
            self._nudge()

    def shown(self, state: State, elapsed_ms: int) -> list[dict[str, str]]:
        """Return those that are to be shown at a moment of the office's timeline, oldest first."""
        found = []
        for press in self._latest:
            ticket = state.hall.tickets.get(press.ticket)
            if ticket is not None and elapsed_ms - ticket.issued.elapsed_ms < SHOWN_MS:
                shown = {"id": f"{press.epoch}:{press.seq}", "ticket": ticket.key, "label": ticket.label}
                found.append(shown)
        return found
