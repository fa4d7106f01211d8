"""Nobody is lost, nobody is called twice, the journal alone is the state: whatever people and clocks do."""

from contextlib import suppress
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from appliance.queueing import commands as c
from appliance.queueing.commands import Command
from appliance.queueing.errors import QueueingError
from appliance.queueing.states import AT_COUNTER
from appliance.wire.moment import Quality
from tests.unit.queueing.conftest import RULES, Office

COUNTERS = st.sampled_from(["1", "2", "3"])
SERVICES = st.sampled_from(["land", "civil", "tax"])
AT_ONE = st.sampled_from([c.Recall, c.Start, c.Complete, c.MarkNoShow, c.Hold, c.Recycle])
OF_ONE = st.sampled_from([c.Cancel, c.LeaveQueue, c.ReturnTicket])
# What each event may do to a ticket, written down a second time.
MAY = {
    "ticket.called": {"WAITING", "ON_HOLD"},
    "ticket.recalled": {"CALLED"},
    "ticket.started": {"CALLED"},
    "ticket.resumed": {"ON_HOLD"},
    "ticket.held": {"SERVING"},
    "ticket.served": {"CALLED", "SERVING"},
    "ticket.no_show": {"CALLED"},
    "ticket.cancelled": {"WAITING", "CALLED", "ON_HOLD"},
    "ticket.returned": {"CALLED", "NO_SHOW"},
    "ticket.transferred": {"CALLED", "SERVING", "ON_HOLD"},
}
AFTER = {
    "ticket.called": "CALLED",
    "ticket.recalled": "CALLED",
    "ticket.started": "SERVING",
    "ticket.resumed": "SERVING",
    "ticket.held": "ON_HOLD",
    "ticket.served": "SERVED",
    "ticket.no_show": "NO_SHOW",
    "ticket.cancelled": "CANCELLED",
    "ticket.returned": "WAITING",
    "ticket.transferred": "WAITING",
}
RULES = replace(RULES, ageing_ms=300_000)


class HallMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.office = Office(RULES)
        self.office.open("1", "2", "3")
        self.states = {}  # of every ticket ever issued, by the table above
        self.present = set()  # issued or carried since the day was opened
        self.seen = 0
        self.last_number = {}

    def try_(self, command: type[Command]) -> None:
        with suppress(QueueingError):
            self.office.do(command)

    def some_ticket(self, data: st.DataObject) -> str:
        keys = sorted(self.states)
        return data.draw(st.sampled_from(keys[-12:])) if keys else "2026-11-23/A/1"

    @rule(service=SERVICES, priority=st.sampled_from(["none", "none", "elderly"]))
    def issue(self, service: str | None, priority: str) -> None:
        self.try_(c.IssueTicket(service, priority))

    @rule(counter=COUNTERS)
    def call_next(self, counter: str) -> None:
        self.try_(c.CallNext(counter))

    @rule(counter=COUNTERS, command=AT_ONE)
    def at_counter(self, counter: str, command: type[Command]) -> None:
        self.try_(command(counter))

    @rule(data=st.data(), command=OF_ONE)
    def of_ticket(self, data: st.DataObject, command: type[Command]) -> None:
        self.try_(command(self.some_ticket(data)))

    @rule(data=st.data(), counter=COUNTERS, command=st.sampled_from([c.CallTicket, c.Resume]))
    def take(self, data: st.DataObject, counter: str, command: type[Command]) -> None:
        self.try_(command(counter, self.some_ticket(data)))

    @rule(data=st.data(), counter=COUNTERS, service=st.none() | SERVICES, to=st.none() | COUNTERS)
    def transfer(self, data: st.DataObject, counter: str, service: str | None, to: str | None) -> None:
        ticket = self.some_ticket(data) if data.draw(st.booleans()) else None
        self.try_(c.Transfer(counter, service, to, ticket))

    @rule(counter=COUNTERS, command=st.sampled_from([c.OpenCounter, c.PauseCounter, c.CloseCounter]))
    def staff(self, counter: str, command: type[Command]) -> None:
        self.try_(command(counter))

    @rule(counter=COUNTERS)
    def open_counter(self, counter: str) -> None:
        self.try_(c.OpenCounter(counter))

    @rule(seconds=st.sampled_from([1, 30, 50, 400, 1000]))
    def wait(self, seconds: int) -> None:
        self.office.advance(seconds)

    @rule(command=st.sampled_from([c.OpenDay, c.CloseDay]))
    def day(self, command: type[Command]) -> None:
        self.try_(command())

    @rule(hours=st.sampled_from([2, 24]))
    def sleep(self, hours: int) -> None:
        self.office.advance(hours * 3600)
        self.office.tick()

    @rule(at=st.none() | st.sampled_from(["1970-01-01T00:01", "2026-11-24T08:00", "2026-11-26T08:00"]),
          quality=st.sampled_from(list(Quality)))  # fmt: skip
    def power_cut(self, at: str | None, quality: Quality) -> None:
        self.office.power_on(at, quality)
        self.office.record("device.started", {"software": "1", "board": "pi4", "reason": "power"})
        self.office.tick()

    @rule(at=st.sampled_from(["2026-11-23T09:00", "2026-11-25T09:00", "2099-01-01T00:00"]))
    def clock_is_set(self, at: str | None) -> None:
        was = self.office.now.moment.wire_at
        self.office.step(at, Quality.SYNCED)
        now = self.office.now.moment.wire_at
        self.office.record("clock.stepped", {"was": was, "now": now, "source": "ntp"})
        self.office.tick()

    @invariant()
    def events_are_legal(self) -> None:
        for event, _ in self.office.journal[self.seen :]:
            key = event.data.get("ticket")
            if event.kind == "day.opened":
                self.present = set()
                self.last_number = dict(event.data["carries"]["next"])
                self.day = event.data["day"]
            elif event.kind == "ticket.issued":
                assert key not in self.states, "a key is never given twice"
                self.states[key] = "WAITING"
                self.present.add(key)
                day, series, number = key.split("/")
                assert day == self.day
                assert int(number) == self.last_number.get(series, 1), "gapless"
                self.last_number[series] = int(number) + 1
            elif event.kind == "ticket.carried":
                assert self.states[key] == event.data["state"]
                self.present.add(key)
            elif key is not None:
                assert self.states[key] in MAY[event.kind]
                assert key in self.present
                self.states[key] = AFTER[event.kind]
        self.seen = len(self.office.journal)

    @invariant()
    def nobody_is_lost(self) -> None:
        for key, state in self.states.items():
            if key in self.present:
                assert self.office.state(key) == state
            else:
                assert state in {"SERVED", "CANCELLED", "NO_SHOW"}

    @invariant()
    def nobody_is_at_two_counters(self) -> None:
        hall = self.office.hall
        held = {post.ticket: post.counter for post in hall.posts.values() if post.ticket is not None}
        at_counter = {one.key: one.counter for one in hall.tickets.values() if one.state in AT_COUNTER}
        assert held == at_counter
        assert len(set(held.values())) == len(held)

    @invariant()
    def the_line_is_who_waits(self) -> None:
        hall = self.office.hall
        assert set(hall.line) == {one.key for one in hall.tickets.values() if one.state == "WAITING"}
        assert all(place < hall.next_place for place in hall.line.values())

    @invariant()
    def labels_are_unique(self) -> None:
        labels = [one.label for one in self.office.hall.tickets.values()]
        assert len(labels) == len(set(labels))

    @invariant()
    def the_journal_is_the_state(self) -> None:
        assert self.office.folded_from_last_day() == self.office.hall


TestHall = HallMachine.TestCase
TestHall.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
