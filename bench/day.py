"""A journal as weeks in an office make it, from the pure rules and a clock that is told.

The clock is never trusted, as in an office that has neither line nor hardware clock: the business day goes on
and on, and a start must fold all of it. This is the worst that a start can meet.
"""

from collections.abc import Iterator
from functools import cache
from random import Random

from hall import COUNTERS, DEVICE, MONDAY_US, PRIORITIES, REASONS, RULES, SERVICES

from appliance.clock import BelievedClock, ScriptedTime
from appliance.desk.commands import Command, Record
from appliance.desk.decide import carried, decide
from appliance.desk.state import State, fold
from appliance.errors import DomainError
from appliance.feedback.rating import GiveReason, Press
from appliance.journal.journal import stage
from appliance.queueing import commands
from appliance.queueing.day import day_drafts
from appliance.wire.chain import Chain, Genesis
from appliance.wire.event import Draft, Event
from appliance.wire.moment import Now

GENESIS = Genesis(DEVICE, "01998000-0000-7000-8000-000000000000")
SEED = 7
_LINE = 30


class Weeks:
    """The journal so far; it grows as far as it is asked for.

    Args:
        seed: decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.time = ScriptedTime(MONDAY_US, synced=False)
        self.state = State()
        self._clock = BelievedClock(self.time, floor_us=MONDAY_US, has_rtc=False)
        self._random = Random(seed)
        self._chain = Chain.start(GENESIS)
        self._lines: list[bytes] = []
        self._story = self._live()

    def lines(self, count: int) -> list[bytes]:
        """Return the first ``count`` lines."""
        while len(self._lines) < count:
            next(self._story)
        return self._lines[:count]

    def _live(self) -> Iterator[None]:
        now = self._now()
        self._add(day_drafts(self.state.hall, now, carried(self.state, now, RULES)), now)
        for counter in COUNTERS:
            self._do(commands.OpenCounter(counter, officer=f"officer-{counter}"))
        for number in range(_LINE):
            self._issue(number)
        number = _LINE
        while True:
            self._issue(number)
            self._serve(self._random.choice(COUNTERS), f"bench-{number}")
            number += 1
            yield

    def _issue(self, number: int) -> None:
        priority = self._random.choice(PRIORITIES) if self._chance(0.2) else "none"
        request = f"kiosk-{number}" if self._chance(0.5) else None
        service = self._random.choice(SERVICES)
        issued = self._do(commands.IssueTicket(service, priority, source="kiosk", request=request))
        if issued is not None:
            data = {"ticket": issued.data["ticket"], "result": "ok", "copy": 0}
            self._do(Record(Draft("ticket.printed", data)))

    def _serve(self, counter: str, request: str) -> None:
        """Call somebody, serve or miss them, and let them press."""
        if self._do(commands.CallNext(counter, request=request)) is None:
            return
        if self._chance(0.05):
            self._do(commands.Recall(counter))
        if self._chance(0.1):
            self._do(commands.MarkNoShow(counter))
            return
        started = self._do(commands.Start(counter))
        if started is not None and self._chance(0.03):
            self._do(commands.Hold(counter))
            self._do(commands.Resume(counter, started.data["ticket"]))
        if self._chance(0.03):
            self._do(commands.Transfer(counter, to_service=self._random.choice(SERVICES)))
        else:
            self._do(commands.Complete(counter))
        if self._chance(0.7):
            rating = self._do(Press(counter, self._random.randint(1, 3), "gpio"))
            if rating is not None and self._chance(0.1):
                self._do(GiveReason(rating.seq, self._random.choice(REASONS)))

    def _do(self, command: Command) -> Event | None:
        """Let time pass, decide and fold as the desk does; return the last event, None when refused."""
        self.time.advance(self._random.randint(1_000, 20_000))
        now = self._now()
        try:
            drafts = decide(self.state, command, now, RULES)
        except DomainError:
            return None
        return self._add(drafts, now)

    def _add(self, drafts: tuple[Draft, ...], now: Now) -> Event | None:
        event: Event | None = None
        for draft in drafts:
            self._chain, staged = stage(self._chain, draft, now.moment)
            self.state = fold(self.state, staged.event)
            # A copy: orjson's own bytes hold on to the kilobytes it wrote them in.
            self._lines.append(bytes(memoryview(staged.line)))
            event = staged.event
        return event

    def _now(self) -> Now:
        moment = self._clock.now()
        return Now(moment, self.state.timeline.at(moment.boot, moment.up_ms))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


@cache
def weeks() -> Weeks:
    """Return the journal that the benches of one run share."""
    return Weeks(SEED)
