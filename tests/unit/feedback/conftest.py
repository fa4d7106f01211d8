"""Counters with buttons, a timeline and a journal in a list; drafts pass the check of the wire."""

from typing import Any, Self

import pytest

from appliance.feedback.bindings import Bindings, carry, fold
from appliance.feedback.rating import Press, decide
from appliance.feedback.rules import RatingRules
from appliance.wire.canonical import check_value
from appliance.wire.event import Event
from appliance.wire.kinds import check_data
from appliance.wire.moment import Moment, Now, Quality

BOOT = "00000000-0000-4000-8000-000000000001"
DAY = "2026-11-23"
WHY = {"rule": "arrival", "ahead": 0, "skipped": 0}


def key(number: int) -> str:
    return f"{DAY}/A/{number}"


class Counters:
    """The desk's part in these tests; tickets are numbers, times are seconds."""

    def __init__(self, rules: RatingRules = None) -> None:
        self.rules = RatingRules() if rules is None else rules
        self.bindings = Bindings()
        self.journal = []
        self.ms = 0

    def at(self, seconds: float) -> Self:
        """Go to this time since the start."""
        self.ms = round(seconds * 1000)
        return self

    @property
    def now(self) -> Now:
        return Now(Moment(self.ms * 1000, Quality.SYNCED, BOOT, self.ms), self.ms)

    def record(self, kind: str, data: dict[str, Any]) -> Event:
        check_data(kind, data)
        check_value(data, "data")
        event = Event(
            seq=len(self.journal) + 1, epoch="e", kind=kind, at=self.now.moment.wire_at, clock="synced",
            boot=BOOT, up_ms=self.ms, data=data, prev="0" * 64,
        )  # fmt: skip
        self.journal.append((event, self.ms))
        self.bindings = fold(self.bindings, event, self.ms)
        return event

    def open(self, counter: str | None = "1", officer: str | None = "lan") -> Event:
        data = {"counter": counter, "officer": officer, "services": [], "reason": ""}
        return self.record("counter.opened", data)

    def call(self, number: int, counter: str | None = "1", officer: str | None = "lan") -> Event:
        data = {"ticket": key(number), "counter": counter, "officer": officer}
        return self.record("ticket.called", {**data, "why": WHY, "waited_ms": None})

    def start(self, number: int, counter: str | None = "1") -> Event:
        return self.record("ticket.started", {"ticket": key(number), "counter": counter, "officer": None})

    def leave(self, number: int, kind: str = "ticket.served", counter: str | None = "1") -> Event:
        data = {"ticket": key(number), "counter": counter, "officer": None, "reason": "officer"}
        match kind:
            case "ticket.served":
                data["served_ms"] = None
            case "ticket.transferred":
                data["to_service"] = "tax"
        return self.record(kind, data)

    def press(
        self, level: int = 3, counter: str | None = "1", source: str = "gpio", **more: str | bool
    ) -> Event:
        """Return the event of a press."""
        (draft,) = decide(self.bindings, Press(counter, level, source, **more), self.now, self.rules)
        return self.record(draft.kind, draft.data)

    def phone(self, number: int, level: int = 3, counter: str | None = "1") -> Event:
        return self.press(level, counter, "phone", ticket=key(number))

    def new_day(self, *carried: tuple[int, str, str], is_new_epoch: bool = False) -> None:
        """Open the next day, carrying ``(number, state, counter)``."""
        ratings = carry(self.bindings, self.ms, self.rules, is_new_epoch=is_new_epoch)
        carries = {"ratings": ratings}
        self.record("day.opened", {"day": "2026-11-24", "source": "clock", "carries": carries})
        for number, state, counter in carried:
            self.record(
                "ticket.carried",
                {
                    "ticket": key(number), "label": f"A{number:03d}", "service": "land", "priority": "none",
                    "state": state, "counter": counter,
                },
            )  # fmt: skip

    def folded_from_last_day(self) -> Bindings:
        start = max(i for i, (event, _) in enumerate(self.journal) if event.kind == "day.opened")
        bindings = Bindings()
        for event, elapsed_ms in self.journal[start:]:
            bindings = fold(bindings, event, elapsed_ms)
        return bindings


@pytest.fixture
def subject() -> Counters:
    """Counter 1, open, with ticket 1 called at 0 s and started at 1 s."""
    counters = Counters()
    counters.open()
    counters.call(1)
    counters.at(1).start(1)
    return counters
