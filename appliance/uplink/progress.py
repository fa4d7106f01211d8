"""What comes after an answer: the sending table of ``docs/wire.md`` as one pure function.

An event is never skipped: every step either moves the mark by an accepted receipt, tries the very next events
again, or waits. How often something is tried within one run is bounded; how often runs are tried is not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from appliance.errors import MotcuaError
from appliance.uplink.answers import (
    Answer,
    Busy,
    Damaged,
    Fork,
    Gap,
    KeyRefused,
    Stored,
    TooLarge,
    Unclear,
)
from appliance.uplink.errors import (
    BatchRefusedError,
    BusyError,
    KeyRefusedError,
    ReceiptRefusedError,
    RewoundError,
    UnclearError,
)
from appliance.uplink.port import Issue
from appliance.uplink.receipts import Advance, Diverged, Foreign, Pruned, Rewind, Stale, Verdict
from appliance.uplink.seal import Limits
from appliance.wire.batch import Header

SLOW_S = 3_600.0
"""How long to wait when only people can help."""
BACKOFF_MAX_S = 3_600.0
BACKOFF_BASE_S = 5.0
MAX_REWINDS = 3
_DOUBLINGS = 20  # 5 s doubled ten times is more than an hour already


def backoff_s(failures: int, uniform: Callable[[float, float], float]) -> float:
    """Return full-jitter back-off: anything from nothing to twice the bound before, up to one hour.

    Args:
        failures: failed runs in a row, from 1 on.
        uniform: draws between two bounds.
    """
    doublings = min(max(0, failures - 1), _DOUBLINGS)
    return uniform(0.0, min(BACKOFF_MAX_S, BACKOFF_BASE_S * 2**doublings))


@dataclass(frozen=True, slots=True)
class Progress:
    """How one epoch goes within one run.

    Args:
        full: the limits to come back to after a success.
        limits: what the next batch may hold.
        refused: a range was refused once; the next refusal is the last.
        rewinds: how often the center sent us back.
    """

    full: Limits
    limits: Limits
    refused: bool = False
    rewinds: int = 0

    @classmethod
    def start(cls, full: Limits) -> "Progress":
        """Return the beginning of a run."""
        return cls(full, full)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Wait with growing, jittered pauses."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Wait an hour: people must act."""


@dataclass(frozen=True, slots=True)
class Told:
    """Wait as the center said."""

    seconds: int


Pause = Backoff | Slow | Told


@dataclass(frozen=True, slots=True)
class GoOn:
    """Send the next range of this epoch."""

    progress: Progress
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class LostTail:
    """The center has another branch: a new epoch must open."""


@dataclass(frozen=True, slots=True)
class PrunedBehind:
    """The center wants what is pruned here: a new epoch must open."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave this epoch for this run and go on with the others."""

    error: MotcuaError
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class Halt:
    """End the run."""

    pause: Pause
    error: MotcuaError
    issue: Issue | None = None


Step = GoOn | LostTail | PrunedBehind | Leave | Halt


def after_answer(progress: Progress, answer: Answer, verdict: Verdict | None, sent: Header) -> Step:
    """Return what comes next.

    Args:
        progress: how the epoch went so far.
        answer: of the center.
        verdict: on the receipt that the answer carried, if any; an advance or rewind is durable already.
        sent: the batch that was answered.
    """
    match answer:
        case Stored() | Gap() | Fork():
            return _after_verdict(progress, verdict or Foreign("there is none"), answer, sent)
        case KeyRefused():
            detail = f"{answer.type.value}: {answer.detail}"
            return Halt(Slow(), KeyRefusedError(detail=detail), Issue.KEY_REFUSED)
        case Damaged():
            return _after_damage(progress, answer, sent)
        case TooLarge():
            return _after_too_large(progress, answer, sent)
        case Busy():
            return Halt(Backoff() if answer.wait_s is None else Told(answer.wait_s), BusyError())
        case Unclear():
            return Halt(Backoff(), UnclearError(reason=answer.reason))
        case _:
            assert_never(answer)


def _after_verdict(  # noqa: PLR0911 - one return per row of the table
    progress: Progress, verdict: Verdict, answer: Answer, sent: Header
) -> Step:
    match verdict:
        case Advance():
            return GoOn(replace(progress, limits=progress.full, refused=False))
        case Rewind() if progress.rewinds >= MAX_REWINDS:
            return Halt(Backoff(), RewoundError(epoch=sent.epoch), Issue.CENTER_REWOUND)
        case Rewind():
            return GoOn(replace(progress, rewinds=progress.rewinds + 1), Issue.CENTER_REWOUND)
        case Pruned():
            return PrunedBehind()
        case Diverged():
            return LostTail()
        case Stale() if isinstance(answer, Fork):
            # The center's branch parts from ours after what it has of this epoch.
            return LostTail()
        case Stale():
            return Halt(Backoff(), ReceiptRefusedError(reason="it moves nothing"))
        case Foreign():
            return Halt(Backoff(), ReceiptRefusedError(reason=verdict.reason))
        case _:
            assert_never(verdict)


def _after_damage(progress: Progress, answer: Damaged, sent: Header) -> Step:
    if progress.refused:
        return _refused(sent, f"{answer.type.value}: {answer.detail}")
    # Line 1 is the header's: the events before the named line are good and go first.
    smaller = sent.count // 2 if answer.line is None else answer.line - 2
    return GoOn(replace(progress, limits=progress.limits.at_most(min(smaller, sent.count)), refused=True))


def _after_too_large(progress: Progress, answer: TooLarge, sent: Header) -> Step:
    if sent.count == 1:
        return _refused(sent, "one single event is too large")
    limits = progress.limits.at_most(sent.count // 2)
    if answer.max_bytes is not None:
        limits = limits.within(answer.max_bytes)
    # What is too large now will be too large for the rest of the run.
    return GoOn(replace(progress, full=limits, limits=limits))


def _refused(sent: Header, detail: str) -> Leave:
    error = BatchRefusedError(first=sent.first, last=sent.last, epoch=sent.epoch, detail=detail)
    return Leave(error, Issue.BATCH_REFUSED)
