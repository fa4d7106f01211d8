"""What the hall remembers of one ticket and of one counter.

Named tuples, not frozen dataclasses: as immutable, and five times cheaper to make, which the fold does for
every event.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from appliance.queueing.states import TicketState

_LABEL = re.compile(r"([A-Z]{1,3})(\d{1,9})\Z")


class Stamp(NamedTuple):
    """A place on the office's own timeline.

    Args:
        elapsed_ms: see :class:`appliance.wire.moment.Now`.
        boot: the kernel's boot id; durations that are recorded exist only within one boot.
    """

    elapsed_ms: int
    boot: str


class Why(NamedTuple):
    """Why a ticket was called: the rule, and how many stood before it in all lines and in its own."""

    rule: str
    ahead: int
    skipped: int


class Ticket(NamedTuple):
    """One person's place for one service.

    Args:
        key: ``2026-11-23/A/12``.
        label: what is printed and spoken, ``A012``.
        service: where it stands now; a transfer changes it.
        priority: ``none`` or a class.
        state: see :mod:`appliance.queueing.states`.
        counter: where it was called last; ``None`` while it waits.
        assigned: the only counter that may call it (a transfer), as long as that counter is not closed.
        officer: who called it last.
        issued: when it was issued, or carried into this day.
        issued_at: wall time of the same, as the wire writes it, for the reprint.
        was_trusted: whether the clock was trusted then.
        since: when it began to wait the last time.
        called: when it was called or recalled the last time.
        started: when it was started or resumed the last time; ``None`` if it was not since its last call.
        left: when it left the counter the last time.
        calls: how often it was called and recalled.
        why: rule, ahead and skipped of its last call (see :mod:`appliance.queueing.policy`), ``None`` before.
    """

    key: str
    label: str
    service: str
    priority: str
    state: TicketState
    counter: str | None
    assigned: str | None
    officer: str | None
    issued: Stamp
    issued_at: str
    was_trusted: bool
    since: Stamp
    called: Stamp | None
    started: Stamp | None
    left: Stamp | None
    calls: int
    why: "Why | None" = None

    @property
    def entered(self) -> Stamp:
        """When it came into its state; of one that was called again, when that was."""
        match self.state:
            case TicketState.WAITING:
                return self.since
            case TicketState.CALLED:
                return self.called or self.since
            case TicketState.SERVING:
                return self.started or self.since
            case TicketState.ON_HOLD | TicketState.NO_SHOW | TicketState.SERVED | TicketState.CANCELLED:
                return self.left or self.since

    def moved(
        self,
        state: TicketState,
        counter: str | None,
        officer: str | None,
        started: Stamp | None,
        left: Stamp | None,
    ) -> "Ticket":
        """Return the ticket in another state; as ``_replace``, in a third of the time."""
        return Ticket(
            self.key, self.label, self.service, self.priority, state, counter, None, officer,
            self.issued, self.issued_at, self.was_trusted, self.since, self.called, started, left, self.calls,
            self.why,
        )  # fmt: skip


class PostState(StrEnum):
    """Whether a counter is staffed; one that is closed is not in the hall."""

    OPEN = "open"
    PAUSED = "paused"


class Post(NamedTuple):
    """A counter that is staffed.

    Args:
        counter: its id.
        state: open or paused.
        officer: who opened it.
        services: the restriction given when it was opened; empty for none.
        reason: why it is paused, a key.
        ticket: the key of the ticket at the counter, called or being served.
    """

    counter: str
    state: PostState
    officer: str | None
    services: tuple[str, ...]
    reason: str | None
    ticket: str | None


class LastCall(NamedTuple):
    """One line of the list of last calls.

    Args:
        ticket: its key.
        label: what is shown.
        counter: where to.
        seq: of the event, by which a screen knows whether it has shown this call.
        at: wall time of the same, as the wire writes it.
    """

    ticket: str
    label: str
    counter: str
    seq: int = 0
    at: str = ""


def new_label(series: str, number: int) -> str:
    """Return what is printed and spoken: at least three digits."""
    return f"{series}{number:03d}"


def parse_label(label: str) -> tuple[str, int] | None:
    """Return series and number of what is printed, or None; a number is at least 1."""
    found = _LABEL.match(label)
    if found is None or int(found[2]) < 1:
        return None
    return found[1], int(found[2])
