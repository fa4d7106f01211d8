"""The table "Kinds (v1)" of the wire, written down a second time.

A key is required unless it is listed as optional. Null is refused unless the description says "or null",
speaks of an officer or of a duration, or the event can concern a ticket that was at no counter. Unknown kinds
and unknown keys are accepted; unknown values of a closed list are not.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from audit_line import HEX_SHA256, LOCAL_ID, UUID_V7, Json, is_day, is_instant, is_integer, is_match

Check: TypeAlias = Callable[[object], bool]

TICKET = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([A-Za-z0-9_-]{1,32})/([1-9][0-9]*)")
HOUR = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3])")
SMALL_CELL = 5


def text(value: object) -> bool:
    return isinstance(value, str)


def word(value: object) -> bool:
    return isinstance(value, str) and value != ""


def local_id(value: object) -> bool:
    return is_match(value, LOCAL_ID)


def digest(value: object) -> bool:
    return is_match(value, HEX_SHA256)


def epoch(value: object) -> bool:
    return is_match(value, UUID_V7)


def count(value: object) -> bool:
    return is_integer(value, 0)


def seq(value: object) -> bool:
    return is_integer(value, 1)


def integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def mapping(value: object) -> bool:
    return isinstance(value, dict)


def ticket(value: object) -> bool:
    found = TICKET.fullmatch(value) if isinstance(value, str) else None
    return found is not None and is_day(found[1])


def hour(value: object) -> bool:
    found = HOUR.fullmatch(value) if isinstance(value, str) else None
    return found is not None and is_day(found[1])


def one_of(*values: str) -> Check:
    return lambda value: isinstance(value, str) and value in values


def or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def count_or_list(value: object) -> bool:
    return count(value) or isinstance(value, list)


def why(value: object) -> bool:
    return (
        isinstance(value, dict)
        and word(value.get("rule"))
        and count_or_list(value.get("ahead"))
        and count_or_list(value.get("skipped"))
    )


def _no_faults(_data: Mapping[str, Json]) -> Iterator[str]:
    return iter(())


def _transfer_faults(data: Mapping[str, Json]) -> Iterator[str]:
    if data.get("to_service") is None and data.get("to_counter") is None:
        yield "neither to_service nor to_counter is given"


def _rating_faults(data: Mapping[str, Json]) -> Iterator[str]:
    level, levels = data.get("level"), data.get("levels")
    if isinstance(level, int) and isinstance(levels, int) and level > levels:
        yield f"level {level} is above levels {levels}"


def _usage_faults(data: Mapping[str, Json]) -> Iterator[str]:
    sessions = data.get("sessions")
    if "suppressed" in data:
        if data["suppressed"] is not True:
            yield f"suppressed is {data['suppressed']!r}, only true exists"
        for key in sorted(USAGE.keys() & data.keys()):
            yield f"{key} is given although the hour is suppressed"
        return
    for key, check in USAGE.items():
        if not check(data.get(key)):
            yield f"{key} is {data.get(key)!r}" if key in data else f"{key} is missing"
    if isinstance(sessions, int) and sessions < SMALL_CELL:
        yield f"{sessions} sessions are fewer than {SMALL_CELL}: the hour must be suppressed"


@dataclass(frozen=True, slots=True)
class Kind:
    """What the `data` of a kind must hold.

    Args:
        required: Check by key.
        optional: Check by key, made when the key is there.
        rule: What joins several keys; yields one reason for each fault.
    """

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    rule: Callable[[Mapping[str, Json]], Iterator[str]] = _no_faults


OFFICER: Mapping[str, Check] = {"officer": or_null(local_id)}
AT_COUNTER: Mapping[str, Check] = {"ticket": ticket, "counter": local_id, **OFFICER}
TICKET_HEAD: Mapping[str, Check] = {"ticket": ticket, "label": word, "service": local_id, "priority": word}
USAGE: Mapping[str, Check] = {
    "sessions": count,
    "peak_clients": count,
    "refused": count,
    "bytes_down": count,
    "bytes_up": count,
}

DAY = Kind({"day": is_day, "source": one_of("clock", "officer", "command", "epoch"), "carries": mapping})
ISSUE = Kind({"issue": word, "subject": text})
JOURNAL = Kind({"epoch": epoch, "upto": count, "unreadable": count})
COUNTER = Kind({"counter": local_id, **OFFICER, "services": list_of(local_id), "reason": text})
CALL = Kind({**AT_COUNTER, "why": why, "waited_ms": or_null(count)})
SERVICE = Kind(AT_COUNTER)
LEAVING = Kind(
    {
        **AT_COUNTER,
        # A ticket that still waits is at no counter, and can be cancelled or day_end'ed.
        "counter": or_null(local_id),
        "reason": one_of("officer", "next_called", "late", "recycle", "left", "day_end"),
    }
)
UPDATE = Kind({"from": text, "to": text, "reason": text})
STAFF = Kind({**OFFICER, "role": text})

KINDS: Mapping[str, Kind] = {
    "day.opened": DAY,
    "day.closed": DAY,
    "device.started": Kind(
        {
            "software": word,
            "board": word,
            "reason": one_of("power", "restart", "update", "crash", "unknown"),
        }
    ),
    "device.fault": ISSUE,
    "device.cleared": ISSUE,
    "clock.stepped": Kind(
        {"was": is_instant, "now": is_instant, "source": one_of("ntp", "rtc", "receipt", "officer")}
    ),
    "config.applied": Kind({"sha256": digest, "keys": list_of(text)}),
    "journal.salvaged": JOURNAL,
    "journal.pruned": JOURNAL,
    "counter.opened": COUNTER,
    "counter.paused": COUNTER,
    "counter.closed": COUNTER,
    "ticket.issued": Kind({**TICKET_HEAD, "source": one_of("button", "kiosk", "staff", "phone")}),
    "ticket.carried": Kind({**TICKET_HEAD, "state": word, "counter": or_null(local_id)}),
    "ticket.called": CALL,
    "ticket.recalled": CALL,
    "ticket.started": SERVICE,
    "ticket.held": SERVICE,
    "ticket.resumed": SERVICE,
    "ticket.served": Kind(
        {
            **AT_COUNTER,
            "served_ms": or_null(count),
            "reason": one_of("officer", "next_called", "day_end"),
        },
        optional={"stage": one_of("receive", "return")},
    ),
    "ticket.no_show": LEAVING,
    "ticket.returned": LEAVING,
    "ticket.cancelled": LEAVING,
    "ticket.transferred": Kind(
        AT_COUNTER,
        optional={"to_service": or_null(local_id), "to_counter": or_null(local_id)},
        rule=_transfer_faults,
    ),
    "ticket.printed": Kind(
        {"ticket": ticket, "result": one_of("ok", "paper", "offline", "unknown"), "copy": count}
    ),
    "rating.given": Kind(
        {
            "counter": local_id,
            "level": seq,
            "levels": seq,
            "source": one_of("gpio", "serial", "web", "phone"),
            "ticket": or_null(ticket),
            **OFFICER,
            "flags": list_of(one_of("unbound", "repeat", "burst", "stuck")),
            "corrects": or_null(seq),
        },
        rule=_rating_faults,
    ),
    "rating.reason": Kind({"rating": seq, "reason": word}),
    "hotspot.usage": Kind({"hour": hour}, rule=_usage_faults),
    "sensor.sampled": Kind({"sensor": local_id, "quantity": word, "milli": integer}),
    "hardware.tested": Kind({"subject": text, "result": text, "by": text}),
    "notice.shown": Kind({"notice": word, "screens": count_or_list}),
    "update.installed": UPDATE,
    "update.confirmed": UPDATE,
    "update.rolled_back": UPDATE,
    "action.done": Kind({"action": word, "result": text}),
    "staff.signed_in": STAFF,
    "staff.signed_out": STAFF,
    "staff.refused": STAFF,
}


def data_faults(kind: str, data: Mapping[str, Json]) -> Iterator[str]:
    """Reasons why `data` is not what its kind asks for; none for a kind that is not in the table."""
    known = KINDS.get(kind)
    if known is None:
        return
    for key, check in known.required.items():
        if key not in data:
            yield f"{key} is missing"
        elif not check(data[key]):
            yield f"{key} is {str(data[key])[:60]!r}"
    for key, check in {"request": word, **known.optional}.items():
        if key in data and not check(data[key]):
            yield f"{key} is {str(data[key])[:60]!r}"
    yield from known.rule(data)
