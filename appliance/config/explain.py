"""From pydantic's list of errors to problems a technician can act on."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from appliance.config.keys import nearest, required_in
from appliance.config.problem import MAX_PROBLEMS, Problem, join_key, problem, shown
from appliance.config.sentences import SENTENCES

MAX_LEAVES: Final = 20
"""Keys of one unknown table that are looked up one by one."""

_VALUELESS: Final = frozenset(
    {
        "missing",
        "schedule.both",
        "web.certificate",
        "display.counter",
        "hotspot.certificate",
        "hotspot.psk",
        "portal.both",
        # A passphrase is shown to nobody, not even a wrong one.
        "hotspot.passphrase",
    }
)


def explain(error: ValidationError) -> Iterator[Problem]:
    """Yield one problem for each error of a validation; an unknown table gives one for each key in it."""
    lookups = 0
    for details in error.errors(include_url=False):
        if details["type"] == "extra_forbidden":
            for place, leaf in _leaves(details["loc"], details["input"], MAX_LEAVES):
                # Looking for what was meant takes a millisecond, and more would not be shown anyway.
                yield _unknown(place, leaf, nearest(place) if lookups < MAX_PROBLEMS else None)
                lookups += 1
        elif details["type"] == "missing" and (inside := required_in(join_key(details["loc"]))):
            # The whole table is missing: name what it needs, so that the next run has nothing new to say.
            yield from (problem("missing", key) for key in inside)
        else:
            yield _explained(details)


def _explained(details: ErrorDetails) -> Problem:
    rule = details["type"]
    # A key that is itself refused: pydantic says so behind the key.
    key = join_key(details["loc"][:-1] if details["loc"][-1:] == ("[key]",) else details["loc"])
    value = None if rule in _VALUELESS else shown(details["input"])
    fields: dict[str, Any] = dict(details.get("ctx", {}))
    if rule == "literal_error":
        fields["expected"] = str(fields["expected"]).replace(" or ", ", ").replace("'", '"')
    if rule not in SENTENCES:
        return problem("value", key, value, detail=details["msg"])
    fields.pop("rule", None)
    return problem(rule, key, value, **fields)


def _unknown(place: tuple[str | int, ...], value: object, meant: str | None) -> Problem:
    if meant is None:
        return problem("key.unknown", join_key(place), shown(value))
    return problem("key.misspelled", join_key(place), shown(value), nearest=meant)


def _leaves(
    path: tuple[str | int, ...], value: object, room: int
) -> list[tuple[tuple[str | int, ...], object]]:
    found: list[tuple[tuple[str | int, ...], object]] = []
    if not isinstance(value, Mapping) or not value:
        return [(path, value)]
    for key, inner in value.items():
        if len(found) >= room:
            break
        found.extend(_leaves((*path, str(key)), inner, room - len(found)))
    return found
