"""The forked branch of an epoch, sent once and stored aside by the center: nothing recorded is lost."""

from collections.abc import Callable

import structlog

from appliance.journal.aside import ROLLED_BACK, Aside
from appliance.uplink.acceptance import Acceptance
from appliance.uplink.answers import SetAside
from appliance.uplink.center import Center
from appliance.uplink.history import History
from appliance.uplink.port import Office
from appliance.uplink.progress import GoOn, Halt, Leave, Progress, after_answer
from appliance.uplink.seal import Limits, Sealer

log = structlog.get_logger(__name__)


class Evidence:
    """Sends forked branches.

    Args:
        office: knows the set-aside epochs.
        center: takes the branches.
        acceptance: knows how far both sides agreed.
        sealer: seals with the device's key.
        limits: how much one batch may hold.
        stopping: whether to come to an end.
    """

    def __init__(
        self,
        *,
        office: Office,
        center: Center,
        acceptance: Acceptance,
        sealer: Sealer,
        limits: Limits,
        stopping: Callable[[], bool],
    ) -> None:
        self._office = office
        self._center = center
        self._acceptance = acceptance
        self._sealer = sealer
        self._limits = limits
        self._stopping = stopping

    def pending(self) -> list[Aside]:
        """Return the set-aside epochs whose branch the center does not have yet, oldest first."""
        return [a for a in self._office.asides() if a.reason == ROLLED_BACK and not a.evidence_sent]

    def send(self, aside: Aside) -> Halt | Leave | None:
        """Send one branch; None when it is stored, when there is nothing, or when stopping.

        Raises:
            JournalMovedError, NotHeldError, JournalDamagedError: its events cannot be read.
            MotcuaError: the office cannot remember that it is stored.
        """
        history = self._history(aside)
        if history is None:
            log.warning("evidence.file_missing", epoch=aside.epoch)
            return None
        first = self._first(aside, history)
        progress = Progress.start(self._limits)
        while first <= aside.last:
            now = self._office.moment().wire_at
            sealed = self._sealer.seal(history, first, aside.last, progress.limits, now)
            answer = self._center.send_evidence(sealed.content, sealed.header)
            if self._stopping():
                return None
            if isinstance(answer, SetAside):
                first = sealed.header.last + 1
                continue
            match after_answer(progress, answer, None, sealed.header):
                case GoOn(progress=progress):
                    pass
                case Halt() | Leave() as end:
                    return end
                case _:
                    return None
        self._office.evidence_stored(aside)
        log.info("evidence.stored", epoch=aside.epoch, last=aside.last)
        return None

    def _first(self, aside: Aside, history: History) -> int:
        """Return where the branch begins: the histories may part before the mark, in a restored file."""
        if aside.upto == 0 or history.hash_at(aside.upto) == aside.head:
            agreed = aside.upto
        else:
            agreed = self._acceptance.agreed(history, min(aside.upto, aside.last))
        return max(agreed + 1, history.first())

    def _history(self, aside: Aside) -> History | None:
        for source in self._office.sources():
            if source.epoch == aside.epoch:
                return History(source)
        return None
