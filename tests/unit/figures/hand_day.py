"""A business day written by hand: events in a list, checked as the wire checks them."""

from appliance.figures.tally import Tally
from appliance.wire.canonical import check_value
from appliance.wire.event import Event
from appliance.wire.kinds import check_data
from appliance.wire.moment import Moment, Quality

BOOT = "00000000-0000-4000-8000-000000000001"
OTHER_BOOT = "00000000-0000-4000-8000-000000000002"
DAY = "2026-11-23"
START_US = 1_795_395_600_000_000  # Monday 2026-11-23, 08:00 in Hanoi
WHY = {"rule": "arrival", "ahead": 0, "skipped": 0}
SECOND = 1000


def ticket_of(number):
    return f"{DAY}/A/{number}"


class HandDay:
    """Events in the order they are told; tickets are numbers, ``ms`` is the time since boot.

    Args:
        boot: of the box.
        epoch: of the journal.
    """

    def __init__(self, boot=BOOT, epoch="e"):
        self.events = []
        self.ms = 0
        self.boot = boot
        self.epoch = epoch

    def later(self, seconds):
        self.ms += round(seconds * SECOND)
        return self

    def record(self, kind, **data):
        check_data(kind, data)
        check_value(data, "data")
        at = Moment(START_US + self.ms * 1000, Quality.SYNCED, self.boot, self.ms)
        event = Event(
            seq=len(self.events) + 1, epoch=self.epoch, kind=kind, at=at.wire_at, clock="synced",
            boot=self.boot, up_ms=self.ms, data=data, prev="0" * 64,
        )  # fmt: skip
        self.events.append(event)
        return event

    def opened(self, day=DAY, **carries):
        return self.record("day.opened", day=day, source="clock", carries=carries)

    def counter(self, counter="q1", services=("ho-tich",), kind="counter.opened"):
        return self.record(kind, counter=counter, officer=None, services=list(services), reason="")

    def issue(self, number, service="ho-tich"):
        label = f"A{number:03}"
        data = {"ticket": ticket_of(number), "label": label, "service": service}
        return self.record("ticket.issued", **data, priority="none", source="kiosk")

    def carry(self, number, state="WAITING", counter=None, service="ho-tich"):
        data = {"ticket": ticket_of(number), "label": f"A{number:03}", "service": service}
        return self.record("ticket.carried", **data, priority="none", state=state, counter=counter)

    def call(self, number, counter="q1", waited_s=None, kind="ticket.called"):
        waited_ms = None if waited_s is None else round(waited_s * SECOND)
        data = {"ticket": ticket_of(number), "counter": counter, "officer": None}
        return self.record(kind, **data, why=WHY, waited_ms=waited_ms)

    def start(self, number, counter="q1", kind="ticket.started"):
        return self.record(kind, ticket=ticket_of(number), counter=counter, officer=None)

    def serve(self, number, counter="q1", served_s=None, reason="officer"):
        served_ms = None if served_s is None else round(served_s * SECOND)
        data = {"ticket": ticket_of(number), "counter": counter, "officer": None, "reason": reason}
        return self.record("ticket.served", **data, served_ms=served_ms)

    def leave(self, kind, number, counter="q1", reason="officer"):
        """Record ``ticket.no_show``, ``ticket.cancelled`` or ``ticket.returned``."""
        return self.record(
            f"ticket.{kind}", ticket=ticket_of(number), counter=counter, officer=None, reason=reason
        )

    def transfer(self, number, counter="q1", **target):
        return self.record(
            "ticket.transferred", ticket=ticket_of(number), counter=counter, officer=None, **target
        )

    def rate(self, level, number=None, counter="q1", *, corrects=None, flags=(), source="gpio", levels=3):
        """Record a rating; ``corrects`` is the event that stood until now."""
        flags = sorted({*flags, *(() if number is not None else ("unbound",))})
        return self.record(
            "rating.given", counter=counter, level=level, levels=levels, source=source,
            ticket=None if number is None else ticket_of(number), officer=None, flags=flags,
            corrects=None if corrects is None else corrects.seq,
        )  # fmt: skip

    def tally(self, first=0):
        """Return the tally of the events from one on."""
        tally = Tally(DAY)
        for event in self.events[first:]:
            tally.add(event)
        return tally

    def totals(self):
        return self.tally().totals()
