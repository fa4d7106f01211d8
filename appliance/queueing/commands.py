"""What people ask of the hall. Imperative, frozen, and already free of strangers' text.

Every command may carry ``officer`` (who asks, ``None`` for a keypad, a citizen or the clock) and ``request``
(the caller's idempotency id, recorded with the command's last event).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    officer: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class IssueTicket(_Asked):
    """Give the next number of a service; ``source`` is ``button``, ``kiosk``, ``staff`` or ``phone``."""

    service: str
    priority: str = "none"
    source: str = "staff"


@dataclass(frozen=True, slots=True)
class CallNext(_Asked):
    """Close the ticket at the counter and call whom the policy says."""

    counter: str


@dataclass(frozen=True, slots=True)
class CallTicket(_Asked):
    """Close the ticket at the counter and call a chosen waiting or held one."""

    counter: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Recall(_Asked):
    """Call the ticket at the counter again."""

    counter: str


@dataclass(frozen=True, slots=True)
class Start(_Asked):
    """The person of the called ticket has come to the counter."""

    counter: str


@dataclass(frozen=True, slots=True)
class Complete(_Asked):
    """The ticket at the counter is served; ``stage`` is ``receive``, ``return`` or ``None``."""

    counter: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class MarkNoShow(_Asked):
    """Nobody came for the called ticket."""

    counter: str


@dataclass(frozen=True, slots=True)
class Hold(_Asked):
    """Set the ticket being served aside."""

    counter: str


@dataclass(frozen=True, slots=True)
class Resume(_Asked):
    """Close the ticket at the counter and go on serving a held one."""

    counter: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Transfer(_Asked):
    """Send the counter's own ticket, or a held one, to another line or to one counter."""

    counter: str
    to_service: str | None = None
    to_counter: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Recycle(_Asked):
    """Put the called ticket back into its line."""

    counter: str


@dataclass(frozen=True, slots=True)
class Cancel(_Asked):
    """Take a ticket out of the hall by an officer's decision."""

    ticket: str


@dataclass(frozen=True, slots=True)
class LeaveQueue(_Asked):
    """The citizen gives the ticket up."""

    ticket: str


@dataclass(frozen=True, slots=True)
class ReturnTicket(_Asked):
    """Somebody who missed the call has come."""

    ticket: str


@dataclass(frozen=True, slots=True)
class OpenCounter(_Asked):
    """Staff a counter; ``services`` restricts it to some of its own (empty: no restriction)."""

    counter: str
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PauseCounter(_Asked):
    """Interrupt a counter; ``reason`` is a key such as ``lunch``, never free text."""

    counter: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CloseCounter(_Asked):
    """Leave a counter; ``reason`` is a key, never free text."""

    counter: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OpenDay(_Asked):
    """Open the closed business day again; ``source`` is ``officer`` or ``command``."""

    source: str = "officer"


@dataclass(frozen=True, slots=True)
class CloseDay(_Asked):
    """End the business day for everybody; ``source`` is ``officer`` or ``command``."""

    source: str = "officer"


@dataclass(frozen=True, slots=True)
class ResumeDay(_Asked):
    """Go on behind numbers that were given out but are not known here; ``labels`` are what people hold."""

    labels: tuple[str, ...]
    source: str = "command"


Command = (
    IssueTicket
    | CallNext
    | CallTicket
    | Recall
    | Start
    | Complete
    | MarkNoShow
    | Hold
    | Resume
    | Transfer
    | Recycle
    | Cancel
    | LeaveQueue
    | ReturnTicket
    | OpenCounter
    | PauseCounter
    | CloseCounter
    | OpenDay
    | CloseDay
    | ResumeDay
)
