"""What the uplink needs of the office, in the uplink's words."""

from enum import StrEnum
from typing import Protocol

from appliance.journal.aside import Aside
from appliance.journal.journal import Mark
from appliance.journal.source import Source
from appliance.wire.moment import Moment
from appliance.wire.receipt import Receipt


class Issue(StrEnum):
    """What the uplink reports to health; a line that is down is not among them."""

    KEY_REFUSED = "key_refused"
    """The center does not take this box's key: retired, quarantined, or never enrolled."""
    BATCH_REFUSED = "batch_refused"
    """The center refuses a range twice; nothing of it is skipped, an update must repair it."""
    CENTER_REWOUND = "center_rewound"
    """The center holds less than it had receipted: it was restored from a backup."""
    HISTORY_UNREADABLE = "history_unreadable"
    """Events that the center lacks cannot be read on this box."""
    NOT_ENROLLED = "not_enrolled"
    """The box has no identity at the center and no claim that opens the door."""


class Office(Protocol):
    """The rest of the box.

    Every method is called from the uplink's thread only, except ``moment``, ``sources`` and ``asides``, which
    any thread may call.
    """

    def sources(self) -> list[Source]:
        """Return every epoch that can be read, oldest first, the current one last."""
        ...

    def asides(self) -> list[Aside]:
        """Return the set-aside epochs."""
        ...

    def moment(self) -> Moment:
        """Return the believed time."""
        ...

    def receipt_accepted(self, receipt: Receipt, *, live: bool) -> None:
        """Learn of a receipt that was accepted and is durable.

        It is a floor for the clock, and what it covers may be pruned by age. The mark of its epoch is exactly
        ``receipt.upto`` now, also when that is less than before.

        Args:
            receipt: verified, of this device, equal to this box's own events.
            live: it was the answer to what was sent a moment ago, so its ``at`` is the time now; else it
                traveled by stick and only says that this instant has passed.
        """
        ...

    def lost_tail(self, mark: Mark) -> None:
        """Open a new epoch after ``mark``; return when that is durable.

        The center holds events of ``mark.epoch`` that this box lacks or has differently. ``mark.upto`` is 0
        when nothing was ever receipted. What the old epoch holds after ``mark`` becomes evidence.

        Does nothing when ``mark.epoch`` is set aside already.

        Raises:
            MotcuaError: it could not be done; the uplink comes again.
        """
        ...

    def pruned_behind(self, mark: Mark) -> None:
        """Open a new epoch after ``mark``; return when that is durable.

        The center lost events of ``mark.epoch`` that this box has pruned, so it can take nothing more of that
        epoch. What the old epoch holds after ``mark`` becomes evidence.

        Does nothing when ``mark.epoch`` is set aside already.

        Raises:
            MotcuaError: it could not be done; the uplink comes again.
        """
        ...

    def evidence_stored(self, aside: Aside) -> None:
        """Remember durably that the center keeps the forked branch of a set-aside epoch."""
        ...

    def issue(self, key: str, subject: str, *, raised: bool) -> None:
        """Raise or clear an :class:`Issue`; the same again changes nothing."""
        ...
