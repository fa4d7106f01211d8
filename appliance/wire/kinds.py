"""The kinds of events, wire version 1: one schema each. ``docs/kinds.md`` is generated from here.

There is no name, citizen number, dossier code, phone, MAC or IP address, or URL in any kind, and none may be
added. Unknown kinds and unknown keys are accepted, stored and passed on.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from appliance.wire.schema import (
    BOOLEAN,
    COUNT,
    DAY,
    EPOCH,
    HASH,
    HOUR,
    ID,
    INSTANT,
    LABEL,
    OBJECT,
    REQUEST,
    SEQ,
    TEXT,
    TICKET,
    WHY,
    WORDS,
    Schema,
    Value,
    integer,
    list_of,
    one_of,
)

PRINT_RESULTS = ("ok", "paper", "offline", "unknown")
RATING_SOURCES = ("gpio", "serial", "web", "phone")
RATING_FLAGS = ("unbound", "repeat", "burst", "stuck")
TICKET_STATES = ("WAITING", "CALLED", "SERVING", "ON_HOLD", "NO_SHOW", "SERVED", "CANCELLED")
MIN_LEVELS, MAX_LEVELS = 2, 5
MIN_SESSIONS = 5  # an hour with fewer could describe one person: only that it was so leaves the box

_OFFICER = ID.or_null()
_COUNTER_OR_NULL = ID.or_null()
_DAY_SOURCE = one_of("clock", "officer", "command", "epoch")
_SPAN_MS = integer("milliseconds within one boot", 0).or_null()


def _level_within(data: dict[str, Any]) -> tuple[str, str] | None:
    return (
        None if data["level"] <= data["levels"] else ("level", f"must be at most levels ({data['levels']})")
    )


def _one_target(data: dict[str, Any]) -> tuple[str, str] | None:
    if ("to_service" in data) == ("to_counter" in data):
        return ("to_service", "exactly one of to_service and to_counter must be there")
    return None


def _usage(data: dict[str, Any]) -> tuple[str, str] | None:
    counts = ("sessions", "peak_clients", "refused", "bytes_down", "bytes_up")
    if "suppressed" in data:
        if data["suppressed"] is not True:
            return ("suppressed", "must be true or absent")
        shown = [key for key in counts if key in data]
        return (shown[0], "must not be there when suppressed") if shown else None
    missing = [key for key in counts if key not in data]
    if missing:
        return (missing[0], "missing")
    if data["sessions"] < MIN_SESSIONS:
        return ("sessions", f"under {MIN_SESSIONS}: only hour and suppressed may be there")
    return None


def _kind(required: dict[str, Value], optional: dict[str, Value] | None = None, **more: Any) -> Schema:  # noqa: ANN401
    return Schema(required, {**(optional or {}), "request": REQUEST}, **more)


def _each(schema: Schema, *names: str) -> dict[str, Schema]:
    return dict.fromkeys(names, schema)


_TICKET_AT_COUNTER = {"ticket": TICKET, "counter": ID, "officer": _OFFICER}
_LEFT = {
    "ticket": TICKET,
    "counter": _COUNTER_OR_NULL,
    "officer": _OFFICER,
    "reason": one_of("officer", "next_called", "late", "recycle", "left", "day_end"),
}
_RELEASE = {"from": TEXT, "to": TEXT, "reason": WORDS}

KINDS: Mapping[str, Schema] = MappingProxyType(
    {
        **_each(_kind({"day": DAY, "source": _DAY_SOURCE, "carries": OBJECT}), "day.opened", "day.closed"),
        "device.started": _kind(
            {
                "software": TEXT,
                "board": TEXT,
                "reason": one_of("power", "restart", "update", "crash", "unknown"),
            }
        ),
        **_each(_kind({"issue": TEXT, "subject": WORDS}), "device.fault", "device.cleared"),
        "clock.stepped": _kind(
            {"was": INSTANT, "now": INSTANT, "source": one_of("ntp", "rtc", "receipt", "officer")}
        ),
        "config.applied": _kind({"sha256": HASH, "keys": list_of(TEXT)}),
        **_each(
            _kind({"epoch": EPOCH, "upto": COUNT, "unreadable": COUNT}), "journal.salvaged", "journal.pruned"
        ),
        **_each(
            _kind({"counter": ID, "officer": _OFFICER, "services": list_of(ID), "reason": WORDS}),
            "counter.opened",
            "counter.paused",
            "counter.closed",
        ),
        "ticket.issued": _kind(
            {
                "ticket": TICKET,
                "label": LABEL,
                "service": ID,
                "priority": ID,
                "source": one_of("button", "kiosk", "staff", "phone"),
            }
        ),
        "ticket.carried": _kind(
            {
                "ticket": TICKET,
                "label": LABEL,
                "service": ID,
                "priority": ID,
                "state": one_of(*TICKET_STATES),
                "counter": _COUNTER_OR_NULL,
            }
        ),
        **_each(
            _kind({**_TICKET_AT_COUNTER, "why": WHY, "waited_ms": _SPAN_MS}),
            "ticket.called",
            "ticket.recalled",
        ),
        **_each(_kind(_TICKET_AT_COUNTER), "ticket.started", "ticket.held", "ticket.resumed"),
        "ticket.served": _kind(
            {
                **_TICKET_AT_COUNTER,
                "served_ms": _SPAN_MS,
                "reason": one_of("officer", "next_called", "day_end"),
            },
            {"stage": one_of("receive", "return")},
        ),
        **_each(_kind(_LEFT), "ticket.no_show", "ticket.cancelled"),
        "ticket.returned": _kind(_LEFT, {"ahead": COUNT}),
        "ticket.transferred": _kind(
            {"ticket": TICKET, "counter": _COUNTER_OR_NULL, "officer": _OFFICER},
            {"to_service": ID, "to_counter": ID, "ahead": COUNT},
            also=_one_target,
            note="exactly one of `to_service` and `to_counter`",
        ),
        "ticket.printed": _kind({"ticket": TICKET, "result": one_of(*PRINT_RESULTS), "copy": COUNT}),
        "rating.given": _kind(
            {
                "counter": ID,
                "level": integer("1 = worst … `levels` = best", 1, MAX_LEVELS),
                "levels": integer(f"{MIN_LEVELS}–{MAX_LEVELS}", MIN_LEVELS, MAX_LEVELS),
                "source": one_of(*RATING_SOURCES),
                "ticket": TICKET.or_null(),
                "officer": _OFFICER,
                "flags": list_of(one_of(*RATING_FLAGS)),
                "corrects": SEQ.or_null(),
            },
            also=_level_within,
            note="`level` at most `levels`",
        ),
        "rating.reason": _kind({"rating": SEQ, "reason": ID}),
        "hotspot.usage": _kind(
            {"hour": HOUR},
            {
                "sessions": COUNT,
                "peak_clients": COUNT,
                "refused": COUNT,
                "bytes_down": COUNT,
                "bytes_up": COUNT,
                "suppressed": BOOLEAN,
            },
            also=_usage,
            note=f"all five counts; or, under {MIN_SESSIONS} sessions, `suppressed: true` and none of them",
        ),
        "sensor.sampled": _kind(
            {"sensor": ID, "quantity": ID, "milli": integer("value x 1000", -(2**53) + 1)}
        ),
        "hardware.tested": _kind({"subject": TEXT, "result": TEXT, "by": WORDS}),
        "notice.shown": _kind({"notice": ID, "screens": list_of(ID)}),
        **_each(_kind(_RELEASE), "update.installed", "update.confirmed", "update.rolled_back"),
        "action.done": _kind({"action": ID, "result": TEXT}),
        **_each(
            _kind({"officer": _OFFICER, "role": WORDS}),
            "staff.signed_in",
            "staff.signed_out",
            "staff.refused",
        ),
    }
)


def check_data(kind: str, data: dict[str, Any]) -> None:
    """Check the ``data`` of an event; an unknown kind passes.

    Raises:
        BadEventError: names the member that is wrong.
    """
    schema = KINDS.get(kind)
    if schema is not None:
        schema.check(data)


def kinds_table() -> str:
    """Return the documentation's table of kinds, Markdown."""
    rows = ["| kind | data |", "|---|---|"]
    for name, schema in KINDS.items():
        required = [f"`{key}`: {value.words}" for key, value in schema.required.items()]
        optional = [f"[`{key}`: {value.words}]" for key, value in schema.optional.items()]
        note = f". {schema.note[0].upper()}{schema.note[1:]}" if schema.note else ""
        rows.append(f"| `{name}` | {'; '.join(required + optional)}{note} |")
    return "\n".join(rows) + "\n"
