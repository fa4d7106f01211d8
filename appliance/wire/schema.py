"""A small language for the ``data`` of a kind: named checks, required and optional keys."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from appliance.wire.errors import BadEventError
from appliance.wire.moment import is_wire_time

MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Value:
    """One check of a value and the words the documentation uses for it."""

    words: str
    accepts: Callable[[Any], bool]

    def or_null(self) -> "Value":
        """Return the same check that also accepts null."""
        accepts = self.accepts
        return Value(f"{self.words}, or null", lambda value: value is None or accepts(value))


def pattern(words: str, expression: str) -> Value:
    """Return a check of a whole string against a regular expression over ASCII digits."""
    matches = re.compile(expression, re.ASCII).fullmatch
    return Value(words, lambda value: isinstance(value, str) and matches(value) is not None)


def dated(words: str, expression: str) -> Value:
    """Return a :func:`pattern` that begins with a date which the calendar has."""
    shape = pattern(words, expression).accepts
    return Value(words, lambda value: shape(value) and _is_date(value[:10]))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def one_of(*words: str) -> Value:
    """Return a check of a string against a closed list."""
    allowed = frozenset(words)
    shown = ", ".join(f"`{word}`" for word in words)
    return Value(shown, lambda value: isinstance(value, str) and value in allowed)


def integer(words: str, least: int, most: int = 2**53 - 1) -> Value:
    """Return a check of an integer in a closed range."""
    return Value(words, lambda value: type(value) is int and least <= value <= most)


def list_of(item: Value) -> Value:
    """Return a check of a list whose every item passes."""
    return Value(
        f"list of {item.words}", lambda value: isinstance(value, list) and all(map(item.accepts, value))
    )


def exactly(words: str, members: Mapping[str, Value]) -> Value:
    """Return a check of an object with these members, all required; unknown ones are accepted."""
    return Value(
        words,
        lambda value: (
            isinstance(value, dict)
            and all(key in value and check.accepts(value[key]) for key, check in members.items())
        ),
    )


TEXT = Value(
    f"text of 1–{MAX_TEXT} characters", lambda value: isinstance(value, str) and 0 < len(value) <= MAX_TEXT
)
WORDS = Value(
    f"text of up to {MAX_TEXT} characters", lambda value: isinstance(value, str) and len(value) <= MAX_TEXT
)
ID = pattern("local id", r"[A-Za-z0-9_-]{1,32}")
OBJECT = Value("object", lambda value: isinstance(value, dict))
BOOLEAN = Value("true or false", lambda value: isinstance(value, bool))
COUNT = integer("integer of at least 0", 0)
HASH = pattern("hex SHA-256", r"[0-9a-f]{64}")
EPOCH = pattern("UUIDv7", r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DAY = dated("business day", r"\d{4}-\d\d-\d\d")
HOUR = dated("local hour `2026-11-23T08`", r"\d{4}-\d\d-\d\dT([01]\d|2[0-3])")
INSTANT = Value("UTC instant", is_wire_time)
TICKET = dated("`<business day>/<series>/<number>`", r"\d{4}-\d\d-\d\d/[A-Za-z0-9_-]{1,32}/[1-9]\d{0,8}")
LABEL = pattern("label", r"[^\x00-\x1f]{1,32}")
REQUEST = pattern("idempotency id", r"[A-Za-z0-9._:-]{1,64}")
SEQ = integer("seq of an event", 1)
WHY = exactly("`{rule, ahead, skipped}`", {"rule": TEXT, "ahead": COUNT, "skipped": COUNT})


@dataclass(frozen=True, slots=True)
class Schema:
    """The members of a kind's ``data``.

    Args:
        required: keys that must be there.
        optional: keys that may be there. Any other key is accepted unchecked (it may be newer than we are).
        also: a check over several members; returns ``None``, or the field and the reason.
        note: what ``also`` demands, in words for the documentation.
    """

    required: Mapping[str, Value]
    optional: Mapping[str, Value] = field(default_factory=dict)
    also: Callable[[dict[str, Any]], tuple[str, str] | None] | None = None
    note: str = ""

    def check(self, data: dict[str, Any]) -> None:
        """Check ``data``.

        Raises:
            BadEventError: names the first member that is missing or wrong.
        """
        for key, value in self.required.items():
            if key not in data:
                raise BadEventError(field=f"data.{key}", reason=f"missing; must be {value.words}")
            if not value.accepts(data[key]):
                raise BadEventError(field=f"data.{key}", reason=f"must be {value.words}", value=data[key])
        for key, value in self.optional.items():
            if key in data and not value.accepts(data[key]):
                raise BadEventError(field=f"data.{key}", reason=f"must be {value.words}", value=data[key])
        if self.also is not None and (wrong := self.also(data)) is not None:
            raise BadEventError(field=f"data.{wrong[0]}", reason=wrong[1], value=data.get(wrong[0]))
