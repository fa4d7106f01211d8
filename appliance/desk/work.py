"""One group commit in the making, and how wall times are written in it."""

from dataclasses import dataclass, field

from appliance.desk.lanes import Post
from appliance.desk.rules import Rules
from appliance.desk.state import Answer, State, fold
from appliance.errors import MotcuaError
from appliance.journal.journal import Mark, Staged, stage
from appliance.wire.chain import Chain
from appliance.wire.event import Draft, Event
from appliance.wire.moment import Moment, Quality, microseconds, parse_wire_time


@dataclass(slots=True)
class Work:
    """One group commit in the making.

    Args:
        state: after what is staged.
        chain: the same.
        rules: those in force for what is decided next; in force for good after the append.
        staged: in order; one append for all.
        replies: what each caller is told after it.
        steps_told: how many of the clock's untold steps are among them.
    """

    state: State
    chain: Chain
    rules: Rules
    staged: list[Staged] = field(default_factory=list)
    replies: list[tuple[Post, Answer | MotcuaError]] = field(default_factory=list)
    steps_told: int = 0

    def add(self, draft: Draft, moment: Moment) -> Event:
        """Stage a draft and fold it."""
        self.chain, staged = stage(self.chain, draft, moment)
        self.state = fold(self.state, staged.event)
        self.staged.append(staged)
        return staged.event


class LeaveEpochError(Exception):
    """Raised inside the desk to abandon a group: the epoch must change first."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(mark)
        self.mark = mark


def at_us_of(at: str) -> int:
    """Return a wire time in microseconds since 1970; 0 for none."""
    return microseconds(parse_wire_time(at)) if at else 0


def wire_at(at_us: int) -> str:
    """Return microseconds since 1970 as the wire writes them."""
    return Moment(at_us, Quality.SYNCED, "", 0).wire_at
