"""How a device may stand, and what makes it stand otherwise: one table."""

from enum import Enum
from typing import Final

from appliance.hotspot.errors import BadTransitionError


class State(Enum):
    """How a device stands."""

    NEW = "new"
    OPEN = "open"
    SPENT = "spent"
    BLOCKED = "blocked"


class Happening(Enum):
    """What befalls a device."""

    AGREE = "agree"
    END = "end"
    SPEND = "spend"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DAY = "day"


TABLE: Final = {
    (State.NEW, Happening.AGREE): State.OPEN,
    (State.OPEN, Happening.AGREE): State.OPEN,
    (State.OPEN, Happening.END): State.NEW,
    (State.OPEN, Happening.SPEND): State.SPENT,
    (State.NEW, Happening.SPEND): State.SPENT,
    (State.OPEN, Happening.DAY): State.OPEN,
    (State.SPENT, Happening.DAY): State.NEW,
    (State.NEW, Happening.DAY): State.NEW,
    (State.BLOCKED, Happening.DAY): State.BLOCKED,
    (State.NEW, Happening.BLOCK): State.BLOCKED,
    (State.OPEN, Happening.BLOCK): State.BLOCKED,
    (State.SPENT, Happening.BLOCK): State.BLOCKED,
    (State.BLOCKED, Happening.BLOCK): State.BLOCKED,
    (State.BLOCKED, Happening.UNBLOCK): State.NEW,
}
"""END is a session's end by time, idleness, hours, its owner's wish or a reboot without a file."""


def after(state: State, happening: Happening) -> State:
    """Return the state that follows.

    Raises:
        BadTransitionError: nothing does.
    """
    try:
        return TABLE[state, happening]
    except KeyError:
        raise BadTransitionError(state=state.value, happening=happening.value) from None
