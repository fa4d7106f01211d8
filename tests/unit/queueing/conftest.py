"""A hall with a clock on strings and a journal in a list; every event passes the check of the wire."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.queueing import commands as c
from appliance.queueing.commands import Command
from appliance.queueing.day import NOTHING, day_drafts
from appliance.queueing.decide import decide
from appliance.queueing.hall import Hall, fold
from appliance.queueing.rules import Counter, HallRules, PriorityClass, Service
from appliance.wire.event import Draft, Event, check_line, line_hash
from appliance.wire.moment import HANOI, Moment, Now, Quality, microseconds
from appliance.wire.timeline import Timeline

EPOCH = "01998000-0000-7000-8000-000000000000"
RULES = HallRules(
    services=(
        Service("land", "Đất đai", "Land", "A"),
        Service("civil", "Hộ tịch", "Civil status", "B"),
        Service("tax", "Thuế", "Tax", "C"),
    ),
    counters=(
        Counter("1", "Quầy 1", ("land", "civil")),
        Counter("2", "Quầy 2", ("civil", "land")),
        Counter("3", "Quầy 3", ("tax",)),
    ),
    priorities=(PriorityClass("elderly", "Người cao tuổi"), PriorityClass("pregnant", "Phụ nữ mang thai")),
)


class Office:
    """The desk's part in these tests: the calendar first, then the command, then the fold."""

    def __init__(
        self, rules: HallRules = RULES, at: str | None = "2026-11-23T08:00", quality: Quality = Quality.SYNCED
    ) -> None:
        self.rules = rules
        self.hall = Hall()
        self.journal = []
        self.carried = NOTHING
        self.boots = 0
        self.prev = "0" * 64
        self.timeline = Timeline()
        self.power_on(at, quality)

    def power_on(self, at: str | None = None, quality: Quality = Quality.SYNCED) -> None:
        self.boots += 1
        self.boot = f"00000000-0000-4000-8000-{self.boots:012d}"
        self.up_ms = 1_000
        self.step(at, quality)

    def step(self, at: str | None = None, quality: Quality = Quality.SYNCED) -> None:
        """Set the wall clock to a local time of Hanoi."""
        if at is not None:
            self.at = datetime.fromisoformat(at).replace(tzinfo=HANOI).astimezone(UTC)
        self.quality = quality

    def advance(self, seconds: int = 0, *, ms: int = 0) -> None:
        self.at += timedelta(seconds=seconds, milliseconds=ms)
        self.up_ms += seconds * 1000 + ms

    @property
    def now(self) -> Now:
        moment = Moment(microseconds(self.at), self.quality, self.boot, self.up_ms)
        return Now(moment, self.timeline.at(self.boot, self.up_ms))

    def record(self, kind: str, data: dict[str, Any]) -> Event:
        moment = self.now.moment
        event = Event(
            seq=len(self.journal) + 1, epoch=EPOCH, kind=kind, at=moment.wire_at, clock=self.quality.value,
            boot=self.boot, up_ms=self.up_ms, data=data, prev=self.prev,
        )  # fmt: skip
        line = event.to_line()
        event = check_line(line)
        self.prev = line_hash(line)
        self.timeline = self.timeline.advance(self.boot, self.up_ms)
        self.journal.append((event, self.timeline.elapsed_ms))
        self.hall = fold(self.hall, event, self.timeline.elapsed_ms)
        return event

    def append(self, drafts: Iterable[Draft]) -> list[Event]:
        return [self.record(draft.kind, draft.data) for draft in drafts]

    def tick(self) -> list[Event]:
        return self.append(day_drafts(self.hall, self.now, self.carried))

    def do(self, command: Command) -> list[Event]:
        """Return the events of the command alone."""
        self.tick()
        decision = decide(self.hall, command, self.now, self.rules, self.carried)
        self.outcome = decision.outcome
        return self.append(decision.drafts)

    def issue(self, service: str = "land", priority: str = "none", **more: str) -> str:
        return self.do(c.IssueTicket(service, priority, **more))[-1].data["ticket"]

    def open(self, *counters: str) -> None:
        for counter in counters:
            self.do(c.OpenCounter(counter, officer=f"officer{counter}"))

    def call(self, counter: str = "1") -> str:
        """Call next and return the ticket's key."""
        return self.do(c.CallNext(counter))[-1].data["ticket"]

    def serving(self, counter: str = "1", service: str = "land") -> str:
        """Issue, call and start a ticket."""
        ticket = self.issue(service)
        self.do(c.CallTicket(counter, ticket))
        self.do(c.Start(counter))
        return ticket

    def state(self, ticket: str) -> str:
        return self.hall.tickets[ticket].state.value

    def kinds(self) -> list[str]:
        return [event.kind for event, _ in self.journal]

    def folded_from_last_day(self) -> Hall:
        start = max(i for i, (event, _) in enumerate(self.journal) if event.kind == "day.opened")
        hall = Hall()
        for event, elapsed_ms in self.journal[start:]:
            hall = fold(hall, event, elapsed_ms)
        return hall


@pytest.fixture
def office_type() -> type[Office]:
    return Office


@pytest.fixture
def rules() -> HallRules:
    return RULES


@pytest.fixture
def subject() -> Office:
    """An office with counters 1 and 2 open on a trusted Monday morning."""
    office = Office()
    office.open("1", "2")
    return office
