"""Wall times of events before a clock was put right."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from appliance.wire.event import Event
from appliance.wire.moment import parse_wire_time, wire_time


def corrected_at(event: Event, steps: Iterable[Event]) -> str:
    """Return the wall time of an event, by the last step of the clock in the same boot after it.

    Args:
        event: any event.
        steps: ``clock.stepped`` events in order; those of other epochs and boots, and those before the event,
            say nothing about it.

    Returns:
        a wire time; the event's own when no step came later. It follows from the span of ``up_ms`` between
        the two, not from ``was``: a time that was lifted to that of the event before it is put right, too.
    """
    later = [
        step
        for step in steps
        if (step.kind, step.epoch, step.boot) == ("clock.stepped", event.epoch, event.boot)
        and step.seq > event.seq
    ]
    if not later:
        return event.at
    step = later[-1]
    now: datetime = parse_wire_time(step.data["now"])
    return wire_time(now - timedelta(milliseconds=max(0, step.up_ms - event.up_ms)))
