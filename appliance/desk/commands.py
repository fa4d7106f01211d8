"""Commands of the office itself; those of the hall and of ratings are at home with their rules."""

from dataclasses import dataclass

from appliance.desk.rules import Rules
from appliance.feedback.rating import RatingCommand
from appliance.journal.journal import Mark
from appliance.queueing import commands as queueing
from appliance.wire.event import Draft


@dataclass(frozen=True, slots=True)
class ReportFault:
    """Something is wrong; recorded once until cleared. ``issue`` and ``subject`` are stable words."""

    issue: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ClearFault:
    """It is right again; without effect when it was not reported."""

    issue: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class TrustTime:
    """A receipt or an officer told the wall time.

    Args:
        source: ``receipt`` or ``officer``.
        at_us: microseconds since 1970 UTC.
    """

    source: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Record:
    """Record what happened elsewhere on the box: a print, a hardware test, a configuration applied."""

    draft: Draft
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Prune:
    """Let retention remove what is receipted up to ``mark`` and older than ``days``."""

    mark: Mark
    days: int


@dataclass(frozen=True, slots=True)
class LeaveEpoch:
    """The center proved that this epoch lacks events or has others: begin the next one after ``mark``."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: let the business day follow the clock."""


@dataclass(frozen=True, slots=True)
class ApplyRules:
    """Another configuration applies from here on; ``draft`` is its ``config.applied``.

    Refused while somebody waits for, or sits at, what it would take away.
    """

    rules: Rules
    draft: Draft


Office = ReportFault | ClearFault | TrustTime | Record | Prune | LeaveEpoch | Tick | ApplyRules
Command = Office | queueing.Command | RatingCommand
